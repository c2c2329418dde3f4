-- :point_code_new
with before as (
	update point_code set expires = least(expires, $3) where point = $2 and used is null
)
insert into point_code (digest, point, made, expires) values ($1, $2, $3, $4)

-- :point_code_find
select c.point, p.code, exists (select from point_party o where o.point = c.point and o.role = 'occupant'
		and o.party = $2 and o.valid_from <= $3 and $3 < o.valid_to),
	exists (select from point_party o where o.point = c.point and o.role = 'occupant'
		and o.party <> $2 and o.valid_from <= $3 and $3 < o.valid_to),
	c.used is not null
from point_code c join point p on p.id = c.point
where c.digest = $1 and c.expires > $3 and (c.used is null or c.party = $2)

-- :point_code_use
update point_code set used = $3, party = $2 where digest = $1 and expires > $3 and used is null returning point

-- :point_occupants_end
with over as (
	update point_party set valid_to = $3 where point = $1 and role = 'occupant' and party <> $2
		and valid_from < $3 and $3 < valid_to
	returning party
), told as (
	insert into party_note (party, kind, subject, at) select party, 'point.taken', $4, $3 from over
)
insert into party_note (party, kind, subject, at) values ($2, 'point.bound', $4, $3)

-- :point_occupy
insert into point_party (point, role, party, valid_from)
select $1, 'occupant', $2, $3 where not exists (select from point_party o where o.point = $1 and o.role = 'occupant'
	and o.party = $2 and o.valid_from <= $3 and $3 < o.valid_to)

-- :invitation_new
insert into invitation (party, digest, inviter, expires) values ($1, $2, $3, $4)

-- :invitation_use
update invitation set used = $3 where party = $1 and digest = $2 and used is null and expires > $3 returning party
