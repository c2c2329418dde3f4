-- :instance_put
insert into instance (name, zone, party, adapter, options, transport, promise, journal, enabled)
values ($1, $2, $3, $4, $5::text::jsonb, $6::text::jsonb, $7, $8::text::jsonb, $9)
on conflict (name) do update set zone = excluded.zone, adapter = excluded.adapter, options = excluded.options,
	transport = excluded.transport, promise = excluded.promise, journal = excluded.journal,
	enabled = excluded.enabled, version = instance.version + 1
where (instance.zone, instance.adapter, instance.options, instance.transport, instance.promise, instance.journal,
	instance.enabled)
	is distinct from (excluded.zone, excluded.adapter, excluded.options, excluded.transport, excluded.promise,
	excluded.journal, excluded.enabled)

-- :instance_party
select party from instance where name = $1

-- :instance_get
select name, zone, party, adapter, options::text, transport::text, promise = 'journalled', journal::text, enabled, version
from instance where name = $1

-- :instance_list
select name, zone, party, adapter, options::text, transport::text, promise = 'journalled', journal::text, enabled, version
from instance where $1 is null or zone = $1 order by name

-- :instance_enable
update instance set enabled = $2, version = version + (enabled <> $2)::int where name = $1
