-- :command_add
with added as (
	insert into command (point, batch, requester, key, request, party, meter, channel, kind, arguments, cuts_off, reason,
		requested_by, state, expires, attempts_max)
	values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::text::jsonb, $11, $12, $13, case when $14 then 'queued' else 'requested' end,
		$15, $16)
	on conflict (point, requester, key) where key <> '' do nothing
	returning point, id
), steps as (
	insert into command_step (point, id, state, by)
	select a.point, a.id, s.state, s.by from added a cross join (values
		(1, 'requested', $13), (2, 'approved', 'hub'), (3, 'queued', 'hub')) s (n, state, by)
	where $14 or s.n = 1 order by s.n
)
select id from added

-- :command_by_key
select id, request from command where point = $1 and requester = $2 and key = $3

-- :command_device_at
select d.party, d.meter, i.channel from installation i join device d on d.id = i.device
where i.point = $1 and i.valid_from <= $2 and $2 < i.valid_to order by i.valid_from desc limit 1

-- :command_by_id
select * from command_row where id = $1

-- :command_list
select * from command_row
where ($1 = 0 or point = $1) and ($2 = 0 or requester = $2) and ($3 is null or state = $3) and ($4 is null or meter = $4)
	and ($5 = 0 or id < $5)
order by id desc limit $6

-- :command_steps
select at, state, by, note from command_step where point = $1 and id = $2 order by number

-- :command_approve
with changed as (
	update command set state = 'queued', decided_by = $2, due = clock_timestamp()
	where id = $1 and state = 'requested' and requested_by <> $2 and expires > clock_timestamp()
	returning point, id
)
insert into command_step (point, id, state, by)
select c.point, c.id, s.state, s.by from changed c cross join (values (1, 'approved', $2), (2, 'queued', 'hub')) s (n, state, by)
order by s.n

-- :command_cancel
with changed as (
	update command set state = 'refused', cause = $3, decided_by = $2, ended = clock_timestamp(), fence = fence + 1
	where id = $1 and state in ('requested', 'approved', 'queued') and instance = ''
	returning point, id
)
insert into command_step (point, id, state, by, note) select point, id, 'refused', $2, $3 from changed

-- :command_claim
with due as (
	select point, id from command
	where state in ('queued', 'sent') and due <= clock_timestamp() and expires > clock_timestamp() and attempts < attempts_max
	order by due limit $2 for update skip locked
)
update command c set fence = fence + 1, attempts = attempts + 1, due = clock_timestamp() + $1 * interval '1 microsecond'
from due d where c.point = d.point and c.id = d.id
returning c.point, c.id, c.batch, c.requester, c.key, c.request, c.party, c.meter, c.channel, c.kind, c.arguments::text, c.cuts_off,
	c.reason, c.requested_by, c.decided_by, c.state, c.cause, c.details::text, c.requested, c.expires, c.ended, c.attempts,
	c.attempts_max, c.fence, c.instance

-- :command_handed
with changed as (
	update command set instance = case when $4 = '' then instance else $4 end,
		due = clock_timestamp() + $5 * interval '1 microsecond'
	where point = $1 and id = $2 and fence = $3 and ended is null
	returning point, id
)
insert into command_step (point, id, state, by, note)
select point, id, '', case when $4 = '' then 'hub' else $4 end, $6 from changed where $6 <> ''

-- :command_released
with changed as (
	update command set instance = '', due = clock_timestamp() + $4 * interval '1 microsecond'
	where point = $1 and id = $2 and fence = $3 and state = 'queued'
	returning point, id
)
insert into command_step (point, id, state, by, note)
select point, id, '', 'hub', $5 from changed where $5 <> ''

-- :command_sent
with changed as (
	update command set state = 'sent' where point = $1 and id = $2 and fence = $3 and state = 'queued'
	returning point, id, instance
)
insert into command_step (point, id, state, by) select point, id, 'sent', instance from changed

-- :command_refuse
with changed as (
	update command set state = 'refused', cause = $4, ended = clock_timestamp()
	where point = $1 and id = $2 and fence = $3 and state = 'queued'
	returning point, id
)
insert into command_step (point, id, state, by, note) select point, id, 'refused', 'hub', $4 from changed

-- :command_expire
with late as (
	select point, id from command
	where ended is null and (expires + case when state = 'sent' or instance <> '' then $1 else 0 end * interval '1 microsecond' <= clock_timestamp()
		or state in ('queued', 'sent') and attempts >= attempts_max and due <= clock_timestamp())
	order by expires limit 1000 for update skip locked
), changed as (
	update command c set state = 'expired', ended = clock_timestamp(), cause = case
			when c.state = 'requested' then 'not_approved'
			when c.expires > clock_timestamp() then 'attempts'
			when c.state = 'sent' then 'no_confirmation' else 'not_sent' end
	from late l where c.point = l.point and c.id = l.id
	returning c.point, c.id, c.cause
)
insert into command_step (point, id, state, by, note) select point, id, 'expired', 'hub', cause from changed

-- :command_told
with meant as (
	select point, id, state, instance from command where point = $1 and id = $2 and party = $3 for update
), next as (
	select m.*, case
			when m.state not in ('queued', 'sent') then ''
			when $4 in ('confirmed', 'refused') and $5 <> 'no_answer' then $4
			when m.state = 'queued' and $4 = 'sent' then 'sent'
			else '' end as becomes
	from meant m
), changed as (
	update command c set state = n.becomes, cause = case when n.becomes = 'refused' then $5 else '' end,
		details = case when n.becomes = 'sent' then c.details else $6::text::jsonb end,
		ended = case when n.becomes = 'sent' then null else clock_timestamp() end
	from next n where c.point = n.point and c.id = n.id and n.becomes <> ''
), steps as (
	insert into command_step (point, id, state, by, note)
	select point, id, becomes, 'device', case when becomes = '' then concat_ws(' ', 'late or again:', $4, nullif($5, '')) else $5 end
	from next
)
select n.point, n.becomes, c.kind, c.arguments->>'state' from next n join command c on c.point = n.point and c.id = n.id
