#include "store/outbox.h"

#include <string.h>

#include "store/statement.h"

/* The first two parameters of nearly all: whose row. Before any return, as arguments are freed at the end. */
static void which(args *in, int64_t party, int64_t subscription)
{
	args_init(in);
	arg_i64(in, party);
	arg_i64(in, subscription);
}

hub_status outbox_open(store *db, const outbox_head *h, hub_fault *fault)
{
	AUTO_ARGS in;
	which(&in, h->party, h->subscription);
	arg_text(&in, h->door);
	arg_text(&in, h->target);
	arg_i32(&in, (int32_t)h->bundle_count);
	arg_i32(&in, (int32_t)h->bundle_bytes);
	arg_i32(&in, (int32_t)(h->bundle_wait / 1000));
	arg_i32(&in, (int32_t)(h->give_up / 1000000));
	arg_text(&in, h->challenge ? h->challenge : "");
	hub_status st = sql_do(db, "outbox_open", &in, fault);
	return st == HUB_OK ? sql_do(db, "outbox_notify", NULL, NULL) : st;
}

static void head_row(fetch *f, int i, void *ret)
{
	outbox_head *h = ret;
	const PGresult *r = f->r;
	*h = (outbox_head) {
		.party = get_i64(r, i, 0),
		.subscription = get_i64(r, i, 1),
		.door = fetch_text(f, i, 2),
		.target = fetch_text(f, i, 3),
		.bundle_count = (uint32_t)get_i64(r, i, 4),
		.bundle_bytes = (uint32_t)get_i64(r, i, 5),
		.bundle_wait = get_i64(r, i, 6) * 1000,
		.give_up = get_i64(r, i, 7) * 1000000,
		.state = fetch_text(f, i, 8),
		.reason = fetch_text(f, i, 9),
		.challenge = fetch_text(f, i, 10),
		.last = (uint64_t)get_i64(r, i, 11),
		.sent = { (uint64_t)get_i64(r, i, 12), (uint32_t)get_i64(r, i, 13) },
		.acknowledged = { (uint64_t)get_i64(r, i, 14), (uint32_t)get_i64(r, i, 15) },
		.lease = (uint64_t)get_i64(r, i, 16),
		.leased = get_bool(r, i, 17),
		.due = get_time(r, i, 18),
		.resend = get_time(r, i, 19),
		.attempts = (uint32_t)get_i64(r, i, 20),
		.failing = get_time(r, i, 21),
		.last_status = (int)get_i64(r, i, 22),
		.last_code = fetch_text(f, i, 23),
		.last_message = fetch_text(f, i, 24),
		.last_try = get_time(r, i, 25),
		.last_ok = get_time(r, i, 26),
		.made = get_time(r, i, 27),
		.dead = (uint64_t)get_i64(r, i, 28),
	};
}

hub_status outbox_get(store *db, int64_t party, int64_t subscription, arena *a, outbox_head *ret)
{
	AUTO_ARGS in;
	which(&in, party, subscription);
	return sql_one(db, "outbox_get", &in, a, sizeof *ret, head_row, ret);
}

hub_status outbox_list(store *db, int64_t party, arena *a, outbox_head **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	return sql_list(db, "outbox_list", &in, a, sizeof **ret, head_row, ret, ret_count);
}

static void column(args *in, const PGresult *r, int col)
{
	arg_array(in, OID_I64, (size_t)PQntuples(r));
	for (int i = 0; i < PQntuples(r); i++)
		item_i64(in, get_i64(r, i, col));
}

hub_status outbox_give(store *db, const args *announcements)
{
	AUTO_RESULT pushes = NULL;
	hub_status st = sql_run(db, "announcement_pushes", announcements, &pushes, NULL);
	if (st != HUB_OK || !PQntuples(pushes))
		return st;
	AUTO_ARGS who, what;
	args_init(&who);
	args_init(&what);
	for (int col = 0; col < 3; col++)
		column(&what, pushes, col);
	for (int col = 0; col < 2; col++)
		column(&who, pushes, col);
	st = sql_do(db, "outbox_lock", &who, NULL);
	if (st == HUB_OK)
		st = sql_do(db, "outbox_insert", &what, NULL);
	if (st == HUB_OK)
		st = sql_do(db, "outbox_advance", &who, NULL);
	return st == HUB_OK ? sql_do(db, "outbox_notify", NULL, NULL) : st;
}

hub_status outbox_hold(store *db, int32_t holder)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i32(&in, holder);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "outbox_hold", &in, &res, NULL);
	return st == HUB_OK && !get_bool(res, 0, 0) ? HUB_CONFLICT : st;
}

hub_status outbox_free(store *db)
{
	return sql_do(db, "outbox_free", NULL, NULL);
}

hub_status outbox_keep_only(store *db, int32_t holder, const outbox_held *held, size_t count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i32(&in, holder);
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, held[i].subscription);
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, (int64_t)held[i].lease);
	return sql_do(db, "outbox_keep_only", &in, NULL);
}

hub_status outbox_lease(store *db, int32_t holder, size_t limit, int64_t lease, bool failing, arena *a,
			outbox_head **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i32(&in, holder);
	arg_i64(&in, (int64_t)limit);
	arg_i64(&in, lease);
	arg_bool(&in, failing);
	return sql_list(db, "outbox_lease", &in, a, sizeof **ret, head_row, ret, ret_count);
}

static void entry_row(fetch *f, int i, void *ret)
{
	outbox_entry *e = ret;
	size_t len;
	*e = (outbox_entry) { .position = (uint64_t)get_i64(f->r, i, 0),
			      .receipt = (uint64_t)get_i64(f->r, i, 1),
			      .at = get_time(f->r, i, 2),
			      .sender = get_i64(f->r, i, 3),
			      .source = fetch_text(f, i, 4) };
	const uint8_t *trace = get_bytes(f->r, i, 5, &len);
	if (len == sizeof e->trace)
		memcpy(&e->trace, trace, len);
}

hub_status outbox_take(store *db, int64_t party, int64_t subscription, uint64_t after, size_t limit, arena *a,
		       outbox_entry **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	which(&in, party, subscription);
	arg_i64(&in, (int64_t)after);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "outbox_take", &in, a, sizeof **ret, entry_row, ret, ret_count);
}

/* Locks the head; HUB_MISSING. In a transaction. */
static hub_status lock(store *db, int64_t party, int64_t subscription, int64_t *ret_lease)
{
	AUTO_ARGS in;
	which(&in, party, subscription);
	return sql_number(db, "outbox_row", &in, ret_lease, NULL);
}

static hub_status settle(store *db, const outbox_outcome *o)
{
	AUTO_ARGS in;
	int64_t lease;
	which(&in, o->party, o->subscription);
	hub_status st = lock(db, o->party, o->subscription, &lease);
	if (st == HUB_MISSING || (st == HUB_OK && (uint64_t)lease != o->lease))
		return HUB_CONFLICT;
	arg_i64(&in, lease);
	arg_i64(&in, (int64_t)o->acknowledged.position);
	arg_i32(&in, (int32_t)o->acknowledged.item);
	arg_i64(&in, (int64_t)o->sent.position);
	arg_i32(&in, (int32_t)o->sent.item);
	arg_i32(&in, o->result);
	arg_bool(&in, o->progress);
	arg_i64(&in, o->delay);
	arg_i32(&in, o->status);
	arg_text(&in, o->code);
	arg_text(&in, o->message);
	return st == HUB_OK ? sql_do(db, "outbox_settle", &in, NULL) : st;
}

static hub_status bury(store *db, const outbox_outcome *o)
{
	AUTO_ARGS in;
	which(&in, o->party, o->subscription);
	arg_i64(&in, (int64_t)o->lease);
	arg_i32(&in, o->status);
	arg_text(&in, o->code);
	arg_text(&in, o->message);
	return sql_do(db, "outbox_bury", &in, NULL);
}

hub_status outbox_settle(store *db, const outbox_outcome *o)
{
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	st = settle(db, o);
	if (st == HUB_OK && o->result == OUTBOX_FAILED)
		st = bury(db, o);
	return store_scope_end(db, st);
}

static hub_status changed(store *db, const char *statement, const args *in, hub_status none)
{
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, statement, in, &res, NULL);
	return st == HUB_OK && !sql_rows(res) ? none : st;
}

hub_status outbox_verified(store *db, int64_t party, int64_t subscription, uint64_t lease)
{
	AUTO_ARGS in;
	which(&in, party, subscription);
	arg_i64(&in, (int64_t)lease);
	return changed(db, "outbox_verified", &in, HUB_CONFLICT);
}

static hub_status acknowledge(store *db, int64_t party, int64_t subscription, uint64_t position, bool again)
{
	AUTO_ARGS in, rows;
	int64_t lease;
	which(&in, party, subscription);
	which(&rows, party, subscription);
	hub_status st = lock(db, party, subscription, &lease);
	if (st == HUB_MISSING)
		return HUB_OK;
	arg_i64(&in, (int64_t)position);
	arg_bool(&in, again);
	if (st == HUB_OK)
		st = changed(db, "outbox_acknowledge", &in, HUB_MISSING);
	arg_i64(&rows, (int64_t)position);
	if (st == HUB_MISSING)
		return again ? HUB_OK : sql_do(db, "outbox_heard_early", &rows, NULL);
	if (st != HUB_OK)
		return st;
	st = sql_do(db, "outbox_delivered", &rows, NULL);
	return st == HUB_OK ? sql_do(db, "outbox_notify", NULL, NULL) : st;
}

hub_status outbox_acknowledge(store *db, int64_t party, int64_t subscription, uint64_t position, bool again)
{
	if (position > INT64_MAX)
		return HUB_OK;
	hub_status st = store_scope(db);
	return st == HUB_OK ? store_scope_end(db, acknowledge(db, party, subscription, position, again)) : st;
}

hub_status outbox_hear(store *db, int64_t party, int64_t subscription)
{
	AUTO_ARGS in;
	int64_t position;
	which(&in, party, subscription);
	hub_status st = sql_number(db, "outbox_heard", &in, &position, NULL);
	if (st == HUB_MISSING)
		return HUB_OK;
	return st == HUB_OK ? outbox_acknowledge(db, party, subscription, (uint64_t)position, false) : st;
}

hub_status outbox_pause(store *db, int64_t party, int64_t subscription, const char *reason)
{
	AUTO_ARGS in;
	which(&in, party, subscription);
	arg_text(&in, reason);
	return changed(db, "outbox_pause", &in, HUB_MISSING);
}

hub_status outbox_resume(store *db, int64_t party, int64_t subscription)
{
	AUTO_ARGS in;
	int64_t lease;
	which(&in, party, subscription);
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	st = lock(db, party, subscription, &lease);
	if (st == HUB_OK)
		st = changed(db, "outbox_resume", &in, HUB_CONFLICT);
	if (st == HUB_OK)
		st = sql_do(db, "outbox_notify", NULL, NULL);
	return store_scope_end(db, st);
}

hub_status outbox_replay(store *db, int64_t party, int64_t subscription, uint64_t position)
{
	AUTO_ARGS in;
	int64_t lease;
	which(&in, party, subscription);
	arg_i64(&in, (int64_t)position);
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	st = position > INT64_MAX ? HUB_RANGE : lock(db, party, subscription, &lease);
	if (st == HUB_OK)
		st = changed(db, "outbox_replay", &in, HUB_RANGE);
	if (st == HUB_OK)
		st = sql_do(db, "outbox_notify", NULL, NULL);
	return store_scope_end(db, st);
}

hub_status outbox_position_at(store *db, int64_t party, int64_t subscription, hub_time from, uint64_t *ret)
{
	AUTO_ARGS in;
	int64_t position;
	which(&in, party, subscription);
	arg_time(&in, from);
	hub_status st = sql_number(db, "outbox_position_at", &in, &position, NULL);
	if (st == HUB_OK)
		*ret = (uint64_t)position;
	return st;
}

hub_status outbox_earliest(store *db, int64_t party, int64_t subscription, uint64_t *ret)
{
	AUTO_ARGS in;
	int64_t position;
	which(&in, party, subscription);
	hub_status st = sql_number(db, "outbox_earliest", &in, &position, NULL);
	if (st == HUB_OK)
		*ret = (uint64_t)position;
	return st;
}

hub_status outbox_health_read(store *db, outbox_health *ret)
{
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "outbox_health", NULL, &res, NULL);
	if (st == HUB_OK)
		*ret = (outbox_health) { (uint64_t)get_i64(res, 0, 0), (uint64_t)get_i64(res, 0, 1),
					 (uint64_t)get_i64(res, 0, 2), (uint64_t)get_i64(res, 0, 5),
					 get_time(res, 0, 3),	       get_time(res, 0, 4) };
	return st;
}
