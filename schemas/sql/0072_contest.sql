-- family: party ----------------------------------------------------------------------------------

-- A utility's own bills as it handed them in under its signature: they stay as they came, so that they can be checked again.
create table bill_file (
	party bigint not null,
	digest bytea not null check (octet_length(digest) = 32), -- SHA-256 of the text
	text bytea not null, -- a compact JWS
	thumbprint text not null, -- of the certificate that signed
	received timestamptz not null default now(),
	primary key (party, digest)
);
alter table bill_file enable row level security;
create policy wall on bill_file using ((select hub_all()) or party = (select hub_party()));

-- family: account --------------------------------------------------------------------------------

alter table bill_import add column signed bytea; -- digest of its bill_file; null: not signed
alter table bill_dispute add column answer text not null default ''; -- of the utility, when it was settled
create index bill_dispute_open on bill_dispute (party, account, cycle) where settled is null;
