-- :notice_add
with n as (insert into notice (party, commodity, severity, premises, title_zh, title_en, text_zh, text_en, valid_from, valid_to, by, kind)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning party, id),
	s as (insert into notice_step (party, notice, n, state, by, note) select party, id, 1, 'sent', $11, $13 from n)
select id from n

-- :notice_told
update notice set told = $3 where party = $1 and id = $2

-- :notice_get
select n.party, n.id, n.commodity, n.severity, n.premises, n.title_zh, n.title_en, n.text_zh, n.text_en, n.valid_from, n.valid_to, n.by,
	n.made, n.withdrawn, n.told, p.code, p.name_zh, p.name_en, n.kind
from notice n join party p on p.id = n.party where n.id = $1

-- :notice_sent
select n.party, n.id, n.commodity, n.severity, n.premises, n.title_zh, n.title_en, n.text_zh, n.text_en, n.valid_from, n.valid_to, n.by,
	n.made, n.withdrawn, n.told, p.code, p.name_zh, p.name_en, n.kind
from notice n join party p on p.id = n.party where $1 = 0 or n.party = $1 order by n.id desc limit $2

-- :notice_for
select n.party, n.id, n.commodity, n.severity, n.premises, n.title_zh, n.title_en, n.text_zh, n.text_en, n.valid_from, n.valid_to, n.by,
	n.made, n.withdrawn, n.told, p.code, p.name_zh, p.name_en, n.kind
from notice n join party p on p.id = n.party
where n.withdrawn is null and n.valid_to > $2 and (exists (
		select from point_party o join point t on t.id = o.point join premise m on m.id = t.premise
		where o.party = $1 and o.role in ('owner', 'occupant') and o.valid_from <= $2 and $2 < o.valid_to
			and n.premises && m.path and n.commodity in ('', t.commodity))
	or exists (select from premise_manager g join premise m on m.id = g.premise
		where g.party = $1 and (n.premises && m.path
			or exists (select from premise x where x.id = any (n.premises) and m.id = any (x.path))))
	or n.kind = 'security_notice' and exists (select from consent c join point t on t.id = c.point join premise m on m.id = t.premise
		where c.grantee = $1 and c.withdrawn is null and c.valid_from <= $2 and $2 < c.valid_to and n.premises && m.path
			and exists (select from point_party o where o.point = c.point and o.party = c.grantor
				and o.role in ('owner', 'occupant') and o.valid_from <= $2 and $2 < o.valid_to)))
order by n.id desc limit $3

-- :notice_withdraw
with n as (update notice set withdrawn = now() where party = $1 and id = $2 and withdrawn is null returning party, id),
	s as (insert into notice_step (party, notice, n, state, by, note)
		select n.party, n.id, (select count(*) + 1 from notice_step e where e.party = n.party and e.notice = n.id), 'withdrawn', $3, $4 from n)
select id from n

-- :notice_steps
select s.state, p.code, s.by, s.note, s.at from notice_step s join party p on p.id = s.party where s.party = $1 and s.notice = $2 order by s.n

-- :notice_recipients
select p.id from party p
where exists (select from subscription s where s.party = p.id and s.valid_to > now())
	and (exists (select from party_role r where r.party = p.id and r.role = 'messaging')
		or exists (select from point_party o join point t on t.id = o.point join premise m on m.id = t.premise
			where o.party = p.id and o.role in ('owner', 'occupant') and o.valid_from <= now() and now() < o.valid_to
				and m.path && $1 and ($2 in ('', t.commodity)
					or exists (select from party_role r where r.party = p.id and r.role in ('estate', 'building'))))
		or exists (select from premise_manager g join premise m on m.id = g.premise
			where g.party = p.id and (m.path && $1
				or exists (select from premise x where x.id = any ($1) and m.id = any (x.path))))
		or $3 = 'security_notice' and exists (select from consent c join point t on t.id = c.point join premise m on m.id = t.premise
			where c.grantee = p.id and c.withdrawn is null and c.valid_from <= now() and now() < c.valid_to and m.path && $1
				and exists (select from point_party o where o.point = c.point and o.party = c.grantor
					and o.role in ('owner', 'occupant') and o.valid_from <= now() and now() < o.valid_to)))
order by p.id

-- :exchange_request_add
with q as (insert into exchange_request (party, kind, asked_of, commodity, purpose, what, premises, data_from, data_to, expires, by)
	values ($1, $2, $3, $4, $5, $6, $7, nullif($8, '-infinity'::timestamptz), nullif($9, 'infinity'::timestamptz), $10, $11) returning party, id),
	s as (insert into exchange_step (party, request, n, state, actor, by) select party, id, 1, 'asked', party, $11 from q)
select id from q

-- :exchange_request_get
select q.party, q.id, q.asked_of, q.kind, q.commodity, q.purpose, q.what, q.premises, q.data_from, q.data_to, q.expires, q.state, q.reference,
	q.by, q.made, a.code, b.code
from exchange_request q join party a on a.id = q.party join party b on b.id = q.asked_of where q.id = $1

-- :exchange_request_list
select q.party, q.id, q.asked_of, q.kind, q.commodity, q.purpose, q.what, q.premises, q.data_from, q.data_to, q.expires, q.state, q.reference,
	q.by, q.made, a.code, b.code
from exchange_request q join party a on a.id = q.party join party b on b.id = q.asked_of
where $1 = 0 or q.party = $1 or q.asked_of = $1 order by q.id desc limit $2

-- :exchange_request_move
with q as (update exchange_request set state = $4, reference = case when $5 = '' then reference else $5 end
	where party = $1 and id = $2 and state = any ($3) and expires > now() returning party, id),
	s as (insert into exchange_step (party, request, n, state, actor, by, note)
		select q.party, q.id, (select count(*) + 1 from exchange_step e where e.party = q.party and e.request = q.id), $4, $6, $7, $8 from q)
select id from q

-- :exchange_steps
select s.state, p.code, s.by, s.note, s.at from exchange_step s join party p on p.id = s.actor where s.party = $1 and s.request = $2 order by s.n

-- :viewing_note
insert into viewing (point, party, person, purpose, quantity, grain, what, day)
select v.id, $2, $3, $4, $5, $6, $7, (now() at time zone 'UTC')::date from unnest($1::bigint[]) v (id)
where exists (select from point_party o join party h on h.id = o.party where o.point = v.id and o.role in ('owner', 'occupant')
		and h.kind = 'household' and o.valid_from <= now() and now() < o.valid_to)
	and not exists (select from point_party o where o.point = v.id and o.party = $2 and o.role in ('owner', 'occupant'))
on conflict do nothing

-- :viewing_of_home
select v.point, v.party, v.person, v.purpose, v.quantity, v.grain, v.at, t.code, p.code, p.name_zh, p.name_en, v.what
from viewing v join point t on t.id = v.point join party p on p.id = v.party
where exists (select from point_party o where o.point = v.point and o.party = $1 and o.role in ('owner', 'occupant')
	and o.valid_from <= v.at and v.at < o.valid_to)
order by v.at desc limit $2

-- :viewing_by
select v.point, v.party, v.person, v.purpose, v.quantity, v.grain, v.at, t.code, p.code, p.name_zh, p.name_en, v.what
from viewing v join point t on t.id = v.point join party p on p.id = v.party where v.party = $1 order by v.at desc limit $2
