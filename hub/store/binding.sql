-- :point_bindings
select d.meter, i.channel, i.valid_from, i.valid_to, d.id, i.id, d.multiplier_digits, d.multiplier_scale,
	coalesce(d.modulus_digits, 0), d.modulus_scale, p.*
from device d join installation i on i.device = d.id join point_row p on p.id = i.point
where d.party = $1 and d.meter = any ($2)
order by d.meter, i.channel, i.valid_from
