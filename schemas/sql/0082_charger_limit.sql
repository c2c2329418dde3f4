-- family: party. Whether a station keeps the last limit that it confirmed, by what it meters.
create table charger_limit (
	party bigint not null,
	station text collate "C" not null,
	channel text collate "C" not null, -- '': the station
	command bigint not null,
	limit_w bigint not null,
	state text collate "C" not null default 'waiting' check (state in ('waiting', 'honoured', 'ignored')),
	measured_w bigint, -- that decided it
	marked boolean not null default false, -- it ignored this limit or one before, and has kept none since
	checked timestamptz not null default clock_timestamp(),
	primary key (party, station, channel)
);
create index command_limit on command (ended) where kind = 'charger_limit' and state = 'confirmed';
alter table charger_limit enable row level security;
create policy wall on charger_limit using ((select hub_all()) or party = (select hub_party()));

-- "7200 W", "7.2 kW" in W; null for anything else
create function power_w(text) returns numeric language sql immutable strict as $$
	select case when $1 ~ '^-?[0-9]+(\.[0-9]+)? k?W$'
		then split_part($1, ' ', 1)::numeric * case when $1 like '% kW' then 1000 else 1 end end
$$;
