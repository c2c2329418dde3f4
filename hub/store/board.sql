
-- :board_parties
select p.id, p.code, p.name_zh, p.name_en, coalesce(r.received, 0), coalesce(r.stored, 0), coalesce(r.duplicates, 0), coalesce(r.refused, 0),
	(select count(*) from quarantine q where q.party = p.id and q.state = 'open'),
	(select count(*) from subscription s where s.party = p.id and s.valid_to > now()),
	coalesce(h.paused, 0), coalesce(h.queued, 0), (select count(*) from dead_letter d where d.party = p.id)
from party p
left join lateral (select sum(count)::bigint as received, sum(stored)::bigint as stored, sum(duplicates)::bigint as duplicates,
		sum(quarantined)::bigint as refused
	from (select * from receipt where party = p.id order by id desc limit 5000) x where x.committed >= $2) r on true
left join lateral (select count(*) filter (where state = 'paused') as paused, sum(greatest(last - sent, 0))::bigint as queued
	from delivery_head where party = p.id) h on true
where ($1 <> 0 and p.id = $1) or ($1 = 0 and p.kind <> 'household' and (exists (select from receipt where party = p.id)
	or exists (select from subscription where party = p.id) or exists (select from instance where party = p.id)))
order by p.code limit $3

-- :board_sources
with recent as (
	select party, source, max(committed) as last, sum(count) filter (where committed >= $2)::bigint as hour, sum(count)::bigint as day,
		sum(quarantined)::bigint as refused, (array_agg(id order by id desc))[1:5] as receipts
	from receipt
	where id > (select coalesce(max(id), 0) - 20000 from receipt) and committed >= $3 and ($1 = 0 or party = $1)
	group by party, source
)
select coalesce(i.name, r.source), p.code, coalesce(i.adapter, ''), coalesce(i.zone, ''), coalesce(i.enabled, true),
	coalesce(r.last, 'infinity'), coalesce(r.hour, 0), coalesce(r.day, 0), coalesce(r.refused, 0), coalesce(r.receipts, '{}')
from (select * from instance where $1 = 0 or party = $1) i
full join recent r on r.party = i.party and r.source = i.name
join party p on p.id = coalesce(i.party, r.party)
order by 1, 2 limit $4

-- :board_imports
select a.code, p.code, i.reference, i.quantity, i.unit, i.cycle, i.amount, i.period_start, i.period_end, i.signed is not null,
	exists (select from bill b where b.account = i.account and b.cycle = i.cycle), i.account
from bill_import i join billing_account a on a.id = i.account join point p on p.id = i.point
where i.party = $1 and i.cycle = case when $2 = 0 then (select max(cycle) from bill_import where party = $1) else $2 end and i.account > $3
order by i.account, i.point limit $4

-- :board_shares
with shares as (
	select y.account, y.id, y.amount as payment, y.state, y.provider, y.reference, y.paid, (s ->> 0)::int as cycle, (s ->> 1)::int as revision,
		(s ->> 2)::int as part, (s ->> 3)::bigint as amount
	from payment y cross join lateral json_array_elements(y.split::json) s
	where y.state > 1
), own as (
	select s.* from shares s join bill b on b.account = s.account and b.cycle = s.cycle and b.revision = s.revision
	where s.part >= 0 and (b.body::json -> s.part ->> 'u')::bigint = $1
)
select a.code, o.account || '-' || o.cycle || '-' || o.revision, o.cycle, o.part, o.amount, o.account || '-' || o.id, o.payment, o.state = 3, p.code,
	o.reference, o.paid, o.account
from own o join billing_account a on a.id = o.account join party p on p.id = o.provider
where o.cycle = case when $2 = 0 then (select max(cycle) from own) else $2 end and o.account > $3
order by o.account fetch first $4 rows with ties
