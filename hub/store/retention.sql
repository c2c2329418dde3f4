-- :retention_turn
select pg_try_advisory_xact_lock(18774, 1)

-- $1: what was acknowledged before that goes; $2: and what nobody took before that; $3: rows at once; $4: now. An ended
-- subscription's go as if acknowledged, an unverified one's after its own patience.

-- :retention_outbox
with head as (
	select h.party, h.subscription, h.acknowledged, case when s.valid_to < $1 then $1
		when h.state = 'pending' then greatest($2, $4 - h.give_up_s * interval '1 second') else $2 end as unread
	from delivery_head h join subscription s on (s.party, s.id) = (h.party, h.subscription)
	where exists (select from (select position, at from outbox o
		where (o.party, o.subscription) = (h.party, h.subscription) order by position limit 1) o
		where o.at < $1 or o.at < $4 - h.give_up_s * interval '1 second' and h.state = 'pending')
	order by h.party, h.subscription for update of h skip locked
), old as (
	select h.party, h.subscription, o.position
	from head h cross join lateral (select position, at from outbox o
		where (o.party, o.subscription) = (h.party, h.subscription) order by position limit $3) o
	where o.at < case when o.position <= h.acknowledged and not exists (select from dead_letter d
		where (d.party, d.subscription, d.position) = (h.party, h.subscription, o.position)) then $1 else h.unread end
	limit $3
), gone as (
	delete from outbox o using old
	where (o.party, o.subscription, o.position) = (old.party, old.subscription, old.position)
	returning o.party, o.subscription, o.position
), moved as (
	update delivery_head h set acknowledged = m.position, acknowledged_item = 0, sent = greatest(sent, m.position),
		sent_item = case when sent > m.position then sent_item else 0 end
	from (select party, subscription, max(position) as position from gone group by 1, 2) m
	where (h.party, h.subscription) = (m.party, m.subscription) and h.acknowledged < m.position
)
select count(*) from gone

-- :retention_feed
with head as (
	select h.party, h.acknowledged from feed_head h
	where exists (select from (select at from feed f where f.party = h.party order by position limit 1) f where f.at < $1)
	order by h.party for update of h skip locked
), old as (
	select h.party, f.position
	from head h cross join lateral (select position, at from feed f where f.party = h.party order by position limit $3) f
	where f.at < case when f.position <= h.acknowledged then $1 else $2 end
	limit $3
), gone as (
	delete from feed f using old where (f.party, f.position) = (old.party, old.position) returning f.party, f.position
), moved as (
	update feed_head h set acknowledged = m.position
	from (select party, max(position) as position from gone group by 1) m
	where h.party = m.party and h.acknowledged < m.position
)
select count(*) from gone

-- :retention_delivery
with old as (
	select party, id from delivery
	where made < $1 and (state in ('acknowledged', 'failed') or made < $2) order by made limit $3 for update skip locked
), gone as (
	delete from delivery d using old where (d.party, d.id) = (old.party, old.id) returning d.id
)
select count(*) from gone

-- :retention_dead
with old as (
	select party, subscription, position from dead_letter where died < least($1, $2) order by died limit $3
	for update skip locked
), gone as (
	delete from dead_letter d using old
	where (d.party, d.subscription, d.position) = (old.party, old.subscription, old.position) returning d.position
)
select count(*) from gone
