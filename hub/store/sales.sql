-- :sales_list
with legs as (
	select -account / $2 as party, key, currency, time, home, part & 15 as use, amount
	from ledger_leg
	where account < 0 and part & 15 in (3, 4) and kind in (1, 3) and time >= $3 and time < $4
		and ($1 = 0 or account between -($1 * $2 + $2 - 1) and -($1 * $2))
), entries as (
	select party, key, currency, min(time) as time, min(home) as home, -sum(amount) as billed,
		-coalesce(sum(amount) filter (where use = 4), 0) as moved
	from legs group by party, key, currency
), utilities as (
	select party, date_trunc($6, time at time zone $5) at time zone $5 as start, currency,
		coalesce(sum(billed) filter (where billed > 0), 0) as billed, -coalesce(sum(billed) filter (where billed < 0), 0) as cancelled,
		coalesce(sum(moved) filter (where moved > 0), 0) as paid, -coalesce(sum(moved) filter (where moved < 0), 0) as refunded,
		count(distinct home) filter (where billed > 0) as accounts
	from entries group by 1, 2, 3
), money as (
	select provider as party, currency, paid as time, amount as paid, 0 as refunded
	from payment where state > 1 and paid >= $3 and paid < $4 and ($1 = 0 or provider = $1)
	union all
	select provider, currency, refunded, 0, amount
	from payment where state = 3 and refunded >= $3 and refunded < $4 and ($1 = 0 or provider = $1)
), providers as (
	select party, date_trunc($6, time at time zone $5) at time zone $5 as start, currency, sum(paid) as paid,
		sum(refunded) as refunded, count(*) filter (where paid > 0) as orders
	from money group by 1, 2, 3
)
select p.code, p.name_zh, p.name_en, false, u.start, u.currency, u.billed::bigint, u.cancelled::bigint, u.paid::bigint,
	u.refunded::bigint, u.accounts
from utilities u join party p on p.id = u.party
union all
select p.code, p.name_zh, p.name_en, true, m.start, m.currency, 0, 0, m.paid::bigint, m.refunded::bigint, m.orders
from providers m join party p on p.id = m.party
order by 5, 4, 1, 6
