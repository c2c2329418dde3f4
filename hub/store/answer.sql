-- :answer_claim
with old as (
	delete from answer where ctid = any (array(select ctid from answer where made < now() - interval '2 days'
		and (party, key) <> ($1, $2) limit 10 for update skip locked))
)
insert into answer (party, key, digest) values ($1, $2, $3) on conflict do nothing returning 1

-- :answer_get
select digest, status, tag, body from answer where party = $1 and key = $2

-- :answer_keep
update answer set status = $3, tag = $4, body = $5 where party = $1 and key = $2
