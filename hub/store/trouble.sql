-- :trouble_save
insert into trouble (core, kind, subject, began, last, ended, count, text) values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (core, kind, subject, began) do update set last = excluded.last, ended = excluded.ended, count = excluded.count, text = excluded.text

-- :trouble_end_left
update trouble set ended = last where core = $1 and ended is null

-- :trouble_list
select core, kind, subject, text, began, last, coalesce(ended, 'infinity'), count from trouble
where (last >= $2 or ended is null) and ($1 = '' or (kind = 'party.flooding' and subject = $1))
order by began desc, kind, subject limit $3

-- :trouble_clear
delete from trouble where ended < $1

-- :trouble_server_since
select pg_postmaster_start_time()
