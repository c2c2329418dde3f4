-- :dispute_open
insert into bill_dispute (account, cycle, party, point, reason) values ($1, $2, $3, $4, $5)
on conflict (account, cycle, party, point) do update set reason = excluded.reason, opened = now(), settled = null, answer = ''
where bill_dispute.settled is not null or bill_dispute.reason <> excluded.reason

-- :dispute_settle
update bill_dispute set settled = now(), answer = $5 where account = $1 and cycle = $2 and party = $3 and point = $4 and settled is null
returning account

-- :dispute_list
select account, cycle, party, point, reason, opened, settled, answer from bill_dispute
where account = $1 and cycle = $2 order by party, point

-- :dispute_of_party
select d.account, d.cycle, d.party, d.point, d.reason, d.opened, d.settled, d.answer, b.revision, p.place::int, p.amount
from bill_dispute d
cross join lateral (select revision, body from bill
	where account = d.account and cycle = d.cycle and state = 1 order by revision desc limit 1) b
cross join lateral (select ordinality - 1 as place, (value ->> 'a')::bigint as amount
	from json_array_elements(b.body::json) with ordinality
	where (value ->> 'u')::bigint = d.party and (value ->> 'p')::bigint = d.point order by ordinality desc limit 1) p
where d.party = $1 and d.settled is null order by d.opened, d.account, d.cycle limit $2
