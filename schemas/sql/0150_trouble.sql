-- What went wrong with the hub itself, as each core saw it: for the operators' page. Reference data: little, and about no party's
-- things. What lasts is one row from when it began until it was over; what only happened begins and ends at once.
create table trouble (
	core text collate "C" not null,    -- the host of the core that saw it
	kind text collate "C" not null,    -- docs/faults.md: process.started, journal.full, …
	subject text collate "C" not null, -- process, instance, party or address
	began timestamptz not null,
	last timestamptz not null,         -- seen
	ended timestamptz,                 -- null: it lasts
	count bigint not null default 1,   -- starts, refusals
	text text not null default '',
	primary key (core, kind, subject, began)
);
create index trouble_last on trouble (last);
create index trouble_open on trouble (core) where ended is null;
