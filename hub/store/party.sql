-- :party_put
insert into party (code, name_zh, name_en, kind) values ($1, $2, $3, $4)
on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en, kind = excluded.kind
where (party.name_zh, party.name_en, party.kind) is distinct from (excluded.name_zh, excluded.name_en, excluded.kind)

-- :party_roles
with gone as (
	delete from party_role using party p
	where p.id = party and p.code = $1 and role <> all ($2)
	returning 1
), come as (
	insert into party_role (party, role) select p.id, r from party p, unnest($2) r where p.code = $1
	on conflict do nothing
	returning 1
)
select (select count(*) from gone) + (select count(*) from come)

-- :party_by_code
select p.id, p.code, p.name_zh, p.name_en, p.kind,
	array(select role from party_role r where r.party = p.id order by role)
from party p where p.code = $1

-- :party_by_id
select p.id, p.code, p.name_zh, p.name_en, p.kind,
	array(select role from party_role r where r.party = p.id order by role)
from party p where p.id = $1

-- :party_by_ids
select p.id, p.code, p.name_zh, p.name_en, p.kind,
	array(select role from party_role r where r.party = p.id order by role)
from party p where p.id = any ($1) order by p.id

-- :party_list
select p.id, p.code, p.name_zh, p.name_en, p.kind,
	array(select role from party_role r where r.party = p.id order by role)
from party p where p.id > $1 order by p.id limit $2
