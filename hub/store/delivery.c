#include "store/delivery.h"

#include "store/statement.h"

static hub_status number(store *db, const char *statement, const args *in, uint64_t *ret)
{
	int64_t id;
	hub_status st = sql_number(db, statement, in, &id, NULL);
	if (st == HUB_OK && ret)
		*ret = (uint64_t)id;
	return st;
}

hub_status delivery_put(store *db, const delivery *d, uint64_t *ret_id)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, d->party);
	arg_i64(&in, d->subscription);
	arg_text(&in, d->kind);
	arg_text(&in, d->state);
	arg_i64(&in, (int64_t)d->lease);
	arg_i64(&in, (int64_t)d->first);
	arg_i64(&in, (int64_t)d->last);
	arg_i32(&in, d->status);
	arg_text(&in, d->code ? d->code : "");
	arg_text(&in, d->message ? d->message : "");
	return number(db, "delivery_put", &in, ret_id);
}

static void row(fetch *f, int i, void *ret)
{
	*(delivery *)ret = (delivery) {
		.id = (uint64_t)get_i64(f->r, i, 0),
		.party = get_i64(f->r, i, 1),
		.subscription = get_i64(f->r, i, 2),
		.kind = fetch_text(f, i, 3),
		.state = fetch_text(f, i, 4),
		.lease = (uint64_t)get_i64(f->r, i, 5),
		.first = (uint64_t)get_i64(f->r, i, 6),
		.last = (uint64_t)get_i64(f->r, i, 7),
		.status = (int)get_i64(f->r, i, 8),
		.code = fetch_text(f, i, 9),
		.message = fetch_text(f, i, 10),
		.made = get_time(f->r, i, 11),
		.done = get_time(f->r, i, 12),
	};
}

hub_status delivery_list(store *db, int64_t party, int64_t subscription, uint64_t before, size_t limit, arena *a,
			 delivery **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_i64(&in, subscription);
	arg_i64(&in, (int64_t)before);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "delivery_list", &in, a, sizeof **ret, row, ret, ret_count);
}

hub_status delivery_get(store *db, int64_t party, uint64_t id, arena *a, delivery *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_i64(&in, (int64_t)id);
	return sql_one(db, "delivery_get", &in, a, sizeof *ret, row, ret);
}

hub_status delivery_test_ask(store *db, int64_t party, int64_t subscription, uint64_t *ret_id)
{
	const delivery d = { .party = party, .subscription = subscription, .kind = "test", .state = "queued" };
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	st = delivery_put(db, &d, ret_id);
	if (st == HUB_OK)
		st = sql_do(db, "outbox_notify", NULL, NULL);
	return store_scope_end(db, st);
}

hub_status delivery_test_take(store *db, size_t limit, arena *a, delivery **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "delivery_test_take", &in, a, sizeof **ret, row, ret, ret_count);
}

hub_status delivery_done(store *db, const delivery *d)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, d->party);
	arg_i64(&in, (int64_t)d->id);
	arg_text(&in, d->state);
	arg_i32(&in, d->status);
	arg_text(&in, d->code);
	arg_text(&in, d->message);
	return sql_do(db, "delivery_done", &in, NULL);
}

static void dead_row(fetch *f, int i, void *ret)
{
	*(dead_letter *)ret = (dead_letter) {
		.party = get_i64(f->r, i, 0),
		.subscription = get_i64(f->r, i, 1),
		.position = (uint64_t)get_i64(f->r, i, 2),
		.receipt = (uint64_t)get_i64(f->r, i, 3),
		.died = get_time(f->r, i, 4),
		.status = (int)get_i64(f->r, i, 5),
		.code = fetch_text(f, i, 6),
		.message = fetch_text(f, i, 7),
	};
}

hub_status dead_letter_list(store *db, int64_t party, int64_t subscription, uint64_t after, size_t limit, arena *a,
			    dead_letter **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_i64(&in, subscription);
	arg_i64(&in, (int64_t)after);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "dead_letter_list", &in, a, sizeof **ret, dead_row, ret, ret_count);
}

static void of_row(fetch *f, int i, void *ret)
{
	*(delivery_of *)ret = (delivery_of) {
		.party = fetch_text(f, i, 0),
		.subscription = get_i64(f->r, i, 1),
		.door = fetch_text(f, i, 2),
		.position = (uint64_t)get_i64(f->r, i, 3),
		.state = fetch_text(f, i, 4),
		.code = fetch_text(f, i, 5),
		.message = fetch_text(f, i, 6),
		.at = get_time(f->r, i, 7),
		.done = get_time(f->r, i, 8),
	};
}

hub_status delivery_of_receipt(store *db, uint64_t receipt, arena *a, delivery_of **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, (int64_t)receipt);
	return sql_list(db, "delivery_of_receipt", &in, a, sizeof **ret, of_row, ret, ret_count);
}
