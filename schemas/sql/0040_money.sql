-- reference data ---------------------------------------------------------------------------------

-- Who sees an account's bills and orders their payment.
alter table billing_account add column holder bigint; -- party
create index billing_account_holder on billing_account (holder) where holder is not null;

-- Who takes money for us. Its call-backs are signed with the key.
create table payment_provider (
	party bigint primary key,
	key bytea not null check (octet_length(key) >= 16),
	url text not null default '', -- where people pay
	added timestamptz not null default now()
);

-- family: account --------------------------------------------------------------------------------

-- How a shared sum came to this account's part of it, as JSON; '' where nothing was shared.
alter table bill_import add column detail text not null default '';

alter table payment add column paid timestamptz;
alter table payment add column refunded timestamptz;
create index payment_provider_made on payment (provider, made);
