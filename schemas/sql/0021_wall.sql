-- The second wall: whoever answers a party's call does it as hub_api, and sees of registry, accounts, bills and
-- consents only what that party has to do with, even where a query forgot to say so. The policies decide within.
-- hub.party is the caller ('': nobody, who sees nothing), hub.operator 'on' an operator of the hub. The core itself
-- (intake, work, hubctl) owns the tables and passes by.

do $$
begin
	if not exists (select from pg_roles where rolname = 'hub_api') then
		create role hub_api nologin;
	end if;
exception
	when duplicate_object or unique_violation then null; -- somebody else was faster
	when insufficient_privilege then
		raise exception 'the role hub_api is missing and % may not make it; as a superuser: create role hub_api nologin; grant hub_api to %', current_user, current_user;
end
$$;
do $$
begin
	if not pg_has_role(current_user, 'hub_api', 'member') then
		execute format('grant hub_api to %I', current_user);
	end if;
end
$$;

grant usage on schema public to hub_api;
grant select, insert, update, delete on all tables in schema public to hub_api;
grant usage, select on all sequences in schema public to hub_api;
alter default privileges in schema public grant select, insert, update, delete on tables to hub_api;
alter default privileges in schema public grant usage, select on sequences to hub_api;

create function hub_party() returns bigint language sql stable parallel safe
	as $$ select nullif(current_setting('hub.party', true), '')::bigint $$;
create function hub_all() returns boolean language sql stable parallel safe
	as $$ select coalesce(current_setting('hub.operator', true), '') = 'on' $$;

-- What the policies themselves look at, by the owner's right: so that none asks another in a circle.
create view wall_point_party as select point, party, role from point_party;
create view wall_consent as select point, grantor, grantee from consent;
create view wall_home as select o.point from point_party o join party p on p.id = o.party
	where o.role in ('owner', 'occupant') and p.kind = 'household';
create view wall_premise as select id, path from premise;
create view wall_contract as select account, point, party from contract;

create view point_public as select id from point p
	where p.commodity = 'ev' and not exists (select from wall_home h where h.point = p.id);

-- The views of statements go by the caller's right.
alter view point_row set (security_invoker = true);
alter view consent_row set (security_invoker = true);

-- Whoever has a role at the point, or was ever let see it; and chargers in public, which anybody may look for.
do $$
declare
	point_of constant jsonb := '{"point": "id", "point_party": "point", "point_limit": "point", "installation": "point",
		"consent": "point", "comparison_choice": "point"}';
	account_of constant jsonb := '{"billing_account": "id", "contract": "account", "bill": "account",
		"bill_import": "account", "payment": "account", "ledger_leg": "account", "ledger_hold": "account"}';
	-- beyond that: a row that is the party's own
	own constant jsonb := '{"consent": "grantor = (select hub_party()) or grantee = (select hub_party())",
		"comparison_choice": "party = (select hub_party())",
		"contract": "party = (select hub_party())", "bill_import": "party = (select hub_party())",
		"payment": "provider = (select hub_party())", "ledger_leg": "account = -(select hub_party())",
		"ledger_hold": "account = -(select hub_party())"}';
	kept_in constant text[] := array['consent', 'comparison_choice']; -- the own rows alone
	name text;
	col text;
	rule text;
begin
	for name, col in select * from jsonb_each_text(point_of) loop
		rule := format('exists (select from wall_point_party o where o.point = %1$I.%2$I and o.party = (select hub_party()))'
			|| ' or exists (select from wall_consent c where c.point = %1$I.%2$I and c.grantee = (select hub_party()))'
			|| ' or exists (select from point_public u where u.id = %1$I.%2$I)', name, col);
		if name = 'point' then
			rule := replace(rule, 'exists (select from point_public u where u.id = point.id)',
				'point.commodity = ''ev'' and not exists (select from wall_home h where h.point = point.id)');
		end if;
		if name = any (kept_in) then
			rule := own ->> name;
		end if;
		execute format('alter table %I enable row level security', name);
		execute format('create policy wall on %I using ((select hub_all()) or %s)', name, rule);
	end loop;
	for name, col in select * from jsonb_each_text(account_of) loop
		rule := format('exists (select from wall_contract c where c.account = %1$I.%2$I and (c.party = (select hub_party())'
			|| ' or exists (select from wall_point_party o where o.point = c.point and o.party = (select hub_party())'
			|| ' and o.role in (''owner'', ''occupant''))))', name, col);
		execute format('alter table %I enable row level security', name);
		execute format('create policy wall on %I using ((select hub_all()) or %s%s)', name, rule,
			coalesce(' or ' || (own ->> name), ''));
	end loop;
end
$$;

-- Households are known to whom they have to do with; everybody else is in the open.
alter table party enable row level security;
create policy wall on party using (kind <> 'household' or (select hub_all()) or id = (select hub_party())
	or exists (select from wall_point_party a join wall_point_party b on b.point = a.point
		where a.party = party.id and b.party = (select hub_party()))
	or exists (select from wall_consent c where c.grantor = party.id and c.grantee = (select hub_party()))
	or exists (select from wall_consent c where c.grantee = party.id and c.grantor = (select hub_party())));
alter table party_token enable row level security;
create policy wall on party_token using ((select hub_all()) or party = (select hub_party()));
alter table party_certificate enable row level security;
create policy wall on party_certificate using ((select hub_all()) or party = (select hub_party()));

-- Homes are in the open only as far as a point there is.
alter table premise enable row level security;
create policy wall on premise using (kind not in ('home', 'room') or (select hub_all())
	or exists (select from point p join wall_premise m on m.id = p.premise where m.path @> array[premise.id]));

alter table device enable row level security;
create policy wall on device using ((select hub_all()) or party = (select hub_party())
	or exists (select from installation i where i.device = device.id));

grant select on all tables in schema public to hub_api;

-- reference data: the policies that a process of the core decides by, as it loaded them
create table policy_in_force (
	process text collate "C" primary key,
	version text collate "C" not null,
	topology text collate "C" not null,
	folder text not null,
	policies int not null,
	loaded timestamptz not null default now()
);
