-- Demand response: programmes, what takes part, events, what was ordered and what came of it. Powers in W, prices and costs
-- in 10^-4 of the currency's unit.

-- reference data: programmes, feeders, resources and events
create table demand_programme (
	id bigint generated always as identity primary key,
	code text collate "C" not null unique check (code ~ '^[a-z0-9][a-z0-9_-]{0,63}$'),
	party bigint not null references party, -- who runs it, and whose right to command counts
	name_zh text not null default '',
	name_en text not null default '',
	method text collate "C" not null default '5of10' check (method in ('5of10', '10of10')),
	price bigint not null default 0 check (price between 0 and 1000000000), -- credit for a kWh
	settle_s int not null default 30 check (settle_s between 5 and 3600),   -- from an order to the look at the meters
	stagger_s int not null default 300 check (stagger_s between 0 and 3600) -- over which the release is spread
);

create table demand_feeder (
	code text collate "C" primary key check (code ~ '^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$'),
	cap bigint not null check (cap >= 0) -- W that may be ordered on it
);

create table demand_resource (
	programme bigint not null references demand_programme,
	point bigint not null references point,
	kind text collate "C" not null check (kind in ('building', 'charger', 'gateway', 'provider')),
	control text collate "C" not null default 'set_point' check (control in ('set_point', 'charger_limit', 'scheme')),
	channel text collate "C" not null default '',
	feeder text collate "C" references demand_feeder,
	most bigint not null check (most between 0 and 100000000),       -- reduction
	least bigint not null default 0 check (least between 0 and most), -- of a reduction that is worth while
	keep bigint not null default 0 check (keep >= 0),   -- never set below: minimum charge rate, what a building needs
	normal bigint not null check (normal >= keep),      -- the set-point without an event
	cost bigint not null check (cost between 0 and 900000000), -- of a kW
	need_wh bigint not null default 0 check (need_wh >= 0), -- still wanted at departure
	departure timestamptz not null default 'infinity',
	opted_in boolean not null default true,
	rate int not null default 1000000 check (rate between 0 and 1000000), -- delivered of ordered, learned
	trials int not null default 0,
	debt bigint not null default 0 check (debt >= 0), -- of fairness, added to the cost
	primary key (programme, point)
);

create table demand_event (
	id bigint generated always as identity primary key,
	programme bigint not null references demand_programme,
	target bigint not null check (target > 0),
	notice timestamptz not null, -- when those concerned are told
	starts timestamptz not null,
	ends timestamptz not null check (starts < ends and ends <= starts + interval '1 day'),
	area bigint references premise,
	automatic boolean not null, -- else each round waits for a person
	state text collate "C" not null default 'planned' check (state in ('planned', 'told', 'active', 'releasing', 'over', 'cancelled')),
	round int not null default 0,
	approved int not null default 0, -- rounds that a person let go
	looked timestamptz not null default '-infinity', -- when the round's orders went out, or were last looked at
	short bigint not null default 0, -- W that could not be had
	asked_by text not null,
	lease_until timestamptz not null default '-infinity',
	made timestamptz not null default clock_timestamp()
);
create index demand_event_open on demand_event (id) where state not in ('over', 'cancelled');

-- family: point
create table demand_order (
	point bigint not null,
	event bigint not null,
	round int not null check (round > 0),
	ordered bigint not null check (ordered > 0),
	baseline bigint not null,
	limit_w bigint not null, -- the set-point ordered
	state text collate "C" not null default 'wanted' check (state in ('wanted', 'ordered', 'refused', 'failed', 'opted_out',
		'releasing', 'released')),
	command bigint not null default 0,
	release bigint not null default 0, -- the command that ended it
	delivered bigint,                  -- W, by the last look at the meter
	cause text not null default '',
	made timestamptz not null default clock_timestamp(),
	primary key (point, event) -- a resource is called once an event
);
create index demand_order_event on demand_order (event);

create table demand_result (
	point bigint not null,
	event bigint not null,
	delivered_ws bigint not null, -- by the meter, over the event, against the baseline
	credit bigint not null,       -- hundredths of the currency's unit
	account bigint,               -- that is credited; null: nobody's
	settled timestamptz not null default clock_timestamp(),
	primary key (point, event)
);

alter table demand_order enable row level security;
create policy wall on demand_order using ((select hub_all())
	or exists (select from wall_point_party o where o.point = demand_order.point and o.party = (select hub_party())));
alter table demand_result enable row level security;
create policy wall on demand_result using ((select hub_all())
	or exists (select from wall_point_party o where o.point = demand_result.point and o.party = (select hub_party())));
alter table demand_resource enable row level security;
create policy wall on demand_resource using ((select hub_all())
	or exists (select from wall_point_party o where o.point = demand_resource.point and o.party = (select hub_party()))
	or exists (select from demand_programme m where m.id = demand_resource.programme and m.party = (select hub_party())));
