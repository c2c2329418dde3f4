-- :charger_put
insert into charger (party, name, instance, state, profile, tariff) values ($1, $2, $3, $4, $5, $6)
on conflict (name) do update set instance = excluded.instance, state = excluded.state, profile = excluded.profile,
	tariff = excluded.tariff
	where charger.party = excluded.party and (charger.instance, charger.state, charger.profile, charger.tariff)
		is distinct from (excluded.instance, excluded.state, excluded.profile, excluded.tariff)

-- :charger_get
select id, party, name, instance, state, profile, secret <> '', tariff from charger where name = $1

-- :charger_list
select id, party, name, instance, state, profile, secret <> '', tariff from charger
where ($1::text is null or instance = $1) and name > $2 order by name limit $3

-- :charger_list_of
select id, party, name, instance, state, profile, secret <> '', tariff from charger
where ($1 = 0 or party = $1) and id > $2 order by id limit $3

-- :charger_places
select i.point, p.code, i.channel from device d join installation i on i.device = d.id join point p on p.id = i.point
where d.party = $1 and d.meter = $2 and i.valid_from <= $3 and $3 < i.valid_to order by i.channel

-- :charger_secret_set
update charger set secret = $2 where name = $1

-- :charger_secret
select secret from charger where name = $1

-- :charge_tag_put
insert into charge_tag (tag, party, state, valid_to, parent, alone, account, tariff) values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (tag) do update set party = excluded.party, state = excluded.state, valid_to = excluded.valid_to,
	parent = excluded.parent, alone = excluded.alone, account = excluded.account, tariff = excluded.tariff

-- :charge_tag_list
select tag, party, state, valid_to, parent, alone, coalesce(account, 0), tariff from charge_tag where tag > $1 order by tag limit $2

-- :charging_session_list
select s.station, s.transaction, s.channel, s.tag, coalesce(p.code, ''), s.started, s.ended, s.last_update,
	s.start_wh is not null, s.stop_wh is not null, s.energy_wh is not null, coalesce(s.start_wh, 0)::bigint,
	coalesce(s.stop_wh, 0)::bigint, coalesce(s.energy_wh, 0)::bigint, s.reason, s.problem, s.id
from charging_session s left join point p on p.id = s.point
where ($1::text is null or s.station = $1) and ($2 = 0 or s.id < $2)
	and ($3::timestamptz is null or (s.problem = 'open' and coalesce(s.last_update, s.started) < $3))
order by s.id desc limit $4
