-- :charging_touch
insert into charging (party, station, transaction, point, channel, tag, account)
select $1, g.station, g.transaction, nullif(g.point, 0), g.channel, upper(g.tag), coalesce(t.account, 0)
from (select distinct on (station, transaction) * from unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[])
		u (station, transaction, point, channel, tag) order by station, transaction, tag = '', channel = '') g
	left join charge_tag t on t.tag = upper(g.tag)
order by g.station, g.transaction
on conflict (party, station, transaction) do update set
	due = case when charging.state in ('waiting', 'held') then clock_timestamp() else charging.due end,
	point = coalesce(charging.point, excluded.point),
	channel = case when charging.channel = '' then excluded.channel else charging.channel end,
	tag = case when charging.tag = '' then excluded.tag else charging.tag end,
	account = case when charging.tag = '' then excluded.account else charging.account end

-- :charging_wake
update charging set due = clock_timestamp() where state = 'held' and ($1::text is null or station = $1) and ($2::text is null or tag = $2)

-- :charging_take
select k.party, k.station, k.transaction, k.told from charging k where k.state in ('waiting', 'held') and k.due <= clock_timestamp()
order by k.due limit 1 for update skip locked

-- :charging_case
select s.id, s.point, s.account, s.started, s.ended, coalesce(s.start_wh, 0)::bigint, coalesce(s.stop_wh, 0)::bigint, s.problem,
	coalesce(s.last_update, s.started), coalesce(nullif(t.tariff, ''), c.tariff, ''), s.channel, coalesce(b.holder, 0)
from charging_session s left join charge_tag t on t.tag = s.tag left join charger c on c.name = s.station and c.party = s.party
	left join billing_account b on b.id = s.account
where s.party = $1 and s.station = $2 and s.transaction = $3

-- :charging_samples
select u.time, register_wh(u.body->'details'->>'ev_energy')::bigint from message u
where u.party = $1 and u.type = 3 and u.key >= $2 || '|' || $3 || '|update|' and u.key < $2 || '|' || $3 || '|update}'
	and register_wh(u.body->'details'->>'ev_energy') is not null
order by u.time

-- :charging_end
update charging set state = $4, cause = $5, due = clock_timestamp() + $6 * interval '1 microsecond', told = told or $7
where party = $1 and station = $2 and transaction = $3

-- :charging_charge
insert into charging_charge (account, party, station, transaction, point, tariff, started, ended, energy_wh, amount, lines)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text::jsonb)

-- :charging_open
select account, id, party, station, transaction, point, tariff, started, ended, energy_wh, amount, lines::text, cycle
from charging_charge where account = any ($1) and (cycle = $2 or cycle = 0 and ended < $3) order by account, party, ended, id

-- :charging_billed
update charging_charge c set cycle = $3 from unnest($1::bigint[], $2::bigint[]) g (account, id)
where c.account = g.account and c.id = g.id and c.cycle in (0, $3)

-- :charging_of_cycle
select account, id, party, station, transaction, point, tariff, started, ended, energy_wh, amount, lines::text, cycle
from charging_charge where account = $1 and cycle = $2 and party = $3 order by ended, id

-- :charging_list
select s.id, s.party, s.station, s.transaction, s.channel, s.tag, s.point, coalesce(p.code, ''), s.account, coalesce(b.code, ''),
	coalesce(b.holder, 0), s.started, s.ended, s.last_update, s.start_wh is not null, s.stop_wh is not null,
	coalesce(s.energy_wh, greatest(l.wh - s.start_wh, 0))::bigint, s.energy_wh is not null or l.wh is not null, s.reason, s.problem,
	s.state, s.cause, coalesce(c.amount, 0), coalesce(c.cycle, 0), coalesce(c.lines::text, ''), coalesce(d.code, ''), coalesce(l.power, ''),
	coalesce(l.charge, ''), o.code
from (select * from charging k where ($1 = 0 or k.id = $1) and ($2 = 0 or k.id < $2) and ($3 is null or k.station = $3) and ($10::text is null or k.transaction = $10)
		and ($4 = 0 or k.point = $4) and ($5 = 0 or k.account = $5)
		and ($6 = 0 or k.party = $6 or exists (select from billing_account h where h.id = k.account and h.holder = $6)
			or exists (select from point_party r where r.point = k.point and r.party = $6 and r.role in ('operator', 'supplier')
				and r.valid_from <= now() and now() < r.valid_to))
	) k
	join charging_session s on s.party = k.party and s.station = k.station and s.transaction = k.transaction
	join party o on o.id = s.party
	left join point p on p.id = s.point
	left join billing_account b on b.id = s.account
	left join charging_charge c on c.account = s.account and c.party = s.party and c.station = s.station and c.transaction = s.transaction
	left join tariff d on d.id = c.tariff
	left join lateral (select register_wh(u.body->'details'->>'ev_energy') as wh, u.body->'details'->>'ev_power' as power,
			u.body->'details'->>'ev_state_of_charge' as charge
		from message u where s.problem = 'open' and u.party = s.party and u.type = 3
			and u.key >= s.station || '|' || s.transaction || '|update|' and u.key < s.station || '|' || s.transaction || '|update}'
		order by u.time desc limit 1) l on true
where ($7 = '' or case $7 when 'open' then s.problem = 'open' when 'closed' then s.problem = '' else s.problem not in ('', 'open') end)
	and ($8::timestamptz is null or s.problem = 'open' and coalesce(s.last_update, s.started) < $8)
order by k.id desc limit $9
