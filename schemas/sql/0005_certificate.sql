-- reference data: certificates that our authority gave to parties. A row is never removed, so that what was
-- revoked stays refused.
create table party_certificate (
	serial text collate "C" primary key check (serial ~ '^[0-9a-f]{1,40}$'),
	party bigint not null references party,
	thumbprint text collate "C" not null unique check (octet_length(thumbprint) = 43), -- x5t#S256, RFC 8705
	kind text collate "C" not null check (kind in ('party', 'station')),
	name text collate "C" not null, -- as the certificate says it: the party's code or the station's id
	valid_from timestamptz not null,
	valid_to timestamptz not null,
	issued timestamptz not null default now(),
	revoked timestamptz,
	check (valid_from < valid_to)
);
create index party_certificate_party on party_certificate (party);
create index party_certificate_revoked on party_certificate (valid_to) where revoked is not null;
create sequence certificate_list_number; -- RFC 5280, 5.2.3: rises with each revocation list
