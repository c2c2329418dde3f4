-- :guess_begin
insert into guess as g (key, failures, last, until) values ($1, 1, $2,
	case when $3 <= 1 then $2 + $4::bigint * interval '1 microsecond' else $2 end)
on conflict (key) do update set
	failures = case when g.last < $2 - $6::bigint * interval '1 microsecond' then 1 else g.failures + 1 end,
	last = $2,
	until = case when g.last < $2 - $6::bigint * interval '1 microsecond' or g.failures + 1 < $3 then $2
		else $2 + least($4::float8 * 2.0::float8 ^ least(g.failures + 1 - $3, 40), $5::float8) * interval '1 microsecond' end
where g.until <= $2
returning failures

-- :guess_until
select until from guess where key = $1

-- :guess_right
delete from guess where key = $1

-- :guess_right_once
update guess set failures = greatest(failures - 1, 0), until = last where key = $1
