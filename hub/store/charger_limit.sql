-- :charger_limit_check
with newest as (
	select distinct on (c.party, c.meter, c.channel) c.party, c.meter as station, c.channel, c.id, c.point, c.ended as since,
		case coalesce(c.arguments->>'unit', 'W') when 'W' then (c.arguments->>'limit')::numeric
			when 'kW' then (c.arguments->>'limit')::numeric * 1000 end as limit_w,
		least(coalesce((c.arguments->>'until')::timestamptz, 'infinity'), case when c.arguments->>'duration' ~ '^[1-9][0-9]{0,8}$'
			then c.ended + (c.arguments->>'duration')::int * interval '1 second' else 'infinity' end) as until
	from command c where c.kind = 'charger_limit' and c.state = 'confirmed' and c.ended > clock_timestamp() - interval '1 day'
	order by c.party, c.meter, c.channel, c.id desc
), due as (
	select n.*, coalesce(k.state, 'none') as was, coalesce(k.command, 0) as was_command,
		coalesce(k.marked, false) as marked from newest n
		left join charger_limit k on k.party = n.party and k.station = n.station and k.channel = n.channel
	where n.limit_w is not null and n.until > n.since and (k.command is null or k.command <> n.id
		or k.checked < clock_timestamp() - case when k.state = 'waiting' then $3 else 60000000 end * interval '1 microsecond')
	order by k.checked nulls first limit $2
), seen as (
	select d.*, m.samples, m.low, m.high from due d cross join lateral (
		select count(w) as samples, min(w) as low, max(w) as high from (
			select coalesce(power_w(u.body->'details'->>'ev_power'), case when u.time - lag(u.time) over later > interval '5 seconds'
				then (register_wh(u.body->'details'->>'ev_energy') - lag(register_wh(u.body->'details'->>'ev_energy')) over later) * 3600
					/ extract(epoch from u.time - lag(u.time) over later) end) as w, u.time
			from message u where u.point = d.point and u.type = 3 and u.body->>'phase' = 'update' and (d.channel = '' or u.channel = d.channel)
				and u.time >= d.since + $1 * interval '1 microsecond' and u.time < d.until
			window later as (partition by u.channel order by u.time) order by u.time desc limit 2) last) m
), judged as (
	select s.*, case when samples < 2 then case when was_command = id then was else 'waiting' end
			when low > limit_w * 1.05 + 100 then 'ignored' when high <= limit_w * 1.05 + 100 then 'honoured'
			when was_command = id then was else 'waiting' end as becomes
	from seen s
), kept as (
	insert into charger_limit (party, station, channel, command, limit_w, state, measured_w, marked)
	select party, station, channel, id, limit_w::bigint, becomes, case when samples = 2 then low::bigint end,
		becomes = 'ignored' or becomes = 'waiting' and marked from judged
	on conflict (party, station, channel) do update set command = excluded.command, limit_w = excluded.limit_w, state = excluded.state,
		marked = excluded.marked,
		measured_w = coalesce(excluded.measured_w, case when charger_limit.command = excluded.command then charger_limit.measured_w end),
		checked = clock_timestamp()
	returning 1
)
select j.party, j.station, j.channel, j.id, j.limit_w::bigint, coalesce(j.low, 0)::bigint, j.becomes, j.point
from judged j where j.becomes = 'ignored' and (j.was <> 'ignored' or j.was_command <> j.id) or j.becomes = 'honoured' and j.marked

-- :charger_limit_list
select party, station, channel, command, limit_w, coalesce(measured_w, 0), state, 0::bigint from charger_limit
where ($1 = 0 or party = $1) and ($2::text is null or station = $2) order by party, station, channel
