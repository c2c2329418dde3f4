-- :provider_put
insert into payment_provider (party, key, url) values ($1, $2, $3)
on conflict (party) do update set key = excluded.key, url = excluded.url

-- :provider_by_party
select party, key, url from payment_provider where party = $1

-- :provider_first
select party, key, url from payment_provider where url <> '' order by added, party limit 1

-- :provider_list
select party from payment_provider order by added, party
