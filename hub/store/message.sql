-- :message_put
insert into message (party, receipt, item, type, point, channel, time, key, body)
select party, receipt, item, type, nullif(point, 0), channel, time, key, body::jsonb
from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
	g (party, receipt, item, type, point, channel, time, key, body)
order by party, type, key, item
on conflict (party, type, key) do nothing
returning item

-- :message_of_receipt
select id, party, receipt, item, type, coalesce(point, 0), channel, time, key, body::text, recorded, case when 1 << type = type_bit('event') then coalesce(body->>'code', '') else '' end
from message where receipt = $1 order by item

-- :message_of_receipts
select id, party, receipt, item, type, coalesce(point, 0), channel, time, key, body::text, recorded, case when 1 << type = type_bit('event') then coalesce(body->>'code', '') else '' end
from message where receipt = any ($1) order by receipt, item

-- :message_list
select id, party, receipt, item, type, coalesce(point, 0), channel, time, key, body::text, recorded, case when 1 << type = type_bit('event') then coalesce(body->>'code', '') else '' end
from message
where point = any ($1) and ($2 = 0 or type = $2) and time >= $3 and time < $4 and id > $5
order by id limit $6
