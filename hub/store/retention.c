#include "store/retention.h"

#include "store/statement.h"

static hub_status clear(store *db, const char *statement, const retention *r, hub_time now, size_t limit,
			size_t *cleared)
{
	AUTO_ARGS in;
	int64_t count;
	args_init(&in);
	arg_time(&in, now - r->delivered);
	arg_time(&in, now - (r->undelivered > r->delivered ? r->undelivered : r->delivered));
	arg_i64(&in, (int64_t)limit);
	arg_time(&in, now);
	hub_status st = sql_number(db, statement, &in, &count, NULL);
	if (st == HUB_OK)
		*cleared += (size_t)count;
	return st;
}

static hub_status step(store *db, const retention *r, hub_time now, size_t limit, size_t *cleared)
{
	/* Dead letters first: an entry whose letter is there stays. */
	static const char *const statements[] = { "retention_dead", "retention_outbox", "retention_feed",
						  "retention_delivery" };
	AUTO_RESULT turn = NULL;
	hub_status st = sql_run(db, "retention_turn", NULL, &turn, NULL);
	if (st != HUB_OK || !get_bool(turn, 0, 0))
		return st;
	for (size_t i = 0; st == HUB_OK && i < sizeof statements / sizeof statements[0]; i++)
		st = clear(db, statements[i], r, now, limit, cleared);
	return st;
}

hub_status retention_step(store *db, const retention *r, hub_time now, size_t limit, size_t *ret_cleared)
{
	size_t cleared = 0;
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	st = store_scope_end(db, step(db, r, now, limit, &cleared));
	if (st == HUB_OK)
		*ret_cleared = cleared;
	return st;
}
