-- :station_request_put
insert into station_request (party, station, csr) values ($1, $2, $3)

-- :station_request_take
select party, id, station, csr from station_request where state = 'waiting' order by id limit 1 for update skip locked

-- :station_request_facts
select coalesce((select c.party from charger c where c.name = $2), 0),
	coalesce((select i.point from installation i join device d on d.id = i.device
		where d.party = $1 and d.meter = $2 and i.valid_from <= now() and now() < i.valid_to order by i.channel, i.point limit 1), 0),
	exists (select from station_request r where r.party = $1 and r.station = $2 and r.state = 'signed'
		and r.ended > clock_timestamp() - interval '1 minute'),
	coalesce(b.point_serial, ''), coalesce(b.box_serial, '')
from (values (1)) one (n) left join lateral (select m.body->'details'->>'chargePointSerialNumber' as point_serial,
		m.body->'details'->>'chargeBoxSerialNumber' as box_serial
	from message m where m.party = $1 and m.type = 5 and m.key >= $2 || '||boot|' and m.key < $2 || '||boot}'
	order by m.time desc limit 1) b on true

-- :station_request_end
update station_request set state = $3, cause = $4, serial = $5, ended = clock_timestamp() where party = $1 and id = $2
