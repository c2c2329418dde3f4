-- People who act for a party, and how they prove it. Secrets are known by their SHA-256 only, passwords by argon2id.

-- reference data ---------------------------------------------------------------------------------

create table person (
	id bigint generated always as identity primary key,
	party bigint not null references party,
	login text collate "C" not null unique check (login ~ '^[a-z0-9][a-z0-9._@-]{2,63}$'),
	name text not null default '' check (octet_length(name) <= 192),
	hash text not null default '', -- '': nobody can log in
	head boolean not null default false, -- of the household: invites and removes members
	roles text[] not null default '{}', -- the person's own, beside those of the party
	kinds text[] not null default '{}', -- of message that the person deals with
	area bigint references premise, -- nothing beyond it is the person's business; null: everywhere
	disabled timestamptz,
	added timestamptz not null default now()
);
create index person_party on person (party, id);

-- Guesses at a secret, counted before they are checked, so that many at once count too.
create table guess (
	key text collate "C" primary key, -- 'login:…', 'address:…', 'code:…'
	failures int not null,
	last timestamptz not null,
	until timestamptz not null -- none is looked at before
);

-- The code on a meter that lets whoever stands before it bind it.
create table point_code (
	digest bytea primary key check (octet_length(digest) = 32),
	point bigint not null references point,
	made timestamptz not null default now(),
	expires timestamptz not null,
	used timestamptz,
	party bigint references party -- who used it
);
create index point_code_point on point_code (point);

-- family: party ----------------------------------------------------------------------------------

create table person_session (
	party bigint not null,
	digest bytea not null check (octet_length(digest) = 32),
	person bigint not null,
	address text not null default '',
	started timestamptz not null,
	seen timestamptz not null,
	primary key (party, digest)
);
create index person_session_person on person_session (party, person);

-- An invitation to act for the party beside those who do.
create table invitation (
	party bigint not null,
	digest bytea not null check (octet_length(digest) = 32),
	inviter bigint not null,
	expires timestamptz not null,
	used timestamptz,
	primary key (party, digest)
);

-- What happened that the party's people should know.
create sequence party_note_id;
create table party_note (
	party bigint not null,
	id bigint not null default nextval('party_note_id'),
	kind text collate "C" not null,
	subject text not null, -- a point's code, a login
	at timestamptz not null,
	primary key (party, id)
);
