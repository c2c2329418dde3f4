-- family: party. What a call that changed something was answered, by its Idempotency-Key, so that the same call again is
-- answered as the first time. The row is written in the transaction of the change. Kept for two days.
create table answer (
	party bigint not null,
	key bytea not null check (octet_length(key) = 32), -- of the operation and the caller's key
	digest bytea not null check (octet_length(digest) = 32), -- of path, query and body
	status smallint not null default 0,
	tag text collate "C" not null default '', -- its ETag
	body bytea not null default '',
	made timestamptz not null default now(),
	primary key (party, key)
);
create index answer_made on answer (made);
create index receipt_party_order on receipt (party, id desc);
create index subscription_number on subscription (id);
