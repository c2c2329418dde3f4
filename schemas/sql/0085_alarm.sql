-- Alarms: what is watched (a rule) and what it raised. Family: point (0: about no point, but a source or a subscription
-- of the rule's party).
create sequence alarm_rule_id;
create table alarm_rule (
	point bigint not null,
	id bigint not null default nextval('alarm_rule_id'),
	party bigint not null,   -- who set it
	kind text collate "C" not null check (kind in ('value_over', 'value_under', 'source_silent', 'delivery_dead', 'charger_fault')),
	standing text collate "C" not null default 'safe' check (standing in ('safe', 'user')), -- the operator's safe value, the user's own
	channel text collate "C" not null default '', -- circuit; '': each of the meter's, for itself
	quantity smallint not null default 0,
	raise_digits bigint not null default 0,
	raise_scale smallint not null default 0 check (raise_scale between 0 and 18),
	clear_digits bigint not null default 0,
	clear_scale smallint not null default 0 check (clear_scale between 0 and 18),
	hold bigint not null default 0 check (hold between 0 and 2592000000000),  -- µs: beyond for so long before it is raised
	clear_hold bigint not null default 0 check (clear_hold between 0 and 2592000000000), -- back for so long before it is cleared
	severity text collate "C" not null default 'major' check (severity in ('minor', 'major', 'critical')),
	subject text collate "C" not null default '', -- source_silent: the source; delivery_dead: the subscription's number; '': any
	cut_off boolean not null default false,       -- opens the circuit when raised
	set_by text not null default '',
	approved_by text not null default '',         -- another person, without whom nothing is cut off
	made timestamptz not null default clock_timestamp(),
	ended timestamptz,
	primary key (point, id),
	check (not cut_off or kind in ('value_over', 'value_under')),
	check (approved_by = '' or approved_by <> set_by)
);
create index alarm_rule_number on alarm_rule (id);
create index alarm_rule_watch on alarm_rule (kind) where ended is null and kind in ('source_silent', 'delivery_dead', 'charger_fault');

create sequence alarm_id;
create table alarm (
	point bigint not null,
	id bigint not null default nextval('alarm_id'),
	rule bigint not null,
	party bigint not null,  -- the rule's
	kind text collate "C" not null,
	channel text collate "C" not null default '',
	subject text collate "C" not null default '', -- source, subscription, fault's code
	severity text collate "C" not null,
	-- pending: beyond, not long enough yet; clearing: back, not long enough yet
	state text collate "C" not null check (state in ('pending', 'raised', 'clearing', 'cleared')),
	value_digits bigint not null default 0, -- the newest
	value_scale smallint not null default 0,
	since timestamptz not null,    -- by the device's clock: beyond (pending, raised), back (clearing)
	last timestamptz not null,     -- the newest reading that counted
	raised timestamptz,            -- by ours
	cleared timestamptz,
	acknowledged timestamptz,
	acknowledged_by text not null default '',
	note text not null default '',
	receipt bigint not null default 0, -- that raised it
	cut text collate "C" not null default '' check (cut in ('', 'wanted', 'ordered', 'refused')),
	command bigint not null default 0,
	cause text not null default '', -- why cutting off was refused
	primary key (point, id),
	check ((cleared is not null) = (state = 'cleared')),
	check (raised is not null or state = 'pending')
);
create unique index alarm_open on alarm (rule, point, channel, subject) where state <> 'cleared';
create index alarm_number on alarm (id);
create index alarm_cut on alarm (id) where cut = 'wanted';

insert into epoch (name) values ('alarm');

create view alarm_row with (security_invoker = true) as
select a.point, a.id, a.rule, a.party, a.kind, a.channel, a.subject, a.severity, a.state, a.value_digits, a.value_scale, a.since,
	a.last, a.raised, a.cleared, a.acknowledged, a.acknowledged_by, a.note, a.cut, a.command, a.cause,
	coalesce(r.standing, 'safe') as standing, coalesce(r.quantity, 0) as quantity, coalesce(r.raise_digits, 0) as raise_digits,
	coalesce(r.raise_scale, 0) as raise_scale, coalesce(p.code, '') as code
from alarm a left join alarm_rule r on r.point = a.point and r.id = a.rule left join point p on p.id = a.point;

-- The second wall (0021): whoever has a role at the point, and whose rule it is. The policies decide within.
alter table alarm_rule enable row level security;
create policy wall on alarm_rule using ((select hub_all()) or party = (select hub_party())
	or exists (select from wall_point_party o where o.point = alarm_rule.point and o.party = (select hub_party())));
alter table alarm enable row level security;
create policy wall on alarm using ((select hub_all()) or party = (select hub_party())
	or exists (select from wall_point_party o where o.point = alarm.point and o.party = (select hub_party())));
