-- :demand_programme_put
insert into demand_programme (code, party, name_zh, name_en, method, price, settle_s, stagger_s, calendar)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en, method = excluded.method,
	price = excluded.price, settle_s = excluded.settle_s, stagger_s = excluded.stagger_s,
	calendar = excluded.calendar
where demand_programme.party = excluded.party
returning id

-- :demand_programme_by_code
select id, party, code, name_zh, name_en, method, price, settle_s, stagger_s, calendar from demand_programme where code = $1

-- :demand_programme_by_id
select id, party, code, name_zh, name_en, method, price, settle_s, stagger_s, calendar from demand_programme where id = $1

-- :demand_feeder_put
insert into demand_feeder (code, cap) values ($1, $2) on conflict (code) do update set cap = excluded.cap

-- :demand_member_put
insert into demand_resource (programme, point, kind, control, channel, feeder, most, least, keep, normal, cost, need_wh, departure,
	opted_in)
values ($1, $2, $3, $4, $5, nullif($6, ''), $7, $8, $9, $10, $11, $12, $13, $14)
on conflict (programme, point) do update set kind = excluded.kind, control = excluded.control, channel = excluded.channel,
	feeder = excluded.feeder, most = excluded.most, least = excluded.least, keep = excluded.keep, normal = excluded.normal,
	cost = excluded.cost, need_wh = excluded.need_wh, departure = excluded.departure, opted_in = excluded.opted_in

-- :demand_member_list
select r.programme, r.point, p.code, r.kind, r.control, r.channel, coalesce(r.feeder, ''), coalesce(f.cap, 0), r.most, r.least, r.keep,
	r.normal, r.cost, r.need_wh, r.departure, r.opted_in, r.rate, r.trials, r.debt, p.protected
from demand_resource r join point p on p.id = r.point left join premise m on m.id = p.premise
left join demand_feeder f on f.code = r.feeder
where r.programme = $1 and ($2 = 0 or m.path @> array[$2])
order by r.feeder, r.point

-- :demand_member_learned
update demand_resource set rate = $3, trials = $4, debt = $5 where programme = $1 and point = $2

-- :demand_member_opt
update demand_resource set opted_in = $3 where programme = $1 and point = $2 returning point

-- :demand_event_add
insert into demand_event (programme, target, notice, starts, ends, area, automatic, asked_by)
values ($1, $2, $3, $4, $5, nullif($6, 0), $7, $8) returning id

-- :demand_event_get
select id, programme, target, notice, starts, ends, coalesce(area, 0), automatic, state, round, approved, looked, short, asked_by
from demand_event where id = $1

-- :demand_event_list
select id, programme, target, notice, starts, ends, coalesce(area, 0), automatic, state, round, approved, looked, short, asked_by
from demand_event where $1 = 0 or programme = $1 order by id desc limit $2

-- :demand_event_claim
with due as (
	-- nobody leases for so long: the clock went back
	select id from demand_event where state not in ('over', 'cancelled') and notice <= clock_timestamp()
		and (lease_until < clock_timestamp() or lease_until > clock_timestamp() + 2 * $1 * interval '1 microsecond')
	order by id for update skip locked
)
update demand_event e set lease_until = clock_timestamp() + $1 * interval '1 microsecond' from due where e.id = due.id
returning e.id, programme, target, notice, starts, ends, coalesce(area, 0), automatic, state, round, approved, looked, short, asked_by

-- :demand_event_move
update demand_event set state = case when state in ('releasing', 'over', 'cancelled') and $2 in ('told', 'active') then state else $2 end,
	round = $3, looked = $4, short = $5, lease_until = '-infinity' where id = $1

-- :demand_event_round
update demand_event set state = $2, round = $3, looked = $4, short = $5
where id = $1 and round = $3 - 1 and state not in ('releasing', 'over', 'cancelled') returning id

-- :demand_event_approve
update demand_event set approved = approved + 1 where id = $1 and not automatic and state in ('planned', 'told', 'active')
	and approved <= round
returning id

-- :demand_event_cancel
update demand_event set state = case when state in ('planned', 'told') then 'cancelled' else 'releasing' end,
	ends = greatest(least(ends, clock_timestamp()), starts + interval '1 second')
where id = $1 and state in ('planned', 'told', 'active') returning id

-- :demand_event_days
select starts from demand_event where programme = $1 and starts >= $2 and starts < $3 and state not in ('planned', 'told', 'cancelled')

-- :demand_order_add
insert into demand_order (point, event, round, ordered, baseline, limit_w)
select * from unnest($1, $2, $3, $4, $5, $6)
on conflict (point, event) do nothing

-- :demand_order_list
select o.point, o.event, o.round, o.ordered, o.baseline, o.limit_w, o.state, o.command, o.release, o.delivered is not null,
	coalesce(o.delivered, 0), o.cause, o.made, p.code, coalesce(c.state, '')
from demand_order o join point p on p.id = o.point
left join command c on c.point = o.point and c.id = o.command
where o.event = $1 order by o.round, o.point

-- :demand_order_told
update demand_order set state = $3, command = $4, release = $5, delivered = case when $6 then $7::bigint end, cause = $8
where point = $1 and event = $2

-- :demand_result_put
insert into demand_result (point, event, delivered_ws, credit, account) values ($1, $2, $3, $4, nullif($5, 0))
on conflict (point, event) do nothing

-- :demand_result_list
select point, event, delivered_ws, credit, coalesce(account, 0) from demand_result where event = $1 order by point

-- :demand_result_sums
select r.point, (exists (select from demand_result s join demand_event o on o.id = s.event
		where o.programme = $1 and s.account = r.account and s.point = r.point and s.cycle = $3))::int,
	sum(r.delivered_ws)::bigint, sum(r.credit)::bigint, r.account
from demand_result r join demand_event e on e.id = r.event
where e.programme = $1 and e.ends < $2 and r.account is not null and r.credit > 0 and r.cycle is null
group by r.account, r.point order by r.account, r.point

-- :demand_result_settled
update demand_result r set cycle = $5
from demand_event e where e.id = r.event and e.programme = $1 and e.ends < $2 and r.account = $3 and r.point = $4 and r.cycle is null
