-- Apps that act for people by OAuth 2 (RFC 6749), and what people let them.

-- reference data ---------------------------------------------------------------------------------

create table app (
	id bigint generated always as identity primary key,
	code text collate "C" not null unique check (code ~ '^[a-z0-9][a-z0-9_-]{0,63}$'), -- client_id
	party bigint not null references party, -- who answers for it
	name_zh text not null default '',
	name_en text not null default '',
	redirects text[] not null check (cardinality(redirects) between 1 and 16),
	scopes text[] not null default '{}',
	disabled timestamptz,
	added timestamptz not null default now()
);

-- family: party (the person's) -------------------------------------------------------------------

create sequence app_grant_id;
create table app_grant (
	party bigint not null,
	id bigint not null default nextval('app_grant_id'),
	person bigint not null,
	app bigint not null,
	scope text not null,
	granted timestamptz not null default now(),
	revoked timestamptz,
	primary key (party, id)
);
create index app_grant_person on app_grant (party, person);

-- Codes and refresh tokens: each is used once, and one that comes again ends its grant.
create table app_secret (
	party bigint not null,
	digest bytea not null check (octet_length(digest) = 32),
	app_grant bigint not null,
	kind text collate "C" not null check (kind in ('code', 'refresh')),
	challenge text not null default '', -- PKCE, S256
	redirect text not null default '',
	expires timestamptz not null,
	used timestamptz,
	primary key (party, digest)
);
create index app_secret_grant on app_secret (party, app_grant);
