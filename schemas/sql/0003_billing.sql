-- reference data ---------------------------------------------------------------------------------

-- A tariff's document as it was added, never edited: a change is a document with a later valid_from.
create table tariff (
	id bigint generated always as identity primary key,
	code text collate "C" not null check (code ~ '^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$'),
	valid_from timestamptz not null,
	body text not null,
	added timestamptz not null default now(),
	unique (code, valid_from)
);

create table billing_account (
	id bigint generated always as identity primary key,
	code text collate "C" not null unique check (code ~ '^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$'),
	kind text collate "C" not null check (kind in ('household', 'shop', 'enterprise', 'park', 'public')),
	name_zh text not null default '',
	name_en text not null default '',
	zone text collate "C" not null default 'Asia/Shanghai',
	added timestamptz not null default now()
);

-- family: account --------------------------------------------------------------------------------

-- Who supplies an account at a point, at which tariff. Move, change of supplier and of tariff are the
-- end of one row and the begin of the next.
create table contract (
	account bigint not null,
	point bigint not null,
	party bigint not null, -- the utility
	tariff text collate "C" not null, -- '': the utility sends its own bill
	facts text not null default '{}', -- JSON: persons, heating, …
	valid_from timestamptz not null,
	valid_to timestamptz not null default 'infinity',
	primary key (account, point, valid_from),
	check (valid_from < valid_to)
);
create index contract_point on contract (point, valid_from);

-- One unified bill; its lines are made anew from tariff and readings when somebody looks.
create table bill (
	account bigint not null,
	cycle int not null, -- 202610
	revision smallint not null, -- 0, 1, … after cancel and rebill
	state smallint not null, -- 1 posted, 2 cancelled
	currency smallint not null,
	total bigint not null,
	due timestamptz not null,
	paid bigint[] not null, -- of each sub-bill
	body text not null check (octet_length(body) <= 8192),
	made timestamptz not null default now(),
	primary key (account, cycle, revision)
);
create index bill_cycle on bill (cycle, account);

-- What a utility billed by itself, until a cycle run takes it up.
create table bill_import (
	account bigint not null,
	cycle int not null,
	party bigint not null,
	point bigint not null,
	amount bigint not null,
	period_start timestamptz not null,
	period_end timestamptz not null,
	quantity text not null, -- decimal
	unit text not null,
	reference text not null,
	primary key (account, cycle, party, point),
	check (period_start < period_end)
);

-- A payment from its order to its end.
create table payment (
	account bigint not null,
	id text collate "C" not null,
	state smallint not null default 1, -- 1 ordered, 2 paid, 3 refunded
	provider bigint not null,
	currency smallint not null,
	amount bigint not null check (amount > 0),
	rule smallint not null,
	targets text not null, -- JSON: the parts it is for; []: all that is open
	split text not null default '[]', -- JSON: where it went
	reference text not null default '', -- the provider's
	made timestamptz not null default now(),
	primary key (account, id)
);
