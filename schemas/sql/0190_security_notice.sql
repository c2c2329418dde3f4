-- Estates' security notices (小区安防公告), who manages a place, and the trail of every notice.

-- reference data: who manages a place and all below it, as an estate's management; what it tells its homes rests on this.
create table premise_manager (
	premise bigint primary key references premise,
	party bigint not null references party,
	since timestamptz not null default now()
);
create index premise_manager_party on premise_manager (party);

-- family: party ----------------------------------------------------------------------------------

alter table notice add column kind text collate "C" not null default 'notice' check (kind in ('notice', 'security_notice'));

-- What became of a notice, by whom, and what for.
create table notice_step (
	party bigint not null,
	notice bigint not null,
	n int not null,
	state text collate "C" not null check (state in ('sent', 'withdrawn')),
	by text not null default '', -- person
	note text not null default '', -- sent: what for; withdrawn: why
	at timestamptz not null default clock_timestamp(),
	primary key (party, notice, n)
);
insert into notice_step (party, notice, n, state, by, at) select party, id, 1, 'sent', by, made from notice;
insert into notice_step (party, notice, n, state, at) select party, id, 2, 'withdrawn', withdrawn from notice where withdrawn is not null;

alter table notice_step enable row level security;
create policy wall on notice_step using ((select hub_all()) or party = (select hub_party()));
