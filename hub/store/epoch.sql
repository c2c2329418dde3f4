-- :epoch_get
select value from epoch where name = $1

-- :epoch_list
select coalesce(value, 0) from unnest($1) with ordinality n (name, ord) left join epoch using (name) order by ord

-- :epoch_bump
with bumped as (
	insert into epoch (name, bumped) values ($1, pg_current_xact_id())
	on conflict (name) do update set value = epoch.value + 1, bumped = excluded.bumped
	where epoch.bumped <> excluded.bumped
	returning name, value
)
select pg_notify('hub_epoch', name || ' ' || value) from bumped
