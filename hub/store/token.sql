-- :token_new
insert into party_token (party, digest, label, valid_from, valid_to)
values ($1, $2, $3, coalesce($4, now()), $5) returning id

-- :token_party
select party from party_token where digest = $1 and valid_from <= $2 and valid_to > $2 and revoked is null

-- :token_list
select id, party, label, valid_from, valid_to, revoked from party_token where party = $1 order by id

-- :token_revoke
update party_token set revoked = coalesce(revoked, now()) where id = $1
