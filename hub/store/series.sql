-- :series_insert
with put as (
	insert into reading (point, receipt, time, start, recorded, digits, flags, version, quantity, item, kind, scale, channel)
	select point, $1, time, start, now(), digits, flags, 0, quantity, item, kind, scale, channel
	from unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		g (point, time, start, digits, flags, quantity, item, kind, scale, channel)
	on conflict do nothing
	returning item
)
select count(*), case when count(*) < cardinality($2) then array_agg(item) end from put

-- :series_latest
select g.ord, r.version, r.digits, r.scale, r.recorded, now()
from unnest($1, $2, $3, $4, $5, $6, $7) g (ord, point, quantity, channel, time, start, kind)
cross join lateral (select version, digits, scale, recorded from reading r
	where (r.point, r.quantity, r.channel, r.time, r.start, r.kind)
		= (g.point, g.quantity, g.channel, g.time, g.start, g.kind)
	order by version desc limit 1) r

-- :series_version
insert into reading (point, receipt, time, start, recorded, digits, flags, version, quantity, item, kind, scale, channel)
select point, $1, time, start, recorded, digits, flags, version, quantity, item, kind, scale, channel
from unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
	g (point, time, start, digits, flags, quantity, item, kind, scale, channel, recorded, version)
on conflict do nothing

-- What is asked for stands where the planner does not look into it: a plan that is as good for any values is kept for the
-- connection, and planning costs more than the reading.
-- :series_raw
with a as materialized (select $1 as points, $2 as quantity, $3 as channel, $4 as low, $5 as high, $6 as known, $7 as most,
	$8 as above, $9 as time, $10 as start, $11 as kind, $12 as whole, $13 as here)
select r.point, r.receipt, r.time, r.start, r.recorded, r.digits, r.scale, r.flags, r.version, r.quantity, r.kind, r.channel,
	r.item
from a cross join lateral unnest(a.points) with ordinality p (point, ord)
cross join lateral (
	with recursive c (channel) as (
		(select channel from reading where point = p.point and quantity = a.quantity and a.channel is null
			and channel >= case when a.here and p.ord = 1 then a.above else '' end order by channel limit 1)
		union all
		select (select n.channel from reading n where n.point = p.point and n.quantity = a.quantity
			and n.channel > c.channel order by n.channel limit 1)
		from c where c.channel is not null
	)
	select channel from c where channel is not null
	union all
	select a.channel where a.channel is not null
) c
cross join lateral (
	select case when here then a.time else a.low end as time, case when here then a.start else '-infinity' end as start,
		case when here then a.kind else 0::smallint end as kind
	from (select a.here and p.ord = 1 and c.channel = a.above as here) h
) l
cross join lateral (
	select distinct on (x.time, x.start, x.kind) x.*
	from reading x
	where x.point = p.point and x.quantity = a.quantity and x.channel = c.channel and x.recorded <= a.known
		and x.time >= l.time and x.time <= a.high and (x.time, x.start, x.kind) > (l.time, l.start, l.kind)
		and case when x.kind = 2 then x.time > a.low and x.start >= a.low else x.time < a.high or a.whole end
	order by x.time, x.start, x.kind, x.version desc
	limit a.most
) r
limit (select most from a)

-- :series_arrays
-- The readings of each channel as arrays: a row a reading costs several times as much.
select p.point, r.channel, r.times, r.starts, r.digits, r.marks, r.registers, coalesce(t.interval_s, 0)
from unnest($1::bigint[]) p (point)
left join point t on t.id = p.point
cross join lateral (
	select x.channel, array_agg(x.time) as times, array_agg(x.start) as starts, array_agg(x.digits) as digits,
		array_agg((x.flags::bigint << 16) | (x.scale << 8) | x.kind) as marks, bool_or(x.kind = 1) as registers
	from (
		select distinct on (y.channel, y.time, y.start, y.kind) y.channel, y.time, y.start, y.digits, y.flags, y.scale, y.kind
		from reading y
		where y.point = p.point and y.quantity = $2 and y.time > $3 and y.time <= $4 and y.recorded <= $5
			and (y.kind <> 2 or y.start >= $3)
		order by y.channel, y.time, y.start, y.kind, y.version desc
	) x group by x.channel
) r

-- :series_devices
select i.point, i.channel, i.valid_from, i.valid_to, d.multiplier_digits, d.multiplier_scale, coalesce(d.modulus_digits, 0),
	d.modulus_scale, r.start_digits, r.start_scale, r.end_digits, r.end_scale
from installation i join device d on d.id = i.device
left join installation_register r on r.installation = i.id and r.quantity = $2
where i.point = any ($1) order by i.point, i.channel, i.valid_from

-- :series_standings
select g.ord, s.time, s.digits, s.scale
from unnest($1::int[], $2::bigint[], $3::text[]) g (ord, point, channel)
cross join lateral (select time, digits, scale from reading
	where point = g.point and quantity = $4 and channel = g.channel and kind = 1 and time <= $5 and recorded <= $6
	order by time desc, version desc limit 1) s

-- :series_channels
with recursive c (channel) as (
	(select channel from reading where point = $1 and quantity = $2 order by channel limit 1)
	union all
	select (select n.channel from reading n where n.point = $1 and n.quantity = $2
		and n.channel > c.channel order by n.channel limit 1)
	from c where c.channel is not null
)
select channel from c where channel is not null

-- :series_standing
select time, digits, scale from reading
where point = $1 and quantity = $2 and channel = $3 and kind = 1 and time <= $4 and recorded <= $5
order by time desc, version desc limit 1

-- :series_segments
select i.valid_from, i.valid_to, d.multiplier_digits, d.multiplier_scale, coalesce(d.modulus_digits, 0), d.modulus_scale,
	r.start_digits, r.start_scale, r.end_digits, r.end_scale
from installation i join device d on d.id = i.device
left join installation_register r on r.installation = i.id and r.quantity = $2
where i.point = $1 and i.channel = case when exists (select from installation o
	where o.point = $1 and o.channel = $3) then $3 else '' end
order by i.valid_from

-- :series_interval
select interval_s from point where id = $1

-- :series_of_receipt
select point, receipt, time, start, recorded, digits, scale, flags, version, quantity, kind, channel, item
from reading where receipt = $1 and item >= $2 order by item limit $3

-- :series_of_receipts
select r.point, r.receipt, r.time, r.start, r.recorded, r.digits, r.scale, r.flags, r.version, r.quantity, r.kind, r.channel,
	r.item
from unnest($1) with ordinality g (receipt, ord)
cross join lateral (select * from reading x where x.receipt = g.receipt and (g.ord > 1 or x.item >= $2)
	and ($4::bigint[] is null or x.point = any ($4)) order by x.item limit $3) r
order by g.ord, r.item limit $3

-- :series_last
select g.ord, r.point, r.receipt, r.time, r.start, r.recorded, r.digits, r.scale, r.flags, r.version, r.quantity, r.kind, r.channel
from unnest($1, $2, $3, $4, $5, $6) g (ord, point, quantity, channel, kind, time)
cross join lateral (select x.time, x.start from reading x
	where x.point = g.point and x.quantity = g.quantity and x.channel = g.channel and x.kind = g.kind and x.time < g.time
	order by x.time desc, x.start desc limit 1) k
cross join lateral (select * from reading x
	where (x.point, x.quantity, x.channel, x.time, x.start, x.kind)
		= (g.point, g.quantity, g.channel, k.time, k.start, g.kind)
	order by x.version desc limit 1) r

-- :series_explain
insert into reading_reason (point, receipt, item, flag, reason)
select point, $1, item, flag, reason from unnest($2, $3, $4, $5) g (point, item, flag, reason)

-- :series_reasons
select g.ord, x.reasons
from unnest($1, $2, $3, $4) g (ord, point, receipt, item)
cross join lateral (select array_agg(r.reason order by r.flag) as reasons from reading_reason r
	where (r.point, r.receipt, r.item) = (g.point, g.receipt, g.item)) x
where x.reasons is not null

-- :series_lateness
select percentile_disc(0.5) within group (order by late), percentile_disc(0.95) within group (order by late)
from (
	select (extract(epoch from r.recorded - r.time) * 1000000)::bigint as late
	from unnest($1) g (receipt) cross join lateral (select recorded, time from reading x
		where x.receipt = g.receipt order by x.item limit 500) r
) l

-- :series_wholeness
select a.code, p.commodity, count(*), sum(floor(extract(epoch from $3 - $2) / p.interval_s))::bigint,
	sum(least(floor(extract(epoch from $3 - $2) / p.interval_s), n.present))::bigint
from installation i join device d on d.id = i.device join point p on p.id = i.point join party a on a.id = d.party
cross join lateral (
	select coalesce(max(m.n), 0) as present from unnest($4::smallint[]) q (quantity) cross join lateral (
		select count(*) as n from reading r where r.point = p.id and r.quantity = q.quantity and r.channel = '' and r.time > $2 and r.time <= $3
			and r.version = 0 and r.kind in (1, 2)) m
) n
where p.interval_s > 0 and ($1 = 0 or d.party = $1) and i.valid_from < $3 and i.valid_to > $3
group by a.code, p.commodity order by a.code, p.commodity
