-- What makes homes alike (hub/compare): what a place is like to live in, and where it stands. reference data

alter table premise
	add column dwelling text collate "C" not null default '' check (dwelling ~ '^([a-z][a-z0-9_]{0,31})?$'), -- '': unknown
	add column heating text collate "C" not null default '' check (heating ~ '^([a-z][a-z0-9_]{0,31})?$'),
	add column occupants smallint not null default 0 check (occupants between 0 and 999), -- 0: unknown
	add column vacant boolean not null default false,
	add column lon_e7 int check (lon_e7 between -1800000000 and 1800000000), -- degrees × 10^7, WGS 84; null: unknown
	add column lat_e7 int check (lat_e7 between -900000000 and 900000000),
	add constraint premise_place check ((lon_e7 is null) = (lat_e7 is null));
