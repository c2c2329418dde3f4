-- Charging stations: who they are, how they prove it, which tags may charge; and the sessions that their
-- transactions add up to. Reference data but for the view, which reads the messages' family (party).

create table charger (
	id bigint generated always as identity primary key,
	party bigint not null references party, -- who operates it
	name text collate "C" not null unique check (name ~ '^[!-~]{1,64}$'), -- its identity, the end of its URL
	instance text collate "C" not null references instance, -- which speaks with it
	state text collate "C" not null default 'accepted' check (state in ('accepted', 'pending', 'rejected')),
	profile smallint not null default 1 check (profile between 0 and 3), -- the least security profile it may use
	secret text not null default '', -- of its password, with how it was made; '': none
	created timestamptz not null default now()
);
create index charger_instance on charger (instance);

create table charge_tag (
	tag text collate "C" primary key check (tag = upper(tag) and octet_length(tag) between 1 and 80),
	party bigint not null references party, -- who issued it
	state text collate "C" not null default 'accepted' check (state in ('accepted', 'blocked')),
	valid_to timestamptz not null default 'infinity',
	parent text collate "C" not null default '',
	alone boolean not null default false -- one transaction at a time
);

insert into epoch (name) values ('charger');

-- "1500 Wh", "1.5 kWh" in Wh; null for anything else
create function register_wh(text) returns numeric language sql immutable strict as $$
	select case when $1 ~ '^-?[0-9]+(\.[0-9]+)? (k?Wh)$'
		then split_part($1, ' ', 1)::numeric * case when $1 like '% kWh' then 1000 else 1 end end
$$;

-- A session of each start, and of each stop that has none. What a start says counts for who and when it began, what
-- the stop says for how it ended.
create view charging_session as
with start as (
	select party, body->>'meter' as station, body->>'id' as transaction, channel, point, time, body->>'tag' as tag,
		register_wh(body->'details'->>'register_start') as wh, id
	from message where type = 3 and body->>'phase' = 'start'
), stop as (
	select party, body->>'meter' as station, body->>'id' as transaction, channel, point, time, body->>'tag' as tag,
		register_wh(body->'details'->>'register_stop') as wh, body->'details'->>'reason' as reason, id, key
	from message where type = 3 and body->>'phase' = 'stop'
), both_ends as (
	select s.party, s.station, s.transaction, s.channel, s.point, s.tag, s.time as started, e.time as ended,
		s.wh as start_wh, e.wh as stop_wh, e.reason, e.id is not null as closed, true as begun, s.id
	from start s left join stop e on e.party = s.party and e.key = s.station || '|' || s.transaction || '|stop|0'
	union all
	select e.party, e.station, e.transaction, e.channel, e.point, e.tag, null, e.time, null, e.wh, e.reason, true, false, e.id
	from stop e where not exists (select from message m where m.party = e.party and m.type = 3
		and m.key = e.station || '|' || e.transaction || '|start|0')
)
select party, station, transaction, channel, point, coalesce(tag, '') as tag, started, ended, start_wh, stop_wh,
	case when stop_wh >= start_wh then stop_wh - start_wh end as energy_wh, coalesce(reason, '') as reason,
	case when not begun then 'no_start' when not closed then 'open' when stop_wh is null then 'no_register'
		when stop_wh < start_wh then 'register_fell' when ended < started then 'ends_before_start' else '' end as problem,
	(select max(u.time) from message u where u.party = b.party and u.type = 3
		and u.key >= b.station || '|' || b.transaction || '|update|' and u.key < b.station || '|' || b.transaction || '|update}')
		as last_update, id
from both_ends b;

create index message_transaction on message (party, id) where type = 3;
