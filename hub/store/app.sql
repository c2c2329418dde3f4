-- :app_put
insert into app (code, party, name_zh, name_en, redirects, scopes) values ($1, $2, $3, $4, $5, $6)
on conflict (code) do update set party = excluded.party, name_zh = excluded.name_zh, name_en = excluded.name_en,
	redirects = excluded.redirects, scopes = excluded.scopes

-- :app_by_code
select id, party, code, name_zh, name_en, redirects, scopes, disabled from app where code = $1

-- :app_list
select id, party, code, name_zh, name_en, redirects, scopes, disabled from app order by code

-- :app_grant_new
insert into app_grant (party, person, app, scope, granted) values ($1, $2, $3, $4, $5) returning id

-- :app_grant_list
select g.party, g.id, g.person, g.app, g.scope, g.granted, g.revoked, a.code, a.name_zh, a.name_en
from app_grant g join app a on a.id = g.app
where g.party = $1 and g.person = $2 and g.revoked is null
	and exists (select from app_secret s where s.party = g.party and s.app_grant = g.id and s.kind = 'refresh')
order by g.id

-- :app_grant_by_id
select g.party, g.id, g.person, g.app, g.scope, g.granted, g.revoked, a.code, a.name_zh, a.name_en
from app_grant g join app a on a.id = g.app and a.disabled is null where g.party = $1 and g.id = $2

-- :app_grant_revoke
update app_grant set revoked = coalesce(revoked, $3) where party = $1 and id = $2

-- :app_secret_new
insert into app_secret (party, digest, app_grant, kind, challenge, redirect, expires) values ($1, $2, $3, $4, $5, $6, $7)

-- :app_secret_find
select g.party, g.id, g.person, g.app, g.scope, g.granted, g.revoked, a.code, a.name_zh, a.name_en, s.challenge,
	s.redirect, s.used is not null or s.expires <= $4
from app_secret s join app_grant g on g.party = s.party and g.id = s.app_grant
	join app a on a.id = g.app and a.disabled is null
where s.party = $1 and s.digest = $2 and s.kind = $3

-- :app_secret_use
update app_secret set used = $3 where party = $1 and digest = $2 and used is null returning app_grant
