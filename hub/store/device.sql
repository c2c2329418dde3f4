-- :device_put
insert into device (party, meter, maker, model, multiplier_digits, multiplier_scale, modulus_digits, modulus_scale)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (party, meter) do update set maker = excluded.maker, model = excluded.model,
	multiplier_digits = excluded.multiplier_digits, multiplier_scale = excluded.multiplier_scale,
	modulus_digits = excluded.modulus_digits, modulus_scale = excluded.modulus_scale
where (device.maker, device.model, device.multiplier_digits, device.multiplier_scale, device.modulus_digits,
	device.modulus_scale)
	is distinct from (excluded.maker, excluded.model, excluded.multiplier_digits, excluded.multiplier_scale,
	excluded.modulus_digits, excluded.modulus_scale)

-- :device_by_meter
select id, party, meter, maker, model, multiplier_digits, multiplier_scale, coalesce(modulus_digits, 0), modulus_scale
from device where party = $1 and meter = $2

-- :device_list
select id, party, meter, maker, model, multiplier_digits, multiplier_scale, coalesce(modulus_digits, 0), modulus_scale
from device where id > $1 order by id limit $2

-- :install_lock
select (select id from device where id = $1 for update) is not null
	and (select id from point where id = $2 for update) is not null

-- :install_same
select id from installation
where device = $1 and channel = $2 and point = $3 and valid_from = $4 and ($5 = 'infinity' or valid_to = $5)

-- :install_clash
select case when device = $1 then d.meter || ' is bound to point ' || p.code
	else 'point ' || p.code || ' has device ' || d.meter end
from installation i join device d on d.id = i.device join point p on p.id = i.point
where (i.device = $1 and i.channel = $2 or i.point = $3 and i.device <> $1)
	and i.valid_from < $5 and $4 < i.valid_to
limit 1

-- :install
insert into installation (device, channel, point, valid_from, valid_to) values ($1, $2, $3, $4, $5) returning id

-- :install_registers
insert into installation_register (installation, quantity, start_digits, start_scale, end_digits, end_scale)
select $1, quantity, case when has_start then start_digits end, start_scale, case when has_end then end_digits end, end_scale
from unnest($2, $3, $4, $5, $6, $7, $8)
	g (quantity, has_start, start_digits, start_scale, has_end, end_digits, end_scale)
on conflict (installation, quantity) do update set
	start_digits = coalesce(excluded.start_digits, installation_register.start_digits),
	start_scale = case when excluded.start_digits is null then installation_register.start_scale else excluded.start_scale end,
	end_digits = coalesce(excluded.end_digits, installation_register.end_digits),
	end_scale = case when excluded.end_digits is null then installation_register.end_scale else excluded.end_scale end

-- :installation_of_device
select id from installation where device = $1 and channel = $2 and valid_from < $3 and $3 < valid_to for update

-- :installation_of_point
select id from installation where point = $1 and channel = $2 and valid_from < $3 and $3 < valid_to for update

-- :installation_end
update installation set valid_to = $2 where id = $1

-- :installation_by_point
select i.id, i.device, i.channel, i.point, i.valid_from, i.valid_to, r.quantity, r.start_digits, r.start_scale,
	r.end_digits, r.end_scale
from installation i left join installation_register r on r.installation = i.id
where i.point = $1 order by i.valid_from, i.id, r.quantity
