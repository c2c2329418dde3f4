-- :session_new
with over as (
	delete from person_session where party = $1 and person = $3 and (seen < $6 or started < $7)
)
insert into person_session (party, digest, person, address, started, seen) values ($1, $2, $3, $4, $5, $5)

-- :session_find
select party, person, address, started, seen, digest from person_session
where party = $1 and digest = $2 and seen >= $3 and started >= $4

-- :session_seen
update person_session set seen = $3 where party = $1 and digest = $2 and seen < $3

-- :session_end
delete from person_session where party = $1 and digest = $2

-- :session_list
select party, person, address, started, seen, digest from person_session
where party = $1 and person = $2 and seen >= $3 and started >= $4 order by started
