-- :point_bindings
select d.meter, i.channel, i.valid_from, i.valid_to, d.id, i.id, d.multiplier_digits, d.multiplier_scale,
	coalesce(d.modulus_digits, 0), d.modulus_scale, p.*
from device d join installation i on i.device = d.id join point_row p on p.id = i.point
where d.party = $1 and d.meter = any ($2)
order by d.meter, i.channel, i.valid_from

-- An array that the planner does not look into, so that the plan is kept: row security makes planning dear.
-- :point_meters
select i.point, i.channel, d.meter, i.valid_from, i.valid_to
from installation i join device d on d.id = i.device
where i.point = any ((select $1)::bigint[])
order by i.point, i.channel, i.valid_from

-- :meters_of_others
select distinct meter from device where meter = any ($2) and party <> $1 order by meter
