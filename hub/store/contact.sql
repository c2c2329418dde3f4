-- :contact_put
insert into party_contact (party, phone, web) values ($1, $2, $3)
on conflict (party) do update set phone = excluded.phone, web = excluded.web

-- :contact_of_party
select phone, web from party_contact where party = $1
