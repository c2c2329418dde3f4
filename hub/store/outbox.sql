-- :outbox_open
insert into delivery_head (party, subscription, door, target, bundle_count, bundle_bytes, bundle_wait_ms, give_up_s, state,
	challenge, due)
select $1, $2, $3, $4, $5, $6, $7, $8, case when $3 = 'webhook' then 'pending' else 'active' end, $9,
	case when $3 = 'webhook' then now() else 'infinity' end

-- :outbox_notify
select pg_notify('hub_delivery', '')

-- :outbox_get
select h.party, h.subscription, door, target, bundle_count, bundle_bytes, bundle_wait_ms, give_up_s, state, reason,
	challenge, last, sent, sent_item, acknowledged, acknowledged_item, lease, lease_until > now(), due, resend, attempts,
	failing, last_status, last_code, last_message, last_try, last_ok, made,
	(select count(*) from dead_letter d where (d.party, d.subscription) = (h.party, h.subscription)) as dead
from delivery_head h where h.party = $1 and h.subscription = $2

-- :outbox_list
select h.party, h.subscription, h.door, target, bundle_count, bundle_bytes, bundle_wait_ms, give_up_s, state, reason,
	challenge, last, sent, sent_item, acknowledged, acknowledged_item, lease, lease_until > now(), due, resend, attempts,
	failing, last_status, last_code, last_message, last_try, last_ok, made,
	(select count(*) from dead_letter d where (d.party, d.subscription) = (h.party, h.subscription)) as dead
from delivery_head h join subscription s on (s.party, s.id) = (h.party, h.subscription)
where ($1 = 0 or h.party = $1) and s.valid_to > now() order by h.subscription

-- :outbox_lock
select from delivery_head h join (select distinct * from unnest($1, $2)) g (party, subscription)
	on (h.party, h.subscription) = (g.party, g.subscription)
order by h.party, h.subscription for update of h

-- :outbox_insert
insert into outbox (party, subscription, position, receipt)
select g.party, g.subscription,
	h.last + row_number() over (partition by g.party, g.subscription order by g.ord), g.receipt
from unnest($1, $2, $3) with ordinality g (party, subscription, receipt, ord)
join delivery_head h on (h.party, h.subscription) = (g.party, g.subscription)

-- :outbox_advance
update delivery_head h set last = h.last + g.n,
	due = case when state <> 'active' or lease_until > now() or attempts > 0 then due
		when h.last + g.n - sent >= bundle_count then least(due, now())
		else least(due, now() + bundle_wait_ms * interval '1 millisecond') end
from (select party, subscription, count(*) as n from unnest($1, $2) u (party, subscription) group by 1, 2) g
where (h.party, h.subscription) = (g.party, g.subscription)

-- :outbox_hold
select pg_try_advisory_lock(18773, $1)

-- :outbox_free
update delivery_head set lease_until = '-infinity', due = now(), last_try = least(last_try, now())
where due < 'infinity' and (last_try > now() + interval '2 seconds' or lease_until > now() and holder <> all (
	select objid::int from pg_locks where locktype = 'advisory' and classid = 18773 and objsubid = 2 and granted))

-- :outbox_keep_only
update delivery_head h set lease_until = '-infinity', due = now()
where due < 'infinity' and holder = $1 and lease_until > now() and not exists (
	select from unnest($2, $3) k (subscription, lease) where (k.subscription, k.lease) = (h.subscription, h.lease))

-- :outbox_lease
with ready as (
	select party, subscription from delivery_head
	where due <= now() and state <> 'paused' and (attempts = 0 or $4)
	order by due limit $2 for update skip locked
)
update delivery_head h set lease = lease + 1, holder = $1, lease_until = now() + $3 * interval '1 microsecond',
	due = now() + $3 * interval '1 microsecond', last_try = now()
from ready r where (h.party, h.subscription) = (r.party, r.subscription)
returning h.party, h.subscription, door, target, bundle_count, bundle_bytes, bundle_wait_ms, give_up_s, state, reason,
	challenge, last, sent, sent_item, acknowledged, acknowledged_item, lease, true, due, resend, attempts,
	failing, last_status, last_code, last_message, last_try, last_ok, made, 0::bigint

-- :outbox_take
select o.position, o.receipt, o.at, coalesce(r.party, 0), coalesce(r.source, ''), r.trace
from outbox o left join receipt r on r.id = o.receipt
where o.party = $1 and o.subscription = $2 and o.position > $3 order by o.position limit $4

-- :outbox_row
select lease from delivery_head where party = $1 and subscription = $2 for update

-- :outbox_settle
update delivery_head h set
	acknowledged = m.acknowledged, sent = m.sent,
	acknowledged_item = case when m.acknowledged > $4 then h.acknowledged_item else $5 end,
	sent_item = case when m.sent > $6 then 0 else $7 end,
	lease_until = '-infinity',
	attempts = case when $8 = 2 or $8 = 1 and h.door = 'mqtt' then h.attempts when $8 = 1 then 0 when $9 then 1
		else h.attempts + 1 end,
	failing = case when $8 = 1 and h.door <> 'mqtt' then null when $8 = 0 and $9 then now()
		when $8 = 0 then coalesce(failing, now()) else failing end,
	last_ok = case when $8 = 1 or $9 then now() else last_ok end,
	last_status = case when $8 = 2 then last_status else $11 end,
	last_code = case when $8 = 2 then last_code else $12 end,
	last_message = case when $8 = 2 then last_message else $13 end,
	resend = case when h.door <> 'mqtt' or m.sent = m.acknowledged then 'infinity'
		else now() + least(10 * (1 << least(h.attempts, 3)), 60) * interval '1 second' end,
	due = case when h.state = 'paused' then 'infinity' when $8 = 0 then now() + $10 * interval '1 microsecond'
		when h.door = 'mqtt' and h.last > m.sent and m.sent - m.acknowledged < 16 * bundle_count or
			h.door <> 'mqtt' and h.last > m.acknowledged
		then case when h.last - m.sent >= bundle_count or $8 = 2 or $7 > 0 then now()
			else now() + bundle_wait_ms * interval '1 millisecond' end
		when m.sent > m.acknowledged then now() + least(10 * (1 << least(h.attempts, 3)), 60) * interval '1 second'
		else 'infinity' end
from (select greatest(acknowledged, $4) as acknowledged, greatest(acknowledged, $4, $6) as sent
	from delivery_head where party = $1 and subscription = $2) m
where h.party = $1 and h.subscription = $2 and h.lease = $3

-- :outbox_bury
with h as (
	select party, subscription, acknowledged, now() - give_up_s * interval '1 second' as since, patience
	from delivery_head where party = $1 and subscription = $2 and lease = $3
), late as (
	select from h cross join lateral (select at from outbox o
		where o.party = h.party and o.subscription = h.subscription and o.position > h.acknowledged
		order by o.position limit 1) o where greatest(o.at, h.patience) < h.since
), dead as (
	insert into dead_letter (party, subscription, position, receipt, status, code, message)
	select o.party, o.subscription, o.position, o.receipt, $4, $5, $6
	from late, h join outbox o on o.party = h.party and o.subscription = h.subscription and o.position > h.acknowledged
		and greatest(o.at, h.patience) < h.since
	on conflict (party, subscription, position) do update set died = excluded.died, status = excluded.status,
		code = excluded.code, message = excluded.message
	returning position
)
update delivery_head d set acknowledged = m.position, acknowledged_item = 0, sent = greatest(sent, m.position),
	sent_item = case when sent > m.position then sent_item else 0 end
from (select max(position) as position from dead) m
where m.position is not null and d.party = $1 and d.subscription = $2

-- :outbox_verified
update delivery_head set state = 'active', attempts = 0, failing = null, lease_until = '-infinity', last_ok = now(),
	patience = now(), last_code = '', last_message = '', due = case when last > acknowledged then now() else 'infinity' end
where party = $1 and subscription = $2 and lease = $3 and state = 'pending'

-- :outbox_acknowledge
update delivery_head h set acknowledged = m.position, acknowledged_item = 0, attempts = 0, failing = null, last_ok = now(),
	sent = case when $4 and lease_until < now() then m.position else sent end,
	sent_item = case when $4 and lease_until < now() or sent = m.position then 0 else sent_item end,
	resend = case when $4 then now() when sent > m.position then now() + interval '10 seconds' else 'infinity' end,
	due = case when state <> 'active' or lease_until > now() then due
		when last > sent or $4 and last > m.position then now()
		when sent > m.position then now() + interval '10 seconds' else 'infinity' end
from (select greatest(acknowledged, $3) as position from delivery_head where party = $1 and subscription = $2) m
where h.party = $1 and h.subscription = $2 and h.door = 'mqtt' and m.position <= sent
	and (m.position > h.acknowledged or $4)
returning acknowledged

-- :outbox_heard_early
update delivery_head set heard = greatest(heard, $3)
where party = $1 and subscription = $2 and door = 'mqtt' and lease_until > now() and $3 > sent and $3 <= last

-- :outbox_heard
update delivery_head h set heard = 0
from (select heard from delivery_head where party = $1 and subscription = $2 and heard > 0) early
where h.party = $1 and h.subscription = $2 returning early.heard

-- :outbox_delivered
update delivery set state = 'acknowledged', done = clock_timestamp()
where party = $1 and subscription = $2 and state = 'sent' and last <= $3

-- :outbox_pause
update delivery_head set state = 'paused', reason = $3, due = case when lease_until > now() then due else 'infinity' end
where party = $1 and subscription = $2 and state <> 'pending'

-- :outbox_resume
update delivery_head set state = 'active', reason = '', attempts = 0, failing = null, patience = now(),
	due = case when lease_until > now() then due when last > acknowledged then now() else 'infinity' end
where party = $1 and subscription = $2 and state <> 'pending'

-- :outbox_replay
with d as (
	delete from dead_letter where party = $1 and subscription = $2 and position >= $3
)
update delivery_head set acknowledged = $3 - 1, acknowledged_item = 0, sent = $3 - 1, sent_item = 0, lease = lease + 1,
	lease_until = '-infinity', patience = now(), attempts = 0, failing = null, resend = 'infinity',
	due = case when state = 'active' and last >= $3 then now() else due end
where party = $1 and subscription = $2 and $3 between 1 and last + 1

-- :outbox_position_at
-- One further back where that is the first one kept of several, since what was before it may have been of that time too.
select coalesce((select o.position - case when o.position > 1 and not exists (select from outbox b
		where b.party = $1 and b.subscription = $2 and b.position < o.position) then 1 else 0 end
	from outbox o where o.party = $1 and o.subscription = $2 and o.at >= $3 order by o.position limit 1), last + 1)
from delivery_head where party = $1 and subscription = $2

-- :outbox_earliest
select coalesce((select position from outbox where party = $1 and subscription = $2 order by position limit 1), last + 1)
from delivery_head where party = $1 and subscription = $2

-- :outbox_health
select coalesce(sum(last - acknowledged), 0)::bigint, count(*), count(*) filter (where attempts > 0), min(failing),
	min(due) filter (where due < now() and state <> 'paused'), (select count(*) from dead_letter)
from delivery_head h join subscription s on (s.party, s.id) = (h.party, h.subscription) where s.valid_to > now()
