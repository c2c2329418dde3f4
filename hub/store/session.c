#include "store/session.h"

#include "store/statement.h"

static const char prefix[] = "hubs_";

/* A use is written down only when it tells something new: an idle time's twentieth. */
enum { GRAIN = 20 };

static void row(fetch *f, int i, void *ret)
{
	size_t len;
	*(session *)ret = (session){
		.party = get_i64(f->r, i, 0),
		.person = get_i64(f->r, i, 1),
		.address = fetch_text(f, i, 2),
		.started = get_time(f->r, i, 3),
		.seen = get_time(f->r, i, 4),
		.digest = fetch_bytes(f, i, 5, &len),
	};
}

hub_status session_new(store *db, int64_t party, int64_t person, const char *address, hub_time now,
		       const session_limits *limits, char ret[SECRET_TEXT])
{
	uint8_t digest[SECRET_DIGEST];
	AUTO_ARGS in;
	args_init(&in);
	hub_status st = secret_new(prefix, party, ret);
	if (st != HUB_OK)
		return st;
	arg_i64(&in, party);
	arg_secret(&in, ret, digest);
	arg_i64(&in, person);
	arg_text(&in, address);
	arg_time(&in, now);
	arg_time(&in, now - limits->idle);
	arg_time(&in, now - limits->absolute);
	return sql_do(db, "session_new", &in, NULL);
}

static hub_status touch(store *db, int64_t party, const uint8_t *digest, hub_time now)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_bytes(&in, digest, SECRET_DIGEST);
	arg_time(&in, now);
	return sql_do(db, "session_seen", &in, NULL);
}

hub_status session_find(store *db, const char *text, hub_time now, const session_limits *limits, arena *a, session *ret)
{
	int64_t party;
	uint8_t digest[SECRET_DIGEST];
	if (secret_party(prefix, text, &party) != HUB_OK)
		return HUB_DENIED;
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_secret(&in, text, digest);
	arg_time(&in, now - limits->idle);
	arg_time(&in, now - limits->absolute);
	hub_status st = sql_one(db, "session_find", &in, a, sizeof *ret, row, ret);
	if (st != HUB_OK)
		return st == HUB_MISSING ? HUB_DENIED : st;
	return now - ret->seen > limits->idle / GRAIN ? touch(db, party, digest, now) : HUB_OK;
}

hub_status session_end(store *db, const char *text)
{
	int64_t party;
	uint8_t digest[SECRET_DIGEST];
	if (secret_party(prefix, text, &party) != HUB_OK)
		return HUB_OK;
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_secret(&in, text, digest);
	return sql_do(db, "session_end", &in, NULL);
}

hub_status session_end_all(store *db, int64_t party, int64_t person)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_i64(&in, person);
	return sql_do(db, "person_sessions_end", &in, NULL);
}

hub_status session_list(store *db, int64_t party, int64_t person, hub_time now, const session_limits *limits, arena *a,
			session **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_i64(&in, person);
	arg_time(&in, now - limits->idle);
	arg_time(&in, now - limits->absolute);
	return sql_list(db, "session_list", &in, a, sizeof **ret, row, ret, ret_count);
}
