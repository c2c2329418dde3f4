
-- :outline_put
with was as (
	select geometry from premise_outline where premise = $1
), put as (
	insert into premise_outline (premise, geometry) values ($1, $2)
	on conflict (premise) do update set geometry = excluded.geometry, loaded = now()
	where premise_outline.geometry <> excluded.geometry
	returning 1
)
select exists (select from was), exists (select from put)

-- :outline_list
select premise, geometry from premise_outline where premise = any ($1) order by premise
