-- family: point. One row a command, one row of command_step a change of its state or a word about it.
create sequence command_id;
create table command (
	point bigint not null,
	id bigint not null default nextval('command_id'),
	batch bigint not null default 0, -- the id of its batch's first; 0: it stands alone
	requester bigint not null,       -- party
	key text collate "C" not null default '', -- Idempotency-Key, unique per point and requester; '': none
	request text collate "C" not null default '', -- digest of what was asked, to tell a repeat from a misuse
	party bigint not null,           -- whose instances speak for the device, and whose word about it counts
	meter text collate "C" not null,
	channel text collate "C" not null,
	kind text collate "C" not null,
	arguments jsonb not null default '{}' check (jsonb_typeof(arguments) = 'object'),
	cuts_off boolean not null,       -- takes supply away: second person, protected customers
	reason text not null check (octet_length(reason) between 1 and 64),
	requested_by text not null check (octet_length(requested_by) between 1 and 128),
	decided_by text not null default '',
	state text collate "C" not null default 'requested'
		check (state in ('requested', 'approved', 'queued', 'sent', 'confirmed', 'refused', 'expired')),
	cause text not null default '',  -- why it was refused or expired
	details jsonb not null default '{}',
	requested timestamptz not null default clock_timestamp(),
	expires timestamptz not null,
	ended timestamptz,
	attempts int not null default 0, -- handed to a zone so often
	attempts_max int not null default 20 check (attempts_max between 1 and 1000),
	fence bigint not null default 0, -- rises with each claim; whoever has an older one changes nothing
	due timestamptz not null default clock_timestamp(), -- when it is handed over next
	instance text collate "C" not null default '', -- that took it; no other is asked after
	primary key (point, id),
	check (requested < expires),
	check (ended is not null = (state in ('confirmed', 'refused', 'expired')))
);
create unique index command_key on command (point, requester, key) where key <> '';
create index command_number on command (id);
create index command_due on command (due) where state in ('queued', 'sent');
create index command_open on command (expires) where ended is null;
create index command_device on command (party, meter, id);

create table command_step (
	point bigint not null,
	id bigint not null,
	number int generated always as identity,
	at timestamptz not null default clock_timestamp(),
	state text collate "C" not null, -- the state it came to, or '' for a word that changed nothing
	by text not null default '',     -- the person, the instance, "hub"
	note text not null default '',
	primary key (point, id, number)
);

create view command_row with (security_invoker = true) as
select point, id, batch, requester, key, request, party, meter, channel, kind, arguments::text as arguments, cuts_off, reason,
	requested_by, decided_by, state, cause, details::text as details, requested, expires, ended, attempts, attempts_max,
	fence, instance
from command;

-- The second wall (0021): the requester, the party of the device, and whoever has a role at the point. The
-- policies decide within.
alter table command enable row level security;
create policy wall on command using ((select hub_all()) or requester = (select hub_party()) or party = (select hub_party())
	or exists (select from wall_point_party o where o.point = command.point and o.party = (select hub_party())
		and o.role in ('operator', 'supplier')));
alter table command_step enable row level security;
create policy wall on command_step using ((select hub_all())
	or exists (select from wall_point_party o where o.point = command_step.point and o.party = (select hub_party())
		and o.role in ('operator', 'supplier'))
	or exists (select from command c where c.point = command_step.point and c.id = command_step.id));
