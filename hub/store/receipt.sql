-- :source_lock
insert into source_position (party, source, epoch, next) values ($1, $2, $3, 1)
on conflict (party, source, epoch) do update set next = source_position.next
returning next

-- :source_advance
update source_position set next = $4 where party = $1 and source = $2 and epoch = $3

-- :receipt_number
select nextval('receipt_id')

-- :receipt_insert
insert into receipt (party, id, source, epoch, first, count, digest, trace, stored, duplicates, quarantined, received)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)

-- :receipt_by_id
select id, party, source, epoch, first, count, digest, trace, stored, duplicates, quarantined, received, committed
from receipt where id = $1

-- :receipt_of_record
select id, party, source, epoch, first, count, digest, trace, stored, duplicates, quarantined, received, committed
from receipt where party = $1 and source = $2 and epoch = $3 and first <= $4 and $4 < first + count
order by first desc limit 1

-- :receipt_by_trace
select id, party, source, epoch, first, count, digest, trace, stored, duplicates, quarantined, received, committed
from receipt where trace = $1 order by id

-- :receipt_of_party
select id, party, source, epoch, first, count, digest, trace, stored, duplicates, quarantined, received, committed
from receipt where party = $1 and ($2 is null or source = $2) and ($3 = 0 or id < $3) order by id desc limit $4

-- :receipt_list
select id, party, source, epoch, first, count, digest, trace, stored, duplicates, quarantined, received, committed
from receipt where ($1 is null or source = $1) and ($2 = 0 or id < $2) order by id desc limit $3
