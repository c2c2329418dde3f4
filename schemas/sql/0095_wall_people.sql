-- The second wall of people: who acts for a party, their sessions, invitations, notes, and what apps they let in are
-- that party's alone. Sessions and secrets are nobody else's business, not the operator's either; logging in, joining,
-- apps' own calls and binding by a code are the core's work, before anybody is somebody.
alter table person enable row level security;
create policy wall on person using ((select hub_all()) or party = (select hub_party()));

do $$
declare
	name text;
begin
	foreach name in array array['person_session', 'invitation', 'party_note', 'app_grant', 'app_secret', 'point_code'] loop
		execute format('alter table %I enable row level security', name);
		execute format('create policy wall on %I using (party = (select hub_party()))', name);
	end loop;
end
$$;

-- Apps are in the open while people may choose them; afterwards they are known to who answers for them, and to who let them in.
alter table app enable row level security;
create policy wall on app using (disabled is null or (select hub_all()) or party = (select hub_party())
	or exists (select from app_grant g where g.app = app.id and g.party = (select hub_party())));
