-- :bill_insert
insert into bill (account, cycle, revision, state, currency, total, due, paid, body)
select account, cycle, revision, 1, currency, total, due, array_fill(0::bigint, array[parts]), body
from unnest($1::bigint[], $2::int[], $3::smallint[], $4::smallint[], $5::bigint[], $6::timestamptz[], $7::int[], $8::text[])
	b (account, cycle, revision, currency, total, due, parts, body)

-- :bill_of_cycle
select distinct on (account) account, cycle, revision, state, currency, total, due, paid, body, made
from bill where account = any ($1) and cycle = $2 order by account, revision desc

-- :bill_before
select distinct on (account) account, cycle, revision, state, currency, total, due, paid, body, made
from bill where account = any ($1) and cycle < $2 and state = 1 order by account, cycle desc, revision desc

-- :bill_lock
select account, cycle, revision, state, currency, total, due, paid, body, made
from bill where account = $1 order by cycle, revision for update

-- :bill_of_account
select account, cycle, revision, state, currency, total, due, paid, body, made
from bill where account = $1 and cycle >= $2 order by cycle desc, revision desc limit $3

-- :bill_update
update bill set state = $4, paid = $5 where account = $1 and cycle = $2 and revision = $3

-- :bill_import
insert into bill_import (account, cycle, party, point, amount, period_start, period_end, quantity, unit, reference, detail,
	signed)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, nullif($12, ''::bytea))
on conflict (account, cycle, party, point) do update set amount = bill_import.amount
returning amount, reference = $10

-- :bill_imports
select account, cycle, party, point, amount, period_start, period_end, quantity, unit, reference, detail, signed
from bill_import where account = any ($1) and cycle = $2 order by account, party, point

-- :payment_insert
insert into payment (account, id, provider, currency, amount, rule, targets) values ($1, $2, $3, $4, $5, $6, $7)

-- :payment_lock
select account, id, state, provider, currency, amount, rule, targets, split, reference, made, paid, refunded
from payment where account = $1 and id = $2 for update

-- :payment_of_account
select account, id, state, provider, currency, amount, rule, targets, split, reference, made, paid, refunded
from payment where account = $1 order by made desc, id limit $2

-- :payment_of_provider
select account, id, state, provider, currency, amount, rule, targets, split, reference, made, paid, refunded
from payment where provider = $1 and state > 1 and ((paid >= $2 and paid < $3) or (refunded >= $2 and refunded < $3))
order by account, id

-- :payment_update
update payment set state = $3, split = $4, reference = $5,
	paid = case when $3 = 2 then now() else paid end, refunded = case when $3 = 3 then now() else refunded end
where account = $1 and id = $2

-- :bill_file_keep
insert into bill_file (party, digest, text, thumbprint) values ($1, sha256($2), $2, $3)
on conflict (party, digest) do update set thumbprint = bill_file.thumbprint returning digest

-- :bill_file_find
select party, text, thumbprint, received from bill_file where party = $1 and digest = $2
