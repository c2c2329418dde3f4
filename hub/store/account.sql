-- :account_put
insert into billing_account (code, kind, name_zh, name_en, zone, holder) values ($1, $2, $3, $4, $5, nullif($6::bigint, 0))
on conflict (code) do update set kind = excluded.kind, name_zh = excluded.name_zh, name_en = excluded.name_en,
	zone = excluded.zone, holder = excluded.holder
where (billing_account.kind, billing_account.name_zh, billing_account.name_en, billing_account.zone, billing_account.holder)
	is distinct from (excluded.kind, excluded.name_zh, excluded.name_en, excluded.zone, excluded.holder)

-- :account_by_code
select id, code, kind, name_zh, name_en, zone, holder from billing_account where code = $1

-- :account_by_id
select id, code, kind, name_zh, name_en, zone, holder from billing_account where id = $1

-- :account_of_holder
select id, code, kind, name_zh, name_en, zone, holder from billing_account where holder = $1 order by id

-- :account_list
select id, code, kind, name_zh, name_en, zone, holder from billing_account where id > $1 order by id limit $2

-- :contract_lock
select pg_advisory_xact_lock(1668246644, ($1 % 1000000007)::int)

-- :contract_same
select 1 from contract where account = $1 and point = $2 and party = $3 and tariff = $4 and facts = $5
	and valid_from = $6 and valid_to = $7

-- :contract_clash
select 1 from contract where point = $1 and case when account = $2 then valid_from >= $3 else valid_to > $3 end
	and valid_from < $4 limit 1

-- :contract_close
update contract set valid_to = $3 where account = $1 and point = $2 and valid_from < $3 and valid_to > $3

-- :contract_insert
insert into contract (account, point, party, tariff, facts, valid_from, valid_to) values ($1, $2, $3, $4, $5, $6, $7)

-- :contract_end
update contract set valid_to = $3 where account = $1 and ($2 = 0 or point = $2) and valid_from < $3 and valid_to > $3

-- :contract_list
select account, point, party, tariff, facts, valid_from, valid_to from contract
where account = any ($1) and valid_from < $3 and valid_to > $2 order by account, point, valid_from

-- :contract_at
select account, point, party, tariff, facts, valid_from, valid_to from contract
where point = $1 and valid_from <= $2 and valid_to > $2 limit 1
