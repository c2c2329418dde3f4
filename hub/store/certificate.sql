-- :certificate_add
insert into party_certificate (serial, party, thumbprint, kind, name, valid_from, valid_to)
values ($1, $2, $3, $4, $5, $6, $7)

-- :certificate_find
select party, serial, thumbprint, kind, name, valid_from, valid_to, issued, revoked
from party_certificate where thumbprint = $1

-- :certificate_list
select party, serial, thumbprint, kind, name, valid_from, valid_to, issued, revoked
from party_certificate where party = $1 order by issued, serial

-- :certificate_revoke
update party_certificate set revoked = coalesce(revoked, now()) where party = $1 and serial = $2

-- :certificate_revoked
select party, serial, thumbprint, kind, name, valid_from, valid_to, issued, revoked
from party_certificate where revoked is not null and valid_to > $1 order by serial

-- :certificate_list_number
select nextval('certificate_list_number')
