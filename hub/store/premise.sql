-- :premise_put
insert into premise (parent, path, kind, code, name_zh, name_en, area_digits, area_scale, valid_from, valid_to,
	dwelling, heating, occupants, vacant, lon_e7, lat_e7)
values (nullif($1, 0), '{}', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, case when $14 then $15::int end,
	case when $14 then $16::int end)
on conflict (code) do update set parent = excluded.parent, kind = excluded.kind, name_zh = excluded.name_zh,
	name_en = excluded.name_en, area_digits = excluded.area_digits, area_scale = excluded.area_scale,
	valid_from = excluded.valid_from, valid_to = excluded.valid_to, dwelling = excluded.dwelling,
	heating = excluded.heating, occupants = excluded.occupants, vacant = excluded.vacant, lon_e7 = excluded.lon_e7,
	lat_e7 = excluded.lat_e7
where (premise.parent, premise.kind, premise.name_zh, premise.name_en, premise.area_digits, premise.area_scale,
	premise.valid_from, premise.valid_to, premise.dwelling, premise.heating, premise.occupants, premise.vacant,
	premise.lon_e7, premise.lat_e7)
	is distinct from (excluded.parent, excluded.kind, excluded.name_zh, excluded.name_en, excluded.area_digits,
	excluded.area_scale, excluded.valid_from, excluded.valid_to, excluded.dwelling, excluded.heating,
	excluded.occupants, excluded.vacant, excluded.lon_e7, excluded.lat_e7)

-- :premise_id
select id from premise where code = $1

-- :premise_loops
select 1 from premise where id = $2 and $1 = any (path)

-- :premise_tree_lock
select pg_advisory_xact_lock(7236838)

-- :premise_path
update premise p set path = coalesce((select u.path from premise u where u.id = p.parent), '{}') || p.id where p.id = $1

-- :premise_paths
with recursive tree (id, path) as (
	select p.id, coalesce(u.path, '{}') || p.id from premise p left join premise u on u.id = p.parent where p.id = $1
	union all
	select p.id, t.path || p.id from premise p join tree t on p.parent = t.id
)
update premise set path = tree.path from tree where premise.id = tree.id and premise.path <> tree.path

-- :premise_by_code
select id, coalesce(parent, 0), kind, code, name_zh, name_en, coalesce(area_digits, -1), area_scale, valid_from, valid_to, path,
	dwelling, heating, occupants, vacant, lon_e7, lat_e7
from premise where code = $1

-- :premise_by_id
select id, coalesce(parent, 0), kind, code, name_zh, name_en, coalesce(area_digits, -1), area_scale, valid_from, valid_to, path,
	dwelling, heating, occupants, vacant, lon_e7, lat_e7
from premise where id = $1

-- :premise_with_above
select id, coalesce(parent, 0), kind, code, name_zh, name_en, coalesce(area_digits, -1), area_scale, valid_from, valid_to, path,
	dwelling, heating, occupants, vacant, lon_e7, lat_e7
from premise where id in (select unnest(path) from premise where id = any ($1)) order by id

-- :premise_children
select id, coalesce(parent, 0), kind, code, name_zh, name_en, coalesce(area_digits, -1), area_scale, valid_from, valid_to, path,
	dwelling, heating, occupants, vacant, lon_e7, lat_e7
from premise where parent = $1 and id > $2 order by id limit $3

-- :premise_roots
select id, coalesce(parent, 0), kind, code, name_zh, name_en, coalesce(area_digits, -1), area_scale, valid_from, valid_to, path,
	dwelling, heating, occupants, vacant, lon_e7, lat_e7
from premise where parent is null and id > $1 order by id limit $2

-- :premise_below
select id, coalesce(parent, 0), kind, code, name_zh, name_en, coalesce(area_digits, -1), area_scale, valid_from, valid_to, path,
	dwelling, heating, occupants, vacant, lon_e7, lat_e7
from premise where path @> array[$1] and id <> $1 and id > $2 order by id limit $3

-- :premise_all
select id, coalesce(parent, 0), kind, code, name_zh, name_en, coalesce(area_digits, -1), area_scale, valid_from, valid_to, path,
	dwelling, heating, occupants, vacant, lon_e7, lat_e7
from premise where id > $1 order by id limit $2

-- :premise_of_party
select id, coalesce(parent, 0), kind, code, name_zh, name_en, coalesce(area_digits, -1), area_scale, valid_from, valid_to, path,
	dwelling, heating, occupants, vacant, lon_e7, lat_e7
from premise
where id = any (array(select unnest(m.path) from point_party o join point p on p.id = o.point
		join premise m on m.id = p.premise
		where o.party = $1 and o.valid_from <= $2 and $2 < o.valid_to and ($3 = 0 or m.path @> array[$3])))
	and id > $4 order by id limit $5

-- :premise_manage
insert into premise_manager (premise, party) values ($1, $2)
on conflict (premise) do update set party = excluded.party, since = now() where premise_manager.party <> excluded.party
returning premise

-- :premise_unmanage
delete from premise_manager where premise = $1 returning premise

-- :premise_managed
select (not exists (select from unnest($2::bigint[]) u (id) where not exists (select from premise p join premise_manager m on m.premise = any (p.path)
	where p.id = u.id and m.party = $1)))::int
