-- What a batch tells is held against subscriptions by names: of events the sequencer knows their kinds, so one that
-- nobody of a subscription asked for uses up none of its positions.

alter table announcement add kinds text[] not null default '{}'; -- of its events, without repeats

-- The bit of a record type in announcement.types and subscription.types.
create function type_bit(name text) returns int language sql immutable parallel safe as $$
	select case name when 'reading' then 2 when 'event' then 4 when 'transaction' then 8 when 'result' then 16
		when 'archive' then 32 else 0 end
$$;

-- Of what there is, what is asked for: types that are left once readings of other quantities and events of other kinds
-- are gone. Empty lists ask for all.
create function types_wanted(types int, quantities smallint[], kinds text[], there int, there_quantities smallint[],
	there_kinds text[]) returns int language sql immutable parallel safe as $$
	select case when types = 0 then there else there & types end
		& ~case when quantities = '{}' or quantities && there_quantities then 0 else type_bit('reading') end
		& ~case when kinds = '{}' or kinds && there_kinds then 0 else type_bit('event') end
$$;
