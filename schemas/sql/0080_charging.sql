-- Charging sessions as rows of their own, and what they cost.

-- reference data: who pays for a tag and by which tariff; what a station asks of whom no tag's tariff says otherwise.
alter table charge_tag add column account bigint references billing_account;
alter table charge_tag add column tariff text collate "C" not null default '';
alter table charger add column tariff text collate "C" not null default '';

-- family: party. A row a session, made with its first word, and what became of its money. It ends as charged once.
create sequence charging_id;
create table charging (
	party bigint not null, -- who operates the station
	station text collate "C" not null,
	transaction text collate "C" not null,
	id bigint not null default nextval('charging_id'),
	point bigint,
	channel text collate "C" not null default '',
	tag text collate "C" not null default '',
	account bigint not null default 0, -- of the tag, as it was then; 0: nobody's
	state text collate "C" not null default 'waiting' check (state in ('waiting', 'charged', 'free', 'held')),
	cause text collate "C" not null default '', -- why it is free or held
	due timestamptz not null default clock_timestamp(), -- when it is looked at next
	told boolean not null default false, -- that it never closes
	primary key (party, station, transaction)
);
create index charging_due on charging (due) where state in ('waiting', 'held');
create index charging_number on charging (id);
create index charging_party on charging (party, id);
create index charging_account on charging (account, id) where account <> 0;
create index charging_point on charging (point, id) where point is not null;

-- family: account. What a session costs, rated once by the document of that time.
create sequence charging_charge_id;
create table charging_charge (
	account bigint not null,
	id bigint not null default nextval('charging_charge_id'),
	party bigint not null,
	station text collate "C" not null,
	transaction text collate "C" not null,
	point bigint not null,
	tariff bigint not null, -- the document
	started timestamptz not null,
	ended timestamptz not null,
	energy_wh bigint not null check (energy_wh >= 0),
	amount bigint not null,
	lines jsonb not null, -- as rating tells them
	cycle int not null default 0, -- of the bill that has it; 0: none yet
	made timestamptz not null default now(),
	primary key (account, party, station, transaction),
	check (started <= ended)
);
create unique index charging_charge_number on charging_charge (account, id);
create index charging_charge_open on charging_charge (account) where cycle = 0;
create index charging_charge_cycle on charging_charge (account, cycle, party);

-- The second wall: the operator, the account's holder, and who has a role at the point.
alter table charging enable row level security;
create policy wall on charging using ((select hub_all()) or party = (select hub_party())
	or exists (select from wall_holder h where h.account = charging.account and h.holder = (select hub_party()))
	or exists (select from wall_point_party o where o.point = charging.point and o.party = (select hub_party())));
alter table charging_charge enable row level security;
create policy wall on charging_charge using ((select hub_all()) or party = (select hub_party())
	or exists (select from wall_holder h where h.account = charging_charge.account and h.holder = (select hub_party())));

insert into charging (party, station, transaction, point, channel, tag)
select distinct on (party, body->>'meter', body->>'id') party, body->>'meter', body->>'id', point, channel, upper(coalesce(body->>'tag', ''))
from message where type = 3 and body->>'phase' in ('start', 'stop') order by party, body->>'meter', body->>'id', body->>'phase';

-- A session by its row: its first and its last word are found by their keys.
drop view charging_session;
create view charging_session with (security_invoker = true) as
select k.party, k.station, k.transaction, k.channel, k.point, k.tag, s.time as started, e.time as ended, s.wh as start_wh,
	e.wh as stop_wh, case when e.wh >= s.wh then e.wh - s.wh end as energy_wh, coalesce(e.reason, '') as reason,
	case when s.id is null then 'no_start' when e.id is null then 'open' when e.wh is null then 'no_register'
		when e.wh < s.wh then 'register_fell' when e.time < s.time then 'ends_before_start' else '' end as problem,
	(select max(u.time) from message u where u.party = k.party and u.type = 3
		and u.key >= k.station || '|' || k.transaction || '|update|' and u.key < k.station || '|' || k.transaction || '|update}')
		as last_update, k.id, k.account, k.state, k.cause
from charging k
left join lateral (select m.id, m.time, register_wh(m.body->'details'->>'register_start') as wh from message m
	where m.party = k.party and m.type = 3 and m.key = k.station || '|' || k.transaction || '|start|0') s on true
left join lateral (select m.id, m.time, register_wh(m.body->'details'->>'register_stop') as wh, m.body->'details'->>'reason' as reason
	from message m where m.party = k.party and m.type = 3 and m.key = k.station || '|' || k.transaction || '|stop|0') e on true;
grant select on charging_session to hub_api;
