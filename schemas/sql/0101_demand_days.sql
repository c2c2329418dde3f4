-- Days that compare with an event's: by the holidays and workdays of a tariff's calendar. And the cycle in whose bills an
-- event's credits stand; what comes after a cycle was settled waits for the next.
alter table demand_programme add calendar text collate "C" not null default ''; -- a tariff's code; '': all days are alike
alter table demand_result add cycle int check (cycle between 100001 and 999912);  -- year and month; null: not settled
create index demand_result_open on demand_result (account, point) where cycle is null and account is not null;
