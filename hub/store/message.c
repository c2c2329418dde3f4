#include "store/message.h"

#include <assert.h>

#include "store/statement.h"

enum { ITEMS_MAX = 16384 };

static void arg_rows(args *in, const message *rows, size_t count)
{
	arg_array(in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(in, rows[i].party);
	arg_array(in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(in, (int64_t)rows[i].receipt);
	arg_array(in, OID_I32, count);
	for (size_t i = 0; i < count; i++)
		item_i32(in, (int32_t)rows[i].item);
	arg_array(in, OID_I16, count);
	for (size_t i = 0; i < count; i++)
		item_i16(in, (int16_t)rows[i].type);
	arg_array(in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(in, rows[i].point);
	arg_array(in, OID_TEXT, count);
	for (size_t i = 0; i < count; i++)
		item_text(in, rows[i].channel);
	arg_array(in, OID_TIME, count);
	for (size_t i = 0; i < count; i++)
		item_time(in, rows[i].time);
	arg_array(in, OID_TEXT, count);
	for (size_t i = 0; i < count; i++)
		item_text(in, rows[i].key);
	arg_array(in, OID_TEXT, count);
	for (size_t i = 0; i < count; i++)
		item_text(in, rows[i].body);
}

hub_status message_put(store *db, const message *rows, size_t count, bool *ret_new)
{
	if (!count)
		return HUB_OK;
	for (size_t i = 0; i < count; i++)
		assert(rows[i].item < ITEMS_MAX && rows[i].receipt == rows[0].receipt);
	AUTO_ARGS in;
	args_init(&in);
	arg_rows(&in, rows, count);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "message_put", &in, &res, NULL);
	if (st != HUB_OK)
		return st;
	bool stored[ITEMS_MAX] = { false };
	for (int k = 0; k < PQntuples(res); k++)
		stored[get_i64(res, k, 0)] = true;
	for (size_t i = 0; i < count; i++)
		ret_new[i] = stored[rows[i].item];
	return HUB_OK;
}

static void row(fetch *f, int i, void *ret)
{
	message *m = ret;
	m->id = (uint64_t)get_i64(f->r, i, 0);
	m->party = get_i64(f->r, i, 1);
	m->receipt = (uint64_t)get_i64(f->r, i, 2);
	m->item = (uint32_t)get_i64(f->r, i, 3);
	m->type = (hub_record_type)get_i64(f->r, i, 4);
	m->point = get_i64(f->r, i, 5);
	m->channel = fetch_text(f, i, 6);
	m->time = get_time(f->r, i, 7);
	m->key = fetch_text(f, i, 8);
	m->body = fetch_text(f, i, 9);
	m->recorded = get_time(f->r, i, 10);
	m->kind = fetch_text(f, i, 11);
}

hub_status message_of_receipt(store *db, uint64_t receipt, arena *a, message **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, (int64_t)receipt);
	return sql_list(db, "message_of_receipt", &in, a, sizeof **ret, row, ret, ret_count);
}

hub_status message_of_receipts(store *db, const int64_t *receipts, size_t receipt_count, arena *a, message **ret,
			       size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64s(&in, receipts, receipt_count);
	return sql_list(db, "message_of_receipts", &in, a, sizeof **ret, row, ret, ret_count);
}

hub_status message_list(store *db, const int64_t *points, size_t point_count, hub_record_type type, hub_time from,
			hub_time to, uint64_t after, size_t limit, arena *a, message **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64s(&in, points, point_count);
	arg_i16(&in, (int16_t)type);
	arg_time(&in, from);
	arg_time(&in, to);
	arg_i64(&in, (int64_t)after);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "message_list", &in, a, sizeof **ret, row, ret, ret_count);
}
