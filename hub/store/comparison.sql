-- :comparison_cycle_add
insert into comparison_cycle (cycle, rule, per_area, per_occupants, per_degree_days, weather)
values ($1, $2, $3, $4, $5, nullif($6, 0)) on conflict do nothing

-- :comparison_cycle_lock
select cycle, rule, per_area, per_occupants, per_degree_days, coalesce(weather, 0), lat_e7, round from comparison_cycle
where cycle = $1 for update

-- :comparison_cycle_get
select cycle, rule, per_area, per_occupants, per_degree_days, coalesce(weather, 0), lat_e7, round from comparison_cycle
where cycle = $1

-- :comparison_cycle_set
update comparison_cycle set round = $2, lat_e7 = case when $3 then $4::int end where cycle = $1

-- :comparison_accounts
select coalesce(max(id), 0) from (select id from billing_account where kind = 'household' and id > $1 and ($3 = 0 or id = $3)
	order by id limit $2) a

-- :comparison_places
select a.id, p.id, coalesce((select max(b.revision) from bill b where b.account = a.id and b.cycle = $1), 0),
	p.commodity, greatest(c.valid_from, $2), least(c.valid_to, $3), coalesce(h.id, 0), coalesce(h.dwelling, ''),
	coalesce(h.heating, ''), coalesce(h.area_digits, -1), coalesce(h.area_scale, 0), coalesce(h.occupants, 0),
	coalesce(h.vacant, false), h.lon_e7, h.lat_e7,
	exists (select from comparison_choice o join point_party w on w.point = o.point and w.party = o.party
		and w.role in ('owner', 'occupant') and w.valid_from <= now() and now() < w.valid_to
		where o.point = p.id and o.taken_back is null)
from billing_account a join contract c on c.account = a.id and c.valid_from < $3 and c.valid_to > $2
	join point p on p.id = c.point
	left join lateral (select m.* from premise q, unnest(q.path) u (id), premise m
		where q.id = p.premise and m.id = u.id and m.kind = 'home' limit 1) h on true
where a.kind = 'household' and a.id > $4 and a.id <= $5 and ($6 = 0 or a.id = $6)
order by a.id, p.id, c.valid_from

-- :comparison_homes
select account, cycle, joined, coalesce(parted, 0), revision, premise, dwelling, heating, area, occupants, x, y,
	use[1], use[2], use[3], use[4]
from comparison_home
where cycle = $1 and account > $3
	and case when $2 = 0 then parted is null else joined <= $2 and $2 < coalesce(parted, 2147483647) end
order by account limit $4

-- :comparison_home_add
insert into comparison_home (account, cycle, joined, revision, premise, dwelling, heating, area, occupants, x, y, use)
select account, cycle, joined, revision, premise, dwelling, heating, area, occupants, x, y,
	array[case when k1 then u1 end, case when k2 then u2 end, case when k3 then u3 end, case when k4 then u4 end]
from unnest($1::bigint[], $2::int[], $3::int[], $4::smallint[], $5::bigint[], $6::text[], $7::text[], $8::int[], $9::smallint[],
	$10::int[], $11::int[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::boolean[], $17::boolean[],
	$18::boolean[], $19::boolean[])
	h (account, cycle, joined, revision, premise, dwelling, heating, area, occupants, x, y, u1, u2, u3, u4, k1, k2, k3, k4)

-- :comparison_home_part
update comparison_home set parted = $2 where cycle = $1 and account = any ($3) and parted is null

-- :comparison_list
select account, cycle, round, revision, commodity, reason, amount_digits, amount_scale, days, own, factor, peers, rank, median,
	efficient, within, made
from comparison c
where account = any ($1) and cycle = $2
	and revision = (select max(n.revision) from comparison n where n.account = c.account and n.cycle = c.cycle)
order by account, array_position(array['electricity', 'water', 'gas', 'heat'], commodity)

-- :comparison_newest
select coalesce(max(cycle), 0) from comparison where account = $1

-- :comparison_put
insert into comparison (account, cycle, round, revision, commodity, reason, amount_digits, amount_scale, days, own, factor, peers,
	rank, median, efficient, within)
select * from unnest($1::bigint[], $2::int[], $3::int[], $4::smallint[], $5::text[], $6::text[], $7::bigint[], $8::smallint[],
	$9::int[], $10::bigint[], $11::bigint[], $12::smallint[], $13::smallint[], $14::bigint[], $15::bigint[], $16::int[])
on conflict (account, cycle, revision, commodity) do update set round = excluded.round, reason = excluded.reason,
	amount_digits = excluded.amount_digits, amount_scale = excluded.amount_scale, days = excluded.days, own = excluded.own,
	factor = excluded.factor, peers = excluded.peers, rank = excluded.rank, median = excluded.median,
	efficient = excluded.efficient, within = excluded.within, made = now()
where comparison.reason <> ''
