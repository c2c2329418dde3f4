-- :ledger_lock
-- A bucket of accounts each: writers of one account go one after the other; the key of the table sees to
-- it even where they hold their locks on different nodes.
select pg_advisory_xact_lock(1279542087, b), clock_timestamp() from unnest($1::int[]) b

-- :ledger_heads
select k.i, l.seq, l.time, l.balance, l.held_debit, l.held_credit, l.hash
from unnest($1::bigint[], $2::int[], $3::smallint[]) with ordinality k (account, part, currency, i)
cross join lateral (
	select * from ledger_leg l
	where l.account = k.account and l.part = k.part and l.currency = k.currency order by l.seq desc limit 1
) l

-- :ledger_heads_at
with recursive search (i, account, part, currency, low, high) as (
	select k.i, k.account, k.part, k.currency, 0::bigint, l.seq
	from unnest($1::bigint[], $2::int[], $3::smallint[]) with ordinality k (account, part, currency, i)
	cross join lateral (
		select seq from ledger_leg l
		where l.account = k.account and l.part = k.part and l.currency = k.currency order by l.seq desc limit 1
	) l
	union all
	select s.i, s.account, s.part, s.currency,
		case when l.time <= $4 then (s.low + s.high + 1) / 2 else s.low end,
		case when l.time <= $4 then s.high else (s.low + s.high + 1) / 2 - 1 end
	from search s join ledger_leg l on l.account = s.account and l.part = s.part and l.currency = s.currency
		and l.seq = (s.low + s.high + 1) / 2
	where s.low < s.high
)
select s.i, l.seq, l.time, l.balance, l.held_debit, l.held_credit, l.hash
from search s join ledger_leg l on l.account = s.account and l.part = s.part and l.currency = s.currency and l.seq = s.low
where s.low = s.high

-- :ledger_known
select k.i, l.kind, l.seq, l.time, l.body
from unnest($1::bigint[], $2::uuid[]) with ordinality k (account, key, i)
join ledger_leg l on l.account = k.account and l.key = k.key and l.body is not null

-- :ledger_holds
select k.i, h.deadline, l.body
from unnest($1::bigint[], $2::uuid[]) with ordinality k (account, key, i)
join ledger_hold h on h.account = k.account and h.key = k.key
join ledger_leg l on l.account = k.account and l.key = k.key and l.body is not null

-- :ledger_hold_insert
insert into ledger_hold (account, key, deadline, name)
select * from unnest($1::bigint[], $2::uuid[], $3::timestamptz[], $4::text[])

-- :ledger_hold_delete
delete from ledger_hold h using unnest($1::bigint[], $2::uuid[]) k (account, key)
where h.account = k.account and h.key = k.key

-- :ledger_lapsed
select account, name from ledger_hold where deadline <= clock_timestamp() order by deadline limit $1

-- :ledger_parts
with recursive part (account, part, currency) as (
	(select account, part, currency from ledger_leg where account = any ($1) order by account, part, currency limit 1)
	union all
	select n.account, n.part, n.currency from part p cross join lateral (
		select account, part, currency from ledger_leg l
		where l.account = any ($1) and (l.account, l.part, l.currency) > (p.account, p.part, p.currency)
		order by l.account, l.part, l.currency limit 1
	) n
)
select account, part, currency from part

-- :ledger_lines
select account, part, currency, seq, time, amount, balance, kind, hold, held_debit, held_credit, home, key, hash, body
from ledger_leg where account = $1 and part = $2 and currency = $3 and seq > $4 order by seq limit $5

-- :ledger_find
select account, part, currency, seq, time, amount, balance, kind, hold, held_debit, held_credit, home, key, hash, body
from ledger_leg where account = $1 and key = encode($2, 'hex')::uuid and body is not null and kind <> 5

-- :ledger_scan
select account, part, currency, seq, time, amount, balance, kind, hold, held_debit, held_credit, home, key, hash, body
from ledger_leg where (account, part, currency, seq) > ($1, $2, $3, $4) order by account, part, currency, seq limit $5
