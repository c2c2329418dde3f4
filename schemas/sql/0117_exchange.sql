-- Notices, requests for data and view commands, and who looked at what.

-- family: party ----------------------------------------------------------------------------------

-- A notice (公告) of a party to whom it may concern within places, for as long as it holds.
create sequence notice_id;
create table notice (
	party bigint not null,
	id bigint not null default nextval('notice_id'),
	commodity text collate "C" not null default '', -- '': of none
	severity text collate "C" not null check (severity in ('info', 'warning', 'urgent')),
	premises bigint[] not null check (array_length(premises, 1) between 1 and 64), -- these and what is below them
	title_zh text not null,
	title_en text not null,
	text_zh text not null,
	text_en text not null,
	valid_from timestamptz not null,
	valid_to timestamptz not null,
	by text not null default '', -- person
	made timestamptz not null default now(),
	withdrawn timestamptz,
	told int not null default 0, -- parties in whose feeds it was put
	primary key (party, id),
	check (valid_from < valid_to)
);
create index notice_number on notice (id);
create index notice_places on notice using gin (premises);

-- One party asks another: for data it needs, or to be shown something (a view command, 查看命令), with its purpose.
create sequence exchange_request_id;
create table exchange_request (
	party bigint not null, -- who asks
	id bigint not null default nextval('exchange_request_id'),
	kind text collate "C" not null check (kind in ('data_request', 'view_command')),
	asked_of bigint not null,
	commodity text collate "C" not null default '',
	purpose text not null check (purpose <> ''),
	what text not null check (what <> ''),
	premises bigint[] not null default '{}',
	data_from timestamptz, -- of what was measured then
	data_to timestamptz,
	expires timestamptz not null,
	state text collate "C" not null default 'asked' check (state in ('asked', 'granted', 'refused', 'fulfilled', 'withdrawn')),
	reference text not null default '', -- what it was fulfilled by: a receipt, a file, a consent
	by text not null default '',
	made timestamptz not null default now(),
	primary key (party, id)
);
create index exchange_request_number on exchange_request (id);
create index exchange_request_asked_of on exchange_request (asked_of, id);

create table exchange_step (
	party bigint not null,
	request bigint not null,
	n int not null,
	state text collate "C" not null,
	actor bigint not null, -- party
	by text not null default '',
	note text not null default '',
	at timestamptz not null default clock_timestamp(),
	primary key (party, request, n)
);

-- family: point ----------------------------------------------------------------------------------

-- Who read what is measured in somebody else's home: once a day for each party, person, purpose and quantity.
create table viewing (
	point bigint not null,
	party bigint not null,
	person text collate "C" not null default '',
	purpose text collate "C" not null default '', -- '': its own business there, as a utility's
	quantity smallint not null,
	grain smallint not null, -- as consent.grain
	day date not null, -- UTC
	at timestamptz not null default clock_timestamp(), -- the first time on that day
	primary key (point, party, person, purpose, quantity, grain, day)
);
create index viewing_party on viewing (party, at);

-- The second wall: each sees what it sent, was asked or did; recipients by area are decided by the API.
alter table notice enable row level security;
create policy wall on notice using (withdrawn is null or (select hub_all()) or party = (select hub_party()))
	with check ((select hub_all()) or party = (select hub_party()));
alter table exchange_request enable row level security;
create policy wall on exchange_request using ((select hub_all()) or party = (select hub_party()) or asked_of = (select hub_party()));
alter table exchange_step enable row level security;
create policy wall on exchange_step using ((select hub_all())
	or exists (select from exchange_request q where q.party = exchange_step.party and q.id = exchange_step.request));
alter table viewing enable row level security;
create policy wall on viewing using ((select hub_all()) or party = (select hub_party())
	or exists (select from wall_point_party o where o.point = viewing.point and o.party = (select hub_party())
		and o.role in ('owner', 'occupant')));
