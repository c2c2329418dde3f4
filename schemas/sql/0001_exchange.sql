-- Every table is reference data, present on every node, or belongs to one family: point, account
-- or party. A family's tables carry its column in every unique index, so that they can be spread
-- over nodes by it. Times are timestamptz; a period is [valid_from, valid_to), 'infinity' if open.
-- Values are digits × 10^-scale.

-- reference data ---------------------------------------------------------------------------------

create table epoch (
	name text collate "C" primary key,
	value bigint not null default 1,
	bumped xid8 not null default '0' -- the transaction that did; many changes in one bump once
);
insert into epoch (name) values ('party'), ('premise'), ('point'), ('instance'), ('subscription'), ('policy'), ('consent');

create table party (
	id bigint generated always as identity primary key,
	code text collate "C" not null unique check (code ~ '^[a-z0-9][a-z0-9_-]{0,63}$'),
	name_zh text not null default '',
	name_en text not null default '',
	kind text collate "C" not null check (kind in ('utility', 'grid', 'supplier', 'government', 'park',
		'community', 'enterprise', 'household', 'aggregator', 'charging', 'service', 'operator')),
	created timestamptz not null default now()
);

create table party_role (
	party bigint not null references party,
	role text collate "C" not null check (role ~ '^[a-z][a-z0-9_]{0,63}$'),
	primary key (party, role)
);

create table party_token (
	id bigint generated always as identity primary key,
	party bigint not null references party,
	digest bytea not null unique check (octet_length(digest) = 32),
	label text not null default '',
	valid_from timestamptz not null default now(),
	valid_to timestamptz not null default 'infinity',
	revoked timestamptz
);
create index party_token_party on party_token (party);

create table premise (
	id bigint generated always as identity primary key,
	parent bigint references premise,
	path bigint[] not null, -- from the root down to itself
	kind text collate "C" not null check (kind in ('city', 'district', 'street', 'estate', 'park', 'site',
		'building', 'unit', 'floor', 'home', 'room', 'shop', 'station')),
	code text collate "C" not null unique check (code ~ '^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$'),
	name_zh text not null default '',
	name_en text not null default '',
	area_digits bigint check (area_digits >= 0), -- m²
	area_scale smallint not null default 0 check (area_scale between 0 and 18),
	valid_from timestamptz not null default '-infinity',
	valid_to timestamptz not null default 'infinity',
	check (valid_from < valid_to)
);
create index premise_parent on premise (parent, id);
create index premise_path on premise using gin (path);

create table point (
	id bigint generated always as identity primary key,
	code text collate "C" not null unique check (code ~ '^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$'),
	commodity text collate "C" not null check (commodity in ('electricity', 'water', 'gas', 'heat', 'cold', 'ev', 'any')),
	premise bigint references premise,
	name_zh text not null default '',
	name_en text not null default '',
	zone text collate "C" not null default 'Asia/Shanghai',
	interval_s int not null default 0 check (interval_s between 0 and 2678400), -- 0: no raster
	power_digits bigint check (power_digits > 0), -- highest contracted power or flow, unit of the commodity
	power_scale smallint not null default 0 check (power_scale between 0 and 18),
	state text collate "C" not null default 'connected' check (state in ('connected', 'disconnected')),
	protected boolean not null default false, -- supply must not be cut
	valid_from timestamptz not null default '-infinity',
	valid_to timestamptz not null default 'infinity',
	check (valid_from < valid_to)
);
create index point_premise on point (premise);

create table point_party (
	point bigint not null references point,
	role text collate "C" not null check (role in ('owner', 'occupant', 'operator', 'supplier', 'reader')),
	party bigint not null references party,
	valid_from timestamptz not null default '-infinity',
	valid_to timestamptz not null default 'infinity',
	primary key (point, role, party, valid_from),
	check (valid_from < valid_to)
);
create index point_party_party on point_party (party);

create table point_limit (
	point bigint not null references point,
	quantity smallint not null check (quantity > 0),
	min_digits bigint,
	min_scale smallint not null default 0 check (min_scale between 0 and 18),
	max_digits bigint,
	max_scale smallint not null default 0 check (max_scale between 0 and 18),
	rise_digits bigint check (rise_digits > 0), -- most that the value can rise in an hour
	rise_scale smallint not null default 0 check (rise_scale between 0 and 18),
	primary key (point, quantity)
);

create table device (
	id bigint generated always as identity primary key,
	party bigint not null references party, -- whoever reads it; its instances may speak for it
	meter text collate "C" not null check (octet_length(meter) between 1 and 64), -- as printed
	maker text not null default '',
	model text not null default '',
	multiplier_digits bigint not null default 1 check (multiplier_digits > 0), -- transformer ratio
	multiplier_scale smallint not null default 0 check (multiplier_scale between 0 and 18),
	modulus_digits bigint check (modulus_digits > 0), -- the register shows values below this
	modulus_scale smallint not null default 0 check (modulus_scale between 0 and 18),
	unique (party, meter)
);
create index device_meter on device (meter);

create table installation (
	id bigint generated always as identity primary key,
	device bigint not null references device,
	channel text collate "C" not null default '' check (octet_length(channel) <= 32),
	point bigint not null references point,
	valid_from timestamptz not null,
	valid_to timestamptz not null default 'infinity',
	unique (device, channel, valid_from),
	check (valid_from < valid_to)
);
create index installation_point on installation (point);

create table installation_register (
	installation bigint not null references installation,
	quantity smallint not null check (quantity > 0),
	start_digits bigint,
	start_scale smallint not null default 0 check (start_scale between 0 and 18),
	end_digits bigint,
	end_scale smallint not null default 0 check (end_scale between 0 and 18),
	primary key (installation, quantity)
);

create table instance (
	name text collate "C" primary key check (name ~ '^[a-z0-9_-]{1,64}$'),
	zone text collate "C" not null check (zone ~ '^[a-z0-9_-]{1,64}$'), -- the daemon that runs it
	party bigint not null references party, -- it speaks for; never changes
	adapter text collate "C" not null check (adapter ~ '^[a-z0-9_]{1,64}$'),
	options jsonb not null default '{}' check (jsonb_typeof(options) = 'object'),
	transport jsonb not null default '{}' check (jsonb_typeof(transport) = 'object'),
	promise text collate "C" not null check (promise in ('committed', 'journalled')),
	journal jsonb not null default '{}' check (jsonb_typeof(journal) = 'object'),
	enabled boolean not null default true,
	version bigint not null default 1 -- rises with each change
);
create index instance_zone on instance (zone);

-- family: party ----------------------------------------------------------------------------------

create table source_position (
	party bigint not null,
	source text collate "C" not null,
	epoch bigint not null,
	next bigint not null check (next > 0),
	primary key (party, source, epoch)
);

create sequence receipt_id;
create table receipt (
	party bigint not null,
	id bigint not null default nextval('receipt_id'),
	source text collate "C" not null,
	epoch bigint not null,
	first bigint not null,
	count int not null check (count > 0),
	digest bytea not null,
	trace bytea not null check (octet_length(trace) = 16),
	stored int not null default 0,
	duplicates int not null default 0,
	quarantined int not null default 0,
	received timestamptz not null,
	committed timestamptz not null default clock_timestamp(),
	primary key (party, id),
	unique (party, source, epoch, first)
);
create index receipt_number on receipt (id);
create index receipt_trace on receipt (trace);

create sequence quarantine_id;
create table quarantine (
	party bigint not null,
	id bigint not null default nextval('quarantine_id'),
	receipt bigint not null,
	source text collate "C" not null,
	seq bigint not null,
	code text collate "C" not null,
	field text not null default '',
	message text not null default '',
	record bytea not null, -- packed, as it came
	raw bytea not null,
	state text collate "C" not null default 'open' check (state in ('open', 'replayed', 'dropped')),
	replay bigint, -- the receipt that stored it
	made timestamptz not null default now(),
	primary key (party, id)
);
create index quarantine_open on quarantine (id) where state = 'open';
create index quarantine_number on quarantine (id);
create index quarantine_receipt on quarantine (receipt);

create sequence message_id;
create table message (
	party bigint not null,
	id bigint not null default nextval('message_id'),
	receipt bigint not null,
	item int not null, -- its place in the receipt
	type smallint not null, -- hub_record_type
	point bigint, -- null: about no point
	channel text collate "C" not null default '',
	time timestamptz not null,
	key text collate "C" not null, -- what makes a repeat a repeat
	body jsonb not null,
	recorded timestamptz not null default now(),
	primary key (party, id),
	unique (party, type, key)
);
create index message_receipt on message (receipt);
create index message_point on message (point, time) where point is not null;

create sequence announcement_id;
create table announcement (
	party bigint not null,
	id bigint not null default nextval('announcement_id'),
	source text collate "C" not null,
	receipt bigint not null,
	types int not null, -- bit (1 << hub_record_type)
	points bigint[] not null,
	quantities smallint[] not null,
	primary key (party, id)
);
create index announcement_order on announcement (id);
create index announcement_source on announcement (source, id);

create sequence subscription_id;
create table subscription (
	party bigint not null,
	id bigint not null default nextval('subscription_id'),
	name text not null default '',
	types int not null default 0, -- bit (1 << hub_record_type); 0: all
	commodities text[] not null default '{}', -- empty: all, here and below
	quantities smallint[] not null default '{}',
	premises bigint[] not null default '{}', -- these and what is below them
	points bigint[] not null default '{}',
	valid_from timestamptz not null default now(),
	valid_to timestamptz not null default 'infinity',
	primary key (party, id),
	check (valid_from < valid_to)
);

create table feed_head (
	party bigint primary key,
	last bigint not null default 0,
	acknowledged bigint not null default 0,
	check (acknowledged between 0 and last)
);

create table feed (
	party bigint not null,
	position bigint not null,
	receipt bigint not null,
	at timestamptz not null default clock_timestamp(),
	primary key (party, position)
);

-- family: point ----------------------------------------------------------------------------------

create table reading (
	point bigint not null,
	receipt bigint not null,
	time timestamptz not null,
	start timestamptz not null, -- 1970-01-01: none
	recorded timestamptz not null default now(),
	digits bigint not null,
	flags int not null,
	version int not null default 0,
	quantity smallint not null,
	item smallint not null, -- its place in the receipt
	kind smallint not null,
	scale smallint not null,
	channel text collate "C" not null
);
create unique index reading_key on reading (point, quantity, channel, time, start, kind, version desc);
create index reading_receipt on reading (receipt);

-- what the store's statements show of a point ----------------------------------------------------

create view point_row as
select id, code, commodity, coalesce(premise, 0) as premise, name_zh, name_en, zone, interval_s,
	coalesce(power_digits, 0) as power_digits, power_scale, state = 'disconnected' as disconnected, protected,
	valid_from, valid_to
from point;
