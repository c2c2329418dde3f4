-- :consent_number
select nextval('consent_id')

-- :consent_add
insert into consent (id, point, grantor, grantee, commodity, grain, purpose, valid_from, valid_to, data_from, data_to,
	granted, by, text_zh, text_en, digest, key, request)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)

-- :consent_by_id
select c.*, null from consent_row c where c.id = $1

-- :consent_by_key
select c.*, k.request = $4 from consent k join consent_row c on c.point = k.point and c.id = k.id
where k.point = $1 and k.grantor = $2 and k.key = $3

-- :consent_list
select c.*, null from consent_row c
where ($1 = 0 or c.grantor = $1) and ($2 = 0 or c.grantee = $2) and ($3 = 0 or c.point = $3)
	and ($4 = 0 or c.grantor = $4 or c.grantee = $4) and ($5 = 0 or c.id < $5)
	and (not $6 or c.withdrawn is null and not c.lapsed and c.valid_from <= now() and now() < c.valid_to)
order by c.id desc limit $7

-- :consent_withdraw
update consent set withdrawn = clock_timestamp(), withdrawn_by = $2 where id = $1 and withdrawn is null

-- :consent_known
select 1 from consent where id = $1

-- :consent_lines
select c.id, c.point, c.commodity, c.grain, c.purpose, greatest(c.data_from, o.from_), least(c.data_to, o.to_)
from consent c cross join lateral (
	select min(valid_from) as from_, max(valid_to) as to_ from point_party p
	where p.point = c.point and p.party = c.grantor and p.role in ('owner', 'occupant')
		and p.valid_from <= $4 and $4 < p.valid_to
	having count(*) > 0) o
where c.grantee = $1 and c.point = any ($2) and c.withdrawn is null and ($3 is null or c.purpose = $3)
	and c.valid_from <= $4 and $4 < c.valid_to
order by c.point, c.id

-- :comparison_take_out
insert into comparison_choice (point, party)
select $1, $2 where not exists (select from comparison_choice where point = $1 and party = $2 and taken_back is null)

-- :comparison_take_back
update comparison_choice set taken_back = greatest(now(), taken_out)
where point = $1 and party = $2 and taken_back is null

-- :comparison_out
select distinct c.point from comparison_choice c join point_party p on p.point = c.point and p.party = c.party
	and p.role in ('owner', 'occupant') and p.valid_from <= now() and now() < p.valid_to
where c.point = any ($1) and c.taken_back is null order by c.point
