-- The ledger, family account: one row per posting line, appended and never changed. A line carries its
-- account's state after it, so the newest line is the balance and no row is ever updated. Lines of one
-- account are chained by SHA-256. docs/decisions/0009-ledger.md

create table ledger_leg (
	account bigint not null, -- > 0: a customer's account; < 0: a party's settlement account
	seq bigint not null, -- 1, 2, 3 … of (account, part, currency)
	time timestamptz not null, -- never falls within an account
	amount bigint not null, -- smallest unit; debit > 0, credit < 0
	balance bigint not null, -- sum of amounts up to this line
	part int not null,
	currency smallint not null, -- ISO 4217 number
	kind smallint not null, -- 1 post, 2 hold, 3 settle, 4 void, 5 refused
	hold bigint, -- reserved by a hold, set free by what ends it; debit > 0, credit < 0
	held_debit bigint, -- reserved after this line
	held_credit bigint,
	home bigint, -- account of the entry's first line; null: this is it
	key uuid not null, -- the entry's
	hash bytea not null,
	body bytea, -- of the first line: the request in its canonical form
	primary key (account, part, currency, seq),
	check ((home is null) = (body is not null))
);
create unique index ledger_leg_key on ledger_leg (account, key) where body is not null;

create function ledger_leg_stays() returns trigger language plpgsql as $$
begin
	raise exception 'posted lines are never changed or removed; post a reversing entry' using errcode = 'HUB01';
end
$$;
create trigger ledger_leg_stays before update or delete or truncate on ledger_leg
	for each statement execute function ledger_leg_stays();

-- What is reserved and waits for post, void or its time-out.
create table ledger_hold (
	account bigint not null,
	key uuid not null,
	deadline timestamptz not null,
	name text not null, -- the caller's key
	primary key (account, key)
);
create index ledger_hold_deadline on ledger_hold (deadline);
