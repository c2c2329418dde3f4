-- :point_put
insert into point (code, commodity, premise, name_zh, name_en, zone, interval_s, power_digits, power_scale, state,
	protected, valid_from, valid_to)
values ($1, $2, nullif($3, 0), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
on conflict (code) do update set premise = excluded.premise, name_zh = excluded.name_zh, name_en = excluded.name_en,
	zone = excluded.zone, interval_s = excluded.interval_s, power_digits = excluded.power_digits,
	power_scale = excluded.power_scale, state = excluded.state, protected = excluded.protected,
	valid_from = excluded.valid_from, valid_to = excluded.valid_to
where (point.premise, point.name_zh, point.name_en, point.zone, point.interval_s, point.power_digits,
	point.power_scale, point.state, point.protected, point.valid_from, point.valid_to)
	is distinct from (excluded.premise, excluded.name_zh, excluded.name_en, excluded.zone, excluded.interval_s,
	excluded.power_digits, excluded.power_scale, excluded.state, excluded.protected, excluded.valid_from,
	excluded.valid_to)

-- :point_key
select id, commodity from point where code = $1

-- :point_parties_put
with given as (
	select * from unnest($2, $3, $4, $5) g (role, party, valid_from, valid_to)
), gone as (
	delete from point_party o where o.point = $1 and not exists (select from given g
		where (g.role, g.party, g.valid_from) = (o.role, o.party, o.valid_from))
	returning 1
), come as (
	insert into point_party (point, role, party, valid_from, valid_to) select $1, * from given
	on conflict (point, role, party, valid_from) do update set valid_to = excluded.valid_to
	where point_party.valid_to <> excluded.valid_to
	returning 1
)
select (select count(*) from gone) + (select count(*) from come)

-- :point_by_code
select p.*, q.* from point_row p left join lateral (select array_agg(role order by role, valid_from, party),
	array_agg(party order by role, valid_from, party), array_agg(valid_from order by role, valid_from, party),
	array_agg(valid_to order by role, valid_from, party) from point_party where point = p.id) q on true
where p.code = $1

-- As for point_meters: the plan is kept.
-- :point_by_ids
select p.*, q.* from point_row p left join lateral (select array_agg(role order by role, valid_from, party),
	array_agg(party order by role, valid_from, party), array_agg(valid_from order by role, valid_from, party),
	array_agg(valid_to order by role, valid_from, party) from point_party where point = p.id) q on true
where p.id = any ((select $1)::bigint[]) order by p.id

-- :point_list
select p.*, q.* from point_row p left join lateral (select array_agg(role order by role, valid_from, party),
	array_agg(party order by role, valid_from, party), array_agg(valid_from order by role, valid_from, party),
	array_agg(valid_to order by role, valid_from, party) from point_party where point = p.id) q on true
where p.id > $1
	and ($2 = 0 or exists (select from premise m where m.id = p.premise and m.path @> array[$2]))
	and ($3 = 0 or exists (select from point_party o where o.point = p.id and o.party = $3
		and ($4 is null or o.role = $4) and ($5 is null or o.valid_from <= $5 and $5 < o.valid_to)))
	and ($6 is null or p.commodity = $6)
order by p.id limit $7

-- :point_switched
update point set state = $2 where id = $1

-- :point_limit_put
insert into point_limit (point, quantity, min_digits, min_scale, max_digits, max_scale, rise_digits, rise_scale)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (point, quantity) do update set min_digits = excluded.min_digits, min_scale = excluded.min_scale,
	max_digits = excluded.max_digits, max_scale = excluded.max_scale, rise_digits = excluded.rise_digits,
	rise_scale = excluded.rise_scale

-- :point_limit_list
select point, quantity, min_digits, min_scale, max_digits, max_scale, rise_digits, rise_scale
from point_limit where point = any ($1) order by point, quantity
