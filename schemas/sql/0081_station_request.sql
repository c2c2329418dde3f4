-- family: party. Signing requests of charging stations (SignCertificate), each answered once.
create sequence station_request_id;
create table station_request (
	party bigint not null,
	id bigint not null default nextval('station_request_id'),
	station text collate "C" not null,
	csr text not null check (octet_length(csr) <= 8000),
	state text collate "C" not null default 'waiting' check (state in ('waiting', 'signed', 'refused')),
	cause text collate "C" not null default '',
	serial text collate "C" not null default '', -- of the certificate
	made timestamptz not null default clock_timestamp(),
	ended timestamptz,
	primary key (party, id)
);
create index station_request_waiting on station_request (id) where state = 'waiting';
create index station_request_station on station_request (party, station, id);
alter table station_request enable row level security;
create policy wall on station_request using ((select hub_all()) or party = (select hub_party()));
