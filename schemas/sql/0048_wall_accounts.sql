-- The second wall of accounts, now that they have a holder: the holder, the utilities of its contracts, and who lives at
-- or owns what the contracts are for. Postings are the core's own work.
create view wall_holder as select id as account, holder from billing_account where holder is not null;
grant select on wall_holder to hub_api;

do $$
declare
	account_of constant jsonb := '{"billing_account": "id", "contract": "account", "bill": "account",
		"bill_import": "account", "payment": "account", "ledger_leg": "account", "ledger_hold": "account"}';
	own constant jsonb := '{"contract": "party = (select hub_party())", "bill_import": "party = (select hub_party())",
		"payment": "provider = (select hub_party())"}';
	name text;
	col text;
begin
	for name, col in select * from jsonb_each_text(account_of) loop
		execute format('drop policy wall on %I', name);
		execute format('create policy wall on %1$I using ((select hub_all())'
			|| ' or exists (select from wall_holder h where h.account = %1$I.%2$I and h.holder = (select hub_party()))'
			|| ' or exists (select from wall_contract c where c.account = %1$I.%2$I and (c.party = (select hub_party())'
			|| ' or exists (select from wall_point_party o where o.point = c.point and o.party = (select hub_party())'
			|| ' and o.role in (''owner'', ''occupant''))))%3$s)', name, col, coalesce(' or ' || (own ->> name), ''));
	end loop;
end
$$;

-- A holder is known to the utilities of its contracts.
drop policy wall on party;
create policy wall on party using (kind <> 'household' or (select hub_all()) or id = (select hub_party())
	or exists (select from wall_point_party a join wall_point_party b on b.point = a.point
		where a.party = party.id and b.party = (select hub_party()))
	or exists (select from wall_consent c where c.grantor = party.id and c.grantee = (select hub_party()))
	or exists (select from wall_consent c where c.grantee = party.id and c.grantor = (select hub_party()))
	or exists (select from wall_holder h join wall_contract c on c.account = h.account
		where h.holder = party.id and c.party = (select hub_party())));
