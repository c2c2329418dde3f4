-- :subscription_add
insert into subscription (party, name, types, commodities, quantities, premises, points, valid_from, valid_to, door,
	senders, kinds)
select p.id, $2, $3, $4, $5, $6, $7, coalesce($8, now()), $9, $10, $11, $12 from party p where p.id = $1
returning id

-- :subscription_end
update subscription set valid_to = greatest(now(), valid_from + interval '1 microsecond')
where party = $1 and id = $2 and valid_to > now()

-- :subscription_replace
update subscription set name = $3, types = $4, commodities = $5, quantities = $6, premises = $7, points = $8, valid_to = $9
where party = $1 and id = $2 and valid_to > now()

-- :subscription_known
select 1 from subscription where party = $1 and id = $2

-- :subscription_get
select id, party, name, types, commodities, quantities, premises, points, valid_from, valid_to, door, senders, kinds
from subscription where id = $1 and ($2 = 0 or party = $2)

-- :subscription_list
select id, party, name, types, commodities, quantities, premises, points, valid_from, valid_to, door, senders, kinds
from subscription
where ($1 = 0 or party = $1) and ($2 is null or valid_from <= $2 and $2 < valid_to) order by id
