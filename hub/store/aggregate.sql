
-- :aggregate_areas
select id, coalesce(parent, 0), kind, code, name_zh, name_en, coalesce(area_digits, -1), area_scale, valid_from, valid_to, path
from premise where kind in ('city', 'district', 'street', 'estate', 'park') order by cardinality(path), code

-- :aggregate_points
select p.id, coalesce(
	(select o.party from point_party o where o.point = p.id and o.role = 'occupant' and o.valid_from <= $2 and $2 < o.valid_to
		order by o.valid_from desc, o.party limit 1),
	(select o.party from point_party o where o.point = p.id and o.role = 'owner' and o.valid_from <= $2 and $2 < o.valid_to
		order by o.valid_from desc, o.party limit 1), -p.id),
	p.interval_s, m.path
from point p join premise m on m.id = p.premise
where p.commodity = $1 and p.valid_from <= $2 and $2 < p.valid_to and p.id > $3
order by p.id limit $4

-- :aggregate_run_put
insert into aggregate_run (commodity, at, points, measured) values ($1, $2, $3, $4) on conflict do nothing returning 1

-- :aggregate_day_put
insert into aggregate_day (premise, commodity, at, verdict, hourly, customers, digits, scale, hours)
values ($1, $2, $3, $4, $5, case when $4 = 'published' then $6 end, case when $4 = 'published' then $7 end, $8,
	case when $5 = 'published' then $9 end)

-- :aggregate_days
select premise, at, verdict, hourly, coalesce(customers, 0), coalesce(digits, 0), scale, coalesce(hours, '{}')
from aggregate_day where premise = any ($1) and commodity = $2 and at >= $3 and at < $4 order by premise, at

-- :aggregate_runs
select commodity, at, points, measured, made from aggregate_run
where ($1::text is null or commodity = $1) and at >= $2 and at < $3 order by commodity, at

-- :carbon_factor_put
insert into carbon_factor (commodity, year, digits, scale, source) values ($1, $2, $3, $4, $5)
on conflict (commodity, year) do update set digits = excluded.digits, scale = excluded.scale, source = excluded.source

-- :carbon_factor_list
select commodity, year, digits, scale, source from carbon_factor where $1::text is null or commodity = $1 order by commodity, year

-- :aggregate_ask_add
insert into aggregate_ask (party, login, purpose, area, below, commodity, step, period_from, period_to, form, given, withheld, trace)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)

-- :aggregate_ask_list
select party, id, at, login, purpose, area, below, commodity, step, period_from, period_to, form, given, withheld, trace
from aggregate_ask
where ($1 = 0 or party = $1) and ($2::text is null or login = $2) and ($3 = 0 or id < $3)
order by id desc limit $4
