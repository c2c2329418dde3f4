-- :dispute_open
insert into bill_dispute (account, cycle, party, point, reason) values ($1, $2, $3, $4, $5)
on conflict (account, cycle, party, point) do update set reason = excluded.reason, opened = now(), settled = null
where bill_dispute.settled is not null or bill_dispute.reason <> excluded.reason

-- :dispute_settle
update bill_dispute set settled = now() where account = $1 and cycle = $2 and party = $3 and point = $4 and settled is null
returning account

-- :dispute_list
select account, cycle, party, point, reason, opened, settled from bill_dispute
where account = $1 and cycle = $2 order by party, point
