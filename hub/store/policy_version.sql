-- :policy_version_put
insert into policy_in_force (process, version, topology, folder, policies) values ($1, $2, $3, $4, $5)
on conflict (process) do update set version = excluded.version, topology = excluded.topology, folder = excluded.folder,
	policies = excluded.policies, loaded = clock_timestamp()

-- :policy_version_list
select process, version, topology, folder, policies, loaded from policy_in_force order by process
