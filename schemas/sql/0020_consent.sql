-- A resident's word on who may see what is measured in the home. A row says one point, one grantee, one purpose;
-- it is never removed, as it proves what was allowed when.

-- family: point ----------------------------------------------------------------------------------

create sequence consent_id;
create table consent (
	point bigint not null,
	id bigint not null default nextval('consent_id'),
	grantor bigint not null, -- owner or occupant of the point; what it said lapses when it is that no more
	grantee bigint not null,
	commodity text collate "C" not null default '' check (commodity in ('', 'electricity', 'water', 'gas', 'heat',
		'cold', 'ev', 'any')), -- '': all that is measured at the point
	grain smallint not null check (grain between 0 and 4), -- finest: raw, 15min, hour, day, month
	purpose text collate "C" not null check (purpose ~ '^[a-z][a-z0-9_]{0,63}$'),
	valid_from timestamptz not null, -- when the grantee may see it
	valid_to timestamptz not null,
	data_from timestamptz not null default '-infinity', -- of what was measured then
	data_to timestamptz not null default 'infinity',
	granted timestamptz not null default clock_timestamp(),
	by text collate "C" not null, -- whose door it was said at: the grantor's code, or 'operator'
	withdrawn timestamptz,
	withdrawn_by text collate "C",
	text_zh text not null, -- what was agreed to, as it was shown
	text_en text not null,
	digest bytea not null check (octet_length(digest) = 32), -- SHA-256 over both texts
	key bytea check (octet_length(key) = 32), -- of the grantor's idempotency key
	request bytea check (octet_length(request) = 32), -- of what came under it
	primary key (point, id),
	unique (point, grantor, key),
	constraint consent_self check (grantee <> grantor),
	constraint consent_period check (valid_from < valid_to),
	constraint consent_data_period check (data_from < data_to),
	check ((withdrawn is null) = (withdrawn_by is null)),
	check ((key is null) = (request is null))
);
create index consent_number on consent (id);
create index consent_grantee on consent (grantee, point) where withdrawn is null;
create index consent_grantor on consent (grantor, id);

-- Who does not want to be compared with the neighbours, though it harms nobody: the last word counts.
create table comparison_choice (
	point bigint not null,
	party bigint not null,
	taken_out timestamptz not null default now(),
	taken_back timestamptz,
	primary key (point, party, taken_out)
);

-- what the store's statements show of a consent ---------------------------------------------------

create view consent_row as
select c.id, c.point, c.grantor, c.grantee, c.commodity, c.grain, c.purpose, c.valid_from, c.valid_to, c.data_from, c.data_to,
	c.granted, c.by, c.withdrawn, c.withdrawn_by, c.text_zh, c.text_en, c.digest, p.code as point_code,
	g.code as grantor_code, r.code as grantee_code,
	not exists (select from point_party o where o.point = c.point and o.party = c.grantor and o.role in ('owner', 'occupant')
		and o.valid_from <= now() and now() < o.valid_to) as lapsed
from consent c join point p on p.id = c.point join party g on g.id = c.grantor join party r on r.id = c.grantee;
