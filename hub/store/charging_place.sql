-- :charging_place_list
select c.id, c.party, c.name, o.code, o.name_zh, o.name_en, p.id, p.code, i.channel, coalesce(p.power_digits, 0), coalesce(p.power_scale, 0)::smallint,
	coalesce(m.name_zh, ''), coalesce(m.name_en, ''), coalesce(r.name_zh, ''), coalesce(r.name_en, ''), g.lon_e7, g.lat_e7, c.tariff
from (select * from charger h where h.state = 'accepted' and ($1::text is null or h.name = $1) and h.id > $2
		and exists (select from device d join installation i on i.device = d.id join point_public u on u.id = i.point
			where d.party = h.party and d.meter = h.name and i.valid_from <= $4 and $4 < i.valid_to)
		order by h.id limit $3) c
	join party o on o.id = c.party
	join device d on d.party = c.party and d.meter = c.name
	join installation i on i.device = d.id and i.valid_from <= $4 and $4 < i.valid_to
	join point p on p.id = i.point and exists (select from point_public u where u.id = p.id)
	left join premise m on m.id = p.premise
	left join lateral (select a.name_zh, a.name_en from premise a where a.id = any (m.path) and a.kind = 'district' limit 1) r on true
	left join lateral (select a.lon_e7, a.lat_e7 from premise a where a.id = any (m.path) and a.lon_e7 is not null
		order by cardinality(a.path) desc limit 1) g on true
order by c.id, i.channel

-- :charging_areas
select m.code, m.name_zh, m.name_en, o.geometry from premise_outline o join premise m on m.id = o.premise
where m.kind = 'district' and exists (select from point p join point_public u on u.id = p.id join premise s on s.id = p.premise
	join installation i on i.point = p.id and i.valid_from <= $1 and $1 < i.valid_to join device d on d.id = i.device
	join charger c on c.party = d.party and c.name = d.meter and c.state = 'accepted'
	where p.commodity = 'ev' and s.path @> array[m.id])
order by m.code

-- :charging_cards
select t.tag, b.code, o.code, t.tariff, t.party from charge_tag t join billing_account b on b.id = t.account join party o on o.id = t.party
where b.holder = $1 and t.state = 'accepted' and $2 < t.valid_to order by t.tag
