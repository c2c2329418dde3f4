-- :alarm_rule_add
insert into alarm_rule (point, party, kind, standing, channel, quantity, raise_digits, raise_scale, clear_digits, clear_scale,
	hold, clear_hold, severity, subject, cut_off, set_by, quiet_from, quiet_to, escalate)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
returning id

-- :alarm_rule_end
update alarm_rule set ended = clock_timestamp() where id = $1 and ended is null returning id

-- :alarm_rule_clear
with gone as (
	delete from alarm where rule = $1 and state = 'pending'
)
update alarm set state = 'cleared', cleared = clock_timestamp(), note = 'rule ended' where rule = $1 and state in ('raised', 'clearing')

-- :alarm_rule_approve
update alarm_rule set approved_by = $2
where id = $1 and ended is null and cut_off and approved_by = '' and set_by <> $2
returning id

-- :alarm_rule_get
select point, id, party, kind, standing, channel, quantity, raise_digits, raise_scale, clear_digits, clear_scale, hold, clear_hold,
	severity, subject, cut_off, set_by, approved_by, made, ended, quiet_from, quiet_to, escalate
from alarm_rule where id = $1

-- :alarm_rule_list
select point, id, party, kind, standing, channel, quantity, raise_digits, raise_scale, clear_digits, clear_scale, hold, clear_hold,
	severity, subject, cut_off, set_by, approved_by, made, ended, quiet_from, quiet_to, escalate
from alarm_rule
where ended is null and ($1 = 0 or point = $1) and id > $3
	and ($2 = 0 or party = $2 or exists (select from point_party o where o.point = alarm_rule.point and o.party = $2
		and o.valid_from <= now() and now() < o.valid_to))
order by id limit $4

-- :alarm_rules_at
select point, id, party, kind, standing, channel, quantity, raise_digits, raise_scale, clear_digits, clear_scale, hold, clear_hold,
	severity, subject, cut_off, set_by, approved_by, made, ended, quiet_from, quiet_to, escalate
from alarm_rule where point = any ($1) and ended is null order by point, id

-- :alarm_rules_of_kind
select point, id, party, kind, standing, channel, quantity, raise_digits, raise_scale, clear_digits, clear_scale, hold, clear_hold,
	severity, subject, cut_off, set_by, approved_by, made, ended, quiet_from, quiet_to, escalate
from alarm_rule where kind = $1 and ended is null and kind in ('source_silent', 'delivery_dead', 'charger_fault', 'meter_silent') order by id

-- :alarm_open
select a.point, id, rule, party, kind, channel, subject, severity, state, value_digits, value_scale, since, last, raised, cleared,
	acknowledged, acknowledged_by, note, cut, command, cause, '', 0, 0, 0, ''
from alarm a where rule = any ($1) and state <> 'cleared'
order by rule, a.point, id for update

-- :alarm_add
insert into alarm (point, rule, party, kind, channel, subject, severity, state, value_digits, value_scale, since, last, raised, cleared,
	receipt, cut)
select n.point, n.rule, r.party, r.kind, n.channel, n.subject, r.severity, n.state, n.digits, n.scale, n.since, n.last,
	case when n.raised then clock_timestamp() end, case when n.state = 'cleared' then clock_timestamp() end,
	$12, case when n.raised and n.state <> 'cleared' and r.cut_off and r.approved_by <> '' then 'wanted' else '' end
from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
	n (point, rule, home, channel, subject, state, digits, scale, since, last, raised)
join alarm_rule r on r.point = n.home and r.id = n.rule
order by n.rule, n.point
on conflict (rule, point, channel, subject) where state <> 'cleared' do nothing
returning id, rule, point, channel, subject, cut = 'wanted'

-- :alarm_move
update alarm a set state = n.state, value_digits = n.digits, value_scale = n.scale, since = n.since, last = n.last,
	raised = case when n.raised then clock_timestamp() else a.raised end,
	receipt = case when n.raised then $9 else receipt end,
	cleared = case when n.state = 'cleared' then clock_timestamp() end,
	cut = case when n.raised and n.state <> 'cleared' and exists (select from alarm_rule r where r.id = a.rule and r.cut_off
		and r.approved_by <> '') then 'wanted' else cut end
from unnest($1, $2, $3, $4, $5, $6, $7, $8) n (point, id, state, digits, scale, since, last, raised)
where a.point = n.point and a.id = n.id and n.state <> 'idle'
returning a.cut = 'wanted'

-- :alarm_forget
delete from alarm where (point, id) in (select * from unnest($1, $2)) and state = 'pending'

-- :alarm_list
select point, id, rule, party, kind, channel, subject, severity, state, value_digits, value_scale, since, last, raised, cleared,
	acknowledged, acknowledged_by, note, cut, command, cause, standing, quantity, raise_digits, raise_scale, code
from alarm_row a
where state <> 'pending' and ($1 = 0 or party = $1 or exists (select from point_party o where o.point = a.point and o.party = $1
		and o.valid_from <= now() and now() < o.valid_to))
	and ($2 = 0 or point = $2)
	and ($3 is null or state in ('raised', 'clearing') and ($3 = 'open' or acknowledged is null))
	and ($4 = 0 or id < $4)
order by id desc limit $5

-- :alarm_get
select point, id, rule, party, kind, channel, subject, severity, state, value_digits, value_scale, since, last, raised, cleared,
	acknowledged, acknowledged_by, note, cut, command, cause, standing, quantity, raise_digits, raise_scale, code
from alarm_row where id = $1 and state <> 'pending'

-- :alarm_acknowledge
update alarm set acknowledged = clock_timestamp(), acknowledged_by = $2, note = $3
where id = $1 and acknowledged is null and state <> 'pending'
returning id

-- :alarm_cuts
select a.point, a.id, a.rule, a.party, a.kind, a.channel, a.subject, a.severity, a.state, a.value_digits, a.value_scale, a.since,
	a.last, a.raised, a.cleared, a.acknowledged, a.acknowledged_by, a.note, a.cut, a.command, a.cause, r.standing, r.quantity,
	r.raise_digits, r.raise_scale, p.code
from alarm a join alarm_rule r on r.point = a.point and r.id = a.rule join point p on p.id = a.point
where a.cut = 'wanted' order by a.id limit $1

-- :alarm_cut_told
update alarm set cut = case when $2 = 0 then 'refused' else 'ordered' end, command = $2, cause = $3 where id = $1

-- :alarm_owe
update alarm a set owed = case when n.what = 'cleared' and a.owed = 'raised' then '' else n.what end
from unnest($1, $2, $3) n (point, id, what) where a.point = n.point and a.id = n.id

-- :alarm_due
select a.point, a.id, a.rule, a.party, a.kind, a.channel, a.subject, a.severity, case when a.owed <> '' then a.owed else 'escalated' end,
	a.value_digits, a.value_scale, a.since, a.last, a.raised, a.cleared, a.acknowledged, a.acknowledged_by, a.note, a.cut, a.command,
	a.cause, '', 0, 0, 0, ''
from alarm a join alarm_rule r on r.id = a.rule
	cross join (select (extract(hour from n) * 60 + extract(minute from n))::int as minute
		from (select clock_timestamp() at time zone 'UTC' as n) clock) day
where (a.owed <> '' or a.state in ('raised', 'clearing') and a.acknowledged is null and a.escalated is null and r.escalate > 0
		and a.raised <= clock_timestamp() - r.escalate * interval '1 microsecond')
	and not (r.severity <> 'critical' and r.quiet_from <> r.quiet_to and case when r.quiet_from < r.quiet_to
		then day.minute >= r.quiet_from and day.minute < r.quiet_to else day.minute >= r.quiet_from or day.minute < r.quiet_to end)
order by a.id limit $1 for update of a skip locked

-- :alarm_reminded
update alarm set owed = case when $3 = 'escalated' then owed else '' end,
	escalated = case when $3 = 'escalated' then clock_timestamp() else escalated end
where point = $1 and id = $2

-- :alarm_meters
select i.point, d.meter, i.channel, greatest(i.valid_from, r.made)
from alarm_rule r join installation i on i.valid_from <= now() and now() < i.valid_to and (r.point = 0 or i.point = r.point)
	join device d on d.id = i.device and (r.point <> 0 or d.party = r.party)
where r.id = $1 and ($2 = '' or d.meter = $2) order by i.point, i.channel limit $3

-- :alarm_find_silent
select i.party, i.name, coalesce(c.received, (select made from alarm_rule where id = $4))
from instance i left join lateral (select received from receipt r where r.party = i.party and r.source = i.name
	order by epoch desc, first desc limit 1) c on true
where i.party = $1 and i.enabled and ($2 = '' or i.name = $2)
	and coalesce(c.received, (select made from alarm_rule where id = $4)) < now() - $3 * interval '1 microsecond'

-- :alarm_find_dead
select h.party, h.subscription::text, coalesce(min(d.died), h.failing)
from delivery_head h join subscription s on (s.party, s.id) = (h.party, h.subscription) and s.valid_to > now()
left join dead_letter d on (d.party, d.subscription) = (h.party, h.subscription) and d.died > now() - interval '1 day'
where h.party = $1 and ($2 = '' or h.subscription::text = $2)
group by h.party, h.subscription, h.failing
having count(d.died) > 0 or h.failing < now() - $3 * interval '1 microsecond'
