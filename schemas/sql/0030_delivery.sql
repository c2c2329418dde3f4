-- Deliveries: each subscription has one door. What lies before it is the outbox, in the order of positions that are
-- given after commit. Where a delivery stands follows from its subscription's marks: up to `acknowledged` it is
-- acknowledged (or stands among the dead), up to `sent` it is sent, under a lease that runs it is leased, the rest
-- is queued. Family: party, the recipient.

alter table subscription
	add door text collate "C" not null default 'pull' check (door in ('pull', 'webhook', 'mqtt', 'drop')),
	add senders bigint[] not null default '{}', -- parties whose sources said it; empty: all
	add kinds text[] not null default '{}'; -- of events; empty: all

create table delivery_head (
	party bigint not null,
	subscription bigint not null,
	door text collate "C" not null check (door in ('webhook', 'mqtt', 'drop')),
	target text not null default '' check ((door = 'webhook') = (target <> '') and octet_length(target) <= 2048),
	bundle_count int not null default 100 check (bundle_count between 1 and 1000), -- entries in a message
	bundle_bytes int not null default 196608 check (bundle_bytes between 4096 and 524288),
	bundle_wait_ms int not null default 0 check (bundle_wait_ms between 0 and 3600000), -- for more to come
	give_up_s int not null default 259200 check (give_up_s between 1 and 2592000), -- older and refused: dead
	state text collate "C" not null check (state in ('pending', 'active', 'paused')),
	reason text not null default '', -- why it is paused
	challenge text not null default '', -- what the target must echo before it is active
	last bigint not null default 0, -- position given
	sent bigint not null default 0, -- up to here, and of the next the rows below sent_item
	sent_item int not null default 0,
	acknowledged bigint not null default 0,
	acknowledged_item int not null default 0,
	lease bigint not null default 0, -- number of the newest; an older one settles nothing
	holder int not null default 0, -- advisory lock of the process that has it
	lease_until timestamptz not null default '-infinity',
	due timestamptz not null default 'infinity', -- when somebody should look
	resend timestamptz not null default 'infinity', -- sent and not acknowledged by then is sent anew
	patience timestamptz not null default now(), -- what is older counts as of now: replayed or resumed
	attempts int not null default 0, -- failed since the last success
	failing timestamptz, -- since
	last_status int not null default 0,
	last_code text collate "C" not null default '',
	last_message text not null default '',
	last_try timestamptz,
	last_ok timestamptz,
	made timestamptz not null default now(),
	primary key (party, subscription),
	check (acknowledged <= sent and sent <= last)
) with (fillfactor = 50);
create index delivery_head_due on delivery_head (due) where due < 'infinity';

create table outbox (
	party bigint not null,
	subscription bigint not null,
	position bigint not null,
	receipt bigint not null,
	at timestamptz not null default clock_timestamp(),
	primary key (party, subscription, position)
);
create index outbox_receipt on outbox (receipt);

-- What went out: a row per lease that sent something, per test and per challenge.
create sequence delivery_id;
create table delivery (
	party bigint not null,
	id bigint not null default nextval('delivery_id'),
	subscription bigint not null,
	kind text collate "C" not null check (kind in ('batch', 'test', 'challenge')),
	state text collate "C" not null check (state in ('queued', 'leased', 'sent', 'acknowledged', 'failed')),
	lease bigint not null default 0,
	first bigint not null default 0, -- positions
	last bigint not null default 0,
	status int not null default 0, -- HTTP's
	code text collate "C" not null default '',
	message text not null default '', -- what the recipient answered, or why there is no answer
	made timestamptz not null default clock_timestamp(),
	done timestamptz,
	primary key (party, id)
);
create index delivery_subscription on delivery (party, subscription, id);
create index delivery_open on delivery (party, subscription, last) where state = 'sent';
create index delivery_test on delivery (made) where kind = 'test' and state in ('queued', 'leased');

create table dead_letter (
	party bigint not null,
	subscription bigint not null,
	position bigint not null,
	receipt bigint not null,
	died timestamptz not null default clock_timestamp(),
	status int not null,
	code text collate "C" not null,
	message text not null,
	primary key (party, subscription, position)
);
