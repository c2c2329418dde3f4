-- family: point. What was read of a home: readings, its bill or what stands in its account or its charging sessions.
alter table viewing add column what text collate "C" not null default 'readings'
	check (what in ('readings', 'bill', 'account', 'session'));
alter table viewing drop constraint viewing_pkey;
alter table viewing add primary key (point, party, person, purpose, what, quantity, grain, day);
