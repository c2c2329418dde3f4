-- When a rule keeps quiet, what it owes when it may speak again, who is told once nobody took notice, and meters that fall
-- silent by themselves.
alter table alarm_rule drop constraint alarm_rule_kind_check;
alter table alarm_rule add constraint alarm_rule_kind_check
	check (kind in ('value_over', 'value_under', 'source_silent', 'delivery_dead', 'charger_fault', 'meter_silent'));
alter table alarm_rule add quiet_from smallint not null default 0 check (quiet_from between 0 and 1439), -- minutes of the day, UTC
	add quiet_to smallint not null default 0 check (quiet_to between 0 and 1439),                    -- the same: never quiet
	add escalate bigint not null default 0 check (escalate between 0 and 2592000000000);             -- µs; 0: never
drop index alarm_rule_watch;
create index alarm_rule_watch on alarm_rule (kind)
	where ended is null and kind in ('source_silent', 'delivery_dead', 'charger_fault', 'meter_silent');

alter table alarm add owed text collate "C" not null default '' check (owed in ('', 'raised', 'cleared')),
	add escalated timestamptz;
create index alarm_owed on alarm (id) where owed <> '';
create index alarm_waiting on alarm (id) where state in ('raised', 'clearing') and acknowledged is null and escalated is null;
