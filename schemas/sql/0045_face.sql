-- reference data ---------------------------------------------------------------------------------

-- Whom a customer asks: printed on every bill.
create table party_contact (
	party bigint primary key,
	phone text not null default '',
	web text not null default ''
);

-- family: account --------------------------------------------------------------------------------

-- A part of a bill that its customer contests (争议), until it is settled.
create table bill_dispute (
	account bigint not null,
	cycle int not null,
	party bigint not null,
	point bigint not null,
	reason text not null default '',
	opened timestamptz not null default now(),
	settled timestamptz,
	primary key (account, cycle, party, point)
);
-- Behind the second wall: seen where its bill is seen.
alter table bill_dispute enable row level security;
create policy wall on bill_dispute using (exists (select from bill b
	where b.account = bill_dispute.account and b.cycle = bill_dispute.cycle));
