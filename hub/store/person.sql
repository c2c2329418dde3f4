-- :person_add
insert into person (party, login, name, hash, head, roles, kinds, area)
values ($1, $2, $3, $4, $5, $6, $7, (select id from premise where code = nullif($8, ''))) returning id

-- :person_by_login
select p.id, p.party, p.login, p.name, p.hash, p.head, p.roles, p.kinds, coalesce(m.code, ''), p.disabled
from person p left join premise m on m.id = p.area where p.login = $1

-- :person_by_id
select p.id, p.party, p.login, p.name, p.hash, p.head, p.roles, p.kinds, coalesce(m.code, ''), p.disabled
from person p left join premise m on m.id = p.area where p.id = $1

-- :person_list
select p.id, p.party, p.login, p.name, p.hash, p.head, p.roles, p.kinds, coalesce(m.code, ''), p.disabled
from person p left join premise m on m.id = p.area where ($1 = 0 or p.party = $1) and p.id > $2 order by p.id limit $3

-- :person_hash
update person set hash = $2 where id = $1

-- :person_disable
update person set disabled = coalesce(disabled, $2) where id = $1

-- :person_enable
update person set disabled = null where id = $1

-- :person_sessions_end
delete from person_session where party = $1 and person = $2

-- :person_grants_end
update app_grant set revoked = $3 where party = $1 and person = $2 and revoked is null

-- :party_note_add
insert into party_note (party, kind, subject, at) values ($1, $2, $3, $4)

-- :party_note_list
select kind, subject, at from party_note where party = $1 and at >= $2 order by id desc limit $3
