-- :epoch_get
select value from epoch where name = $1

-- :epoch_bump
with bumped as (
	insert into epoch (name) values ($1)
	on conflict (name) do update set value = epoch.value + 1
	returning name, value
)
select pg_notify('hub_epoch', name || ' ' || value) from bumped
