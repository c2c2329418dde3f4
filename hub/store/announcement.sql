-- :announcement_insert
insert into announcement (party, source, receipt, types, points, quantities, kinds) 
values ($1, $2, $3, $4, $5, $6, case when $8::jsonb is null then $7 else array[coalesce($8::jsonb->>'code', '')] end)

-- :announcement_notify
select pg_notify('hub_announcement', '')

-- :announcement_backlog
select count(*), min(r.committed) from announcement a left join receipt r on r.party = a.party and r.id = a.receipt

-- :announcement_take
with heads as (
	select id, source from announcement a
	where not exists (select from announcement o where o.source = a.source and o.id < a.id)
	order by id limit $1
	for update skip locked
)
select a.id, a.party, a.source from heads h
cross join lateral (select id, party, source from announcement b where b.source = h.source and b.id >= h.id
	order by b.id limit $1) a
order by a.id limit $1

-- :announcement_matches
select s.party, a.id, a.receipt
from announcement a join subscription s on s.valid_from <= now() and now() < s.valid_to
	and (s.senders = '{}' or a.party = any (s.senders))
	and types_wanted(s.types, s.quantities, s.kinds, a.types, a.quantities, a.kinds) <> 0
	and (s.points = '{}' and s.premises = '{}' and s.commodities = '{}' or exists (
		select from point p left join premise m on m.id = p.premise
		where p.id = any (a.points) and (s.points = '{}' or p.id = any (s.points))
			and (s.commodities = '{}' or p.commodity = any (s.commodities))
			and (s.premises = '{}' or m.path && s.premises)))
where a.id = any ($1) and s.door = 'pull'
group by s.party, a.id, a.receipt
order by s.party, a.id

-- :announcement_pushes
select s.party, s.id, a.receipt
from announcement a join subscription s on s.valid_from <= now() and now() < s.valid_to
	and (s.senders = '{}' or a.party = any (s.senders))
	and types_wanted(s.types, s.quantities, s.kinds, a.types, a.quantities, a.kinds) <> 0
	and (s.points = '{}' and s.premises = '{}' and s.commodities = '{}' or exists (
		select from point p left join premise m on m.id = p.premise
		where p.id = any (a.points) and (s.points = '{}' or p.id = any (s.points))
			and (s.commodities = '{}' or p.commodity = any (s.commodities))
			and (s.premises = '{}' or m.path && s.premises)))
where a.id = any ($1) and s.door <> 'pull'
group by s.party, s.id, a.id, a.receipt
order by s.party, s.id, a.id

-- :announcement_done
delete from announcement where id = any ($1)
