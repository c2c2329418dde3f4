-- Comparisons with neighbours, frozen with what they were made from (docs/decisions/0115-comparison.md).

-- reference data ---------------------------------------------------------------------------------

-- By which rule a cycle is compared: the first run says it, later ones keep to it.
create table comparison_cycle (
	cycle int primary key, -- 202610
	rule smallint not null, -- version of hub/compare's rule
	per_area boolean not null, -- what use is divided by, beside days
	per_occupants boolean not null,
	per_degree_days boolean not null,
	weather bigint, -- point that measures the outdoor temperature
	lat_e7 int, -- of the plane that homes are put on; null: no home had a place yet
	round int not null default 0, -- runs that changed something
	made timestamptz not null default now()
);

-- family: account --------------------------------------------------------------------------------

-- What a home was when it was compared. It counted in the rounds [joined, parted).
create table comparison_home (
	account bigint not null,
	cycle int not null,
	joined int not null,
	parted int, -- null: still
	revision smallint not null, -- of the bill that it stands beside
	premise bigint not null,
	dwelling text collate "C" not null,
	heating text collate "C" not null,
	area int not null check (area > 0), -- 0.01 m²
	occupants smallint not null,
	x int not null, -- metres on the cycle's plane
	y int not null,
	use bigint[] not null check (array_length(use, 1) = 4), -- normalised, 10^-9; null: unknown. electricity, water, gas, heat
	primary key (account, cycle, joined),
	check (joined < parted)
);
create index comparison_home_cycle on comparison_home (cycle, account);

-- Where a home stood, or why there was no answer. An answer never changes.
create table comparison (
	account bigint not null,
	cycle int not null,
	revision smallint not null,
	commodity text collate "C" not null,
	round int not null,
	reason text collate "C" not null default '', -- '': this is an answer
	amount_digits bigint not null default 0, -- used, in the quantity's unit
	amount_scale smallint not null default 0,
	days int not null default 0, -- with readings, hundredths
	own bigint not null default 0, -- normalised, 10^-9, as median and efficient
	factor bigint not null default 0, -- normalised × factor × 10^-6 is an amount for this home's days, area …
	peers smallint not null default 0,
	median bigint not null default 0,
	efficient bigint not null default 0,
	rank smallint not null default 0,
	within int not null default 0, -- metres to the farthest peer
	made timestamptz not null default now(),
	primary key (account, cycle, revision, commodity)
);

-- The second wall: a party never reads these by itself; the API does, once the party's right to the account is decided.
alter table comparison_home enable row level security;
create policy wall on comparison_home using ((select hub_all()));
alter table comparison enable row level security;
create policy wall on comparison using ((select hub_all()));
