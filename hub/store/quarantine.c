#include "store/quarantine.h"

#include <string.h>

#include "store/statement.h"

static const char *const states[] = {
	[QUARANTINE_OPEN] = "open",
	[QUARANTINE_REPLAYED] = "replayed",
	[QUARANTINE_DROPPED] = "dropped",
};

hub_status quarantine_put(store *db, const quarantine *rows, size_t count)
{
	if (!count)
		return HUB_OK;
	AUTO_ARGS in;
	args_init(&in);
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, rows[i].party);
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, (int64_t)rows[i].receipt);
	arg_array(&in, OID_TEXT, count);
	for (size_t i = 0; i < count; i++)
		item_text(&in, rows[i].source);
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, (int64_t)rows[i].sequence);
	arg_array(&in, OID_TEXT, count);
	for (size_t i = 0; i < count; i++)
		item_text(&in, rows[i].code);
	arg_array(&in, OID_TEXT, count);
	for (size_t i = 0; i < count; i++)
		item_text(&in, rows[i].field);
	arg_array(&in, OID_TEXT, count);
	for (size_t i = 0; i < count; i++)
		item_text(&in, rows[i].message);
	arg_array(&in, OID_BYTEA, count);
	for (size_t i = 0; i < count; i++)
		item_bytes(&in, rows[i].record, rows[i].record_len);
	arg_array(&in, OID_BYTEA, count);
	for (size_t i = 0; i < count; i++)
		item_bytes(&in, rows[i].raw, rows[i].raw_len);
	return sql_do(db, "quarantine_put", &in, NULL);
}

static void row(fetch *f, int i, void *ret)
{
	quarantine *q = ret;
	q->id = (uint64_t)get_i64(f->r, i, 0);
	q->party = get_i64(f->r, i, 1);
	q->receipt = (uint64_t)get_i64(f->r, i, 2);
	q->source = fetch_text(f, i, 3);
	q->sequence = (uint64_t)get_i64(f->r, i, 4);
	q->code = fetch_text(f, i, 5);
	q->field = fetch_text(f, i, 6);
	q->message = fetch_text(f, i, 7);
	const char *state = fetch_text(f, i, 8);
	for (size_t k = 0; state && k < sizeof states / sizeof states[0]; k++)
		if (!strcmp(state, states[k]))
			q->state = (quarantine_state)k;
	q->replay = (uint64_t)get_i64(f->r, i, 9);
	q->made = get_time(f->r, i, 10);
}

static void row_whole(fetch *f, int i, void *ret)
{
	quarantine *q = ret;
	row(f, i, ret);
	q->record = fetch_bytes(f, i, 11, &q->record_len);
	q->raw = fetch_bytes(f, i, 12, &q->raw_len);
}

hub_status quarantine_list(store *db, const quarantine_filter *f, uint64_t after, size_t limit, arena *a,
			   quarantine **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, (int64_t)after);
	arg_i64(&in, f->party);
	arg_text(&in, f->source);
	arg_text(&in, f->code);
	arg_i64(&in, (int64_t)f->receipt);
	arg_bool(&in, f->all);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "quarantine_list", &in, a, sizeof **ret, row, ret, ret_count);
}

hub_status quarantine_get(store *db, uint64_t id, bool lock, arena *a, quarantine *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, (int64_t)id);
	return sql_one(db, lock ? "quarantine_lock" : "quarantine_get", &in, a, sizeof *ret, row_whole, ret);
}

hub_status quarantine_close(store *db, uint64_t id, quarantine_state state, uint64_t receipt)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, (int64_t)id);
	arg_text(&in, states[state]);
	arg_i64(&in, state == QUARANTINE_REPLAYED ? (int64_t)receipt : 0);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "quarantine_close", &in, &res, NULL);
	return st == HUB_OK && !sql_rows(res) ? HUB_CONFLICT : st;
}

hub_status quarantine_count(store *db, uint64_t *ret_open)
{
	int64_t open;
	hub_status st = sql_number(db, "quarantine_count", NULL, &open, NULL);
	if (st == HUB_OK)
		*ret_open = (uint64_t)open;
	return st;
}
