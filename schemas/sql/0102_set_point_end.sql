-- A set-point that ends: what a device cannot let go of by itself is written back by a command of the hub's own, made with the
-- word that the first one was carried out, or may have been. Due at the end, it outlives whatever dies until then; a later
-- set-point of the same circuit takes its place.
create function command_back() returns trigger language plpgsql as $$
declare
	ends timestamptz := (new.arguments->>'until')::timestamptz;
	made bigint;
begin
	if new.state = 'confirmed' then
		with gone as (
			update command older set state = 'refused', cause = 'superseded', ended = clock_timestamp(), fence = fence + 1
			where older.point = new.point and older.channel = new.channel and older.kind = 'set_point' and older.key like 'back-%'
				and older.state = 'queued' and older.instance = '' and older.id <> new.id
				and split_part(older.key, '-', 2)::bigint < new.id
			returning point, id
		)
		insert into command_step (point, id, state, by, note) select point, id, 'refused', 'hub', 'superseded' from gone;
	end if;
	if ends is null or new.arguments->>'then' is null then
		return null;
	end if;
	insert into command (point, batch, requester, key, request, party, meter, channel, kind, arguments, cuts_off, reason, requested_by,
		state, expires, attempts_max, due)
	values (new.point, new.id, new.requester, 'back-' || new.id, new.request, new.party, new.meter, new.channel, 'set_point',
		jsonb_build_object('value', new.arguments->>'then'), false, 'until', new.requested_by, 'queued',
		greatest(ends, clock_timestamp()) + interval '1 day', 1000, greatest(ends, clock_timestamp()))
	on conflict (point, requester, key) where key <> '' do nothing
	returning id into made;
	if made is not null then
		insert into command_step (point, id, state, by, note) values (new.point, made, 'requested', 'hub', 'the end of ' || new.id),
			(new.point, made, 'queued', 'hub', '');
		insert into command_step (point, id, state, by, note) values (new.point, new.id, '', 'hub', 'set back by ' || made);
	end if;
	return null;
end $$;
create trigger command_back after update of state on command for each row
	when (new.kind = 'set_point' and new.state is distinct from old.state
		and (new.state = 'confirmed' or new.state = 'expired' and (old.state = 'sent' or old.instance <> '')))
	execute function command_back();
