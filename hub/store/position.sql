-- :position_heads
insert into feed_head (party) select unnest($1) order by 1 on conflict (party) do nothing

-- :position_heads_lock
select party, last from feed_head where party = any ($1) order by party for update

-- :position_insert
insert into feed (party, position, receipt) select * from unnest($1, $2, $3)

-- :position_advance
update feed_head h set last = g.last from unnest($1, $2) g (party, last) where h.party = g.party

-- :position_notify
select pg_notify('hub_feed', party::text) from unnest($1) g (party)

-- :position_list
select position, receipt, at from feed where party = $1 and position > $2 order by position limit $3

-- :position_head
select acknowledged, last from feed_head where party = $1

-- :position_head_lock
select acknowledged, last from feed_head where party = $1 for update

-- :position_acknowledge
update feed_head set acknowledged = $2 where party = $1

-- :position_of_receipt
select p.code, f.position, f.at, f.position <= h.acknowledged
from feed f join feed_head h on h.party = f.party join party p on p.id = f.party
where f.receipt = $1
order by p.code, f.position
