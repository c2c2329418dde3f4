-- :quarantine_put
insert into quarantine (party, receipt, source, seq, code, field, message, record, raw)
select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- :quarantine_list
select id, party, receipt, source, seq, code, field, message, state, replay, made
from quarantine
where id > $1 and ($2 = 0 or party = $2) and ($3 is null or source = $3) and ($4 is null or code = $4)
	and ($5 = 0 or receipt = $5) and ($6 or state = 'open')
order by id limit $7

-- :quarantine_get
select id, party, receipt, source, seq, code, field, message, state, replay, made, record, raw
from quarantine where id = $1

-- :quarantine_lock
select id, party, receipt, source, seq, code, field, message, state, replay, made, record, raw
from quarantine where id = $1 for update

-- :quarantine_close
update quarantine set state = $2, replay = nullif($3, 0) where id = $1 and state = 'open'

-- :quarantine_count
select count(*) from quarantine where state = 'open'
