-- :migration_list
select version, name, checksum from schema_migration order by version

-- :migration_add
insert into schema_migration (version, name, checksum) values ($1, $2, $3)
