-- :reconcile_utilities
with parts as (
	select (p.value ->> 'u')::bigint as party, sum((p.value ->> 'a')::bigint) as billed, sum(b.paid[p.ordinality]) as paid
	from bill b cross join lateral json_array_elements(b.body::json) with ordinality p
	where b.state = 1 group by 1
), heads as (
	select distinct on (account, part, currency) account, part, balance from ledger_leg
	order by account, part, currency, seq desc
), sides as (
	select case when account > 0 then part >> 4 else -account / $2 end as party, part & 15 as use, sum(balance) as balance
	from heads where (account > 0 and part & 15 = 1) or (account < 0 and part & 15 in (3, 4)) group by 1, 2
)
select party, coalesce(max(p.billed), 0)::bigint, coalesce(max(p.paid), 0)::bigint,
	coalesce(max(s.balance) filter (where s.use = 1), 0)::bigint, coalesce(max(-s.balance) filter (where s.use = 3), 0)::bigint,
	coalesce(max(-s.balance) filter (where s.use = 4), 0)::bigint
from parts p full join sides s using (party)
where $1 = 0 or party = $1 group by party order by party

-- :reconcile_providers
with orders as (
	select provider as party, sum(amount) as paid from payment where state = 2 group by 1
), heads as (
	select distinct on (account, part, currency) account, part, balance from ledger_leg where account < 0 and part & 15 = 5
	order by account, part, currency, seq desc
), cash as (select -account / $2 as party, sum(balance) as balance from heads group by 1)
select party, coalesce(o.paid, 0)::bigint, coalesce(c.balance, 0)::bigint from orders o full join cash c using (party)
where $1 = 0 or party = $1 order by party
