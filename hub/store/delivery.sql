-- :delivery_put
insert into delivery (party, subscription, kind, state, lease, first, last, status, code, message, done)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, case when $4 in ('acknowledged', 'failed') then clock_timestamp() end)
returning id

-- :delivery_list
select id, party, subscription, kind, state, lease, first, last, status, code, message, made, done
from delivery where ($1 = 0 or party = $1) and ($2 = 0 or subscription = $2) and ($3 = 0 or id < $3)
order by id desc limit $4

-- :delivery_get
select id, party, subscription, kind, state, lease, first, last, status, code, message, made, done
from delivery where ($1 = 0 or party = $1) and id = $2

-- :delivery_test_take
with ready as (
	select party, id from delivery where kind = 'test' and (state = 'queued' or state = 'leased' and made not between now() - interval '1 minute' and now() + interval '1 minute')
		and state in ('queued', 'leased')
	order by made limit $1 for update skip locked
)
update delivery d set state = 'leased' from ready r where (d.party, d.id) = (r.party, r.id)
returning d.id, d.party, subscription, kind, state, lease, first, last, status, code, message, made, done

-- :delivery_done
update delivery set state = $3, status = $4, code = $5, message = $6, done = clock_timestamp() where party = $1 and id = $2

-- :dead_letter_list
select party, subscription, position, receipt, died, status, code, message
from dead_letter where ($1 = 0 or party = $1) and ($2 = 0 or subscription = $2) and position > $3
order by party, subscription, position limit $4

-- :delivery_of_receipt
select p.code, o.subscription, h.door, o.position,
	case when d.position is not null then 'dead' when o.position <= h.acknowledged then 'acknowledged'
		when o.position <= h.sent then 'sent' when h.lease_until > now() then 'leased' else 'queued' end,
	case when d.position is not null then d.code when o.position > h.acknowledged then h.last_code else '' end,
	case when d.position is not null then d.message when o.position > h.acknowledged then h.last_message else '' end,
	o.at, coalesce(d.died, x.done)
from outbox o join delivery_head h on (h.party, h.subscription) = (o.party, o.subscription)
join party p on p.id = o.party
left join dead_letter d on (d.party, d.subscription, d.position) = (o.party, o.subscription, o.position)
left join lateral (select coalesce(done, made) as done from delivery x
	where x.party = o.party and x.subscription = o.subscription and x.kind = 'batch' and x.last >= o.position and x.first <= o.position
	order by x.id desc limit 1) x on true
where o.receipt = $1 order by o.subscription, o.position
