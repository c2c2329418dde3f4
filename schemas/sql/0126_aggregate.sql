-- Sums of areas as they were published, once and for good: a sum that is made anew after one customer's correction would tell
-- that correction. hub/aggregate decides what is published; a withheld row says why and holds no figure.
create table aggregate_day (
	premise bigint not null references premise,
	commodity text collate "C" not null,
	at timestamptz not null, -- the local day's beginning
	verdict text collate "C" not null check (verdict in ('published', 'count', 'dominance', 'difference')),
	hourly text collate "C" not null check (hourly in ('none', 'published', 'count', 'dominance', 'difference')),
	customers int,
	digits bigint,
	scale smallint not null default 0 check (scale between 0 and 18),
	hours bigint[], -- of the same scale
	primary key (premise, commodity, at),
	check ((verdict = 'published') = (digits is not null)),
	check ((verdict = 'published') = (customers is not null)),
	check ((hourly = 'published') = (hours is not null)),
	check (hourly <> 'published' or verdict = 'published')
);

-- reference data: which days were published, and how whole they were
create table aggregate_run (
	commodity text collate "C" not null,
	at timestamptz not null,
	points int not null,   -- that measure the commodity somewhere in an area
	measured int not null, -- of which the day is known
	made timestamptz not null default clock_timestamp(),
	primary key (commodity, at)
);

-- reference data: how much carbon dioxide a unit stands for
create table carbon_factor (
	commodity text collate "C" not null,
	year smallint not null check (year between 1990 and 2200),
	digits bigint not null check (digits >= 0),
	scale smallint not null check (scale between 0 and 18),
	source text not null default '',
	primary key (commodity, year)
);
insert into carbon_factor (commodity, year, digits, scale, source) values
	('electricity', 2021, 5568, 4, '生态环境部、国家统计局公告 2024 年第 12 号'),
	('electricity', 2022, 5366, 4, '生态环境部、国家统计局公告 2024 年第 33 号'),
	('ev', 2021, 5568, 4, '生态环境部、国家统计局公告 2024 年第 12 号'),
	('ev', 2022, 5366, 4, '生态环境部、国家统计局公告 2024 年第 33 号'),
	('gas', 2015, 2162, 3, 'GB/T 32150-2015: 389.31 GJ/10⁴ Nm³ × 15.3 tC/TJ × 99 % × 44/12');

-- family: party: what somebody asked of the sums, for themselves to look up and for whoever audits them
create sequence aggregate_ask_id;
create table aggregate_ask (
	party bigint not null,
	id bigint not null default nextval('aggregate_ask_id'),
	at timestamptz not null default clock_timestamp(),
	login text collate "C" not null default '', -- '': a system of the party's
	purpose text not null default '',
	area text collate "C" not null,
	below boolean not null,
	commodity text collate "C" not null,
	step text collate "C" not null check (step in ('hour', 'day', 'month')),
	period_from timestamptz not null,
	period_to timestamptz not null,
	form text collate "C" not null check (form in ('json', 'xlsx')),
	given int not null,    -- figures in the answer
	withheld int not null, -- places in it without one
	trace bytea not null check (octet_length(trace) = 16),
	primary key (party, id)
);

-- The second wall (0021)
alter table aggregate_ask enable row level security;
create policy wall on aggregate_ask using ((select hub_all()) or party = (select hub_party()));
