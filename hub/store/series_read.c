#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store/series_rows.h"

int series_key_compare(const series_row *a, const series_row *b)
{
	if (a->point != b->point)
		return a->point < b->point ? -1 : 1;
	if (a->quantity != b->quantity)
		return a->quantity < b->quantity ? -1 : 1;
	int order = strcmp(a->channel, b->channel);
	if (order)
		return order;
	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return (a->kind > b->kind) - (a->kind < b->kind);
}

void series_fetch(fetch *f, int i, int col, series_item *ret)
{
	const PGresult *r = f->r;
	*ret = (series_item){
		.row = {
			.point = get_i64(r, i, col),
			.time = get_time(r, i, col + 2),
			.start = get_time(r, i, col + 3),
			.value = get_value(r, i, col + 5),
			.flags = (uint32_t)get_i64(r, i, col + 7),
			.quantity = (uint16_t)get_i64(r, i, col + 9),
			.kind = (uint8_t)get_i64(r, i, col + 10),
			.channel = fetch_text(f, i, col + 11),
		},
		.known_at = get_time(r, i, col + 4),
		.version = (uint32_t)get_i64(r, i, col + 8),
		.receipt = (uint64_t)get_i64(r, i, col + 1),
		.item = (uint16_t)get_i64(r, i, col + 12),
	};
}

static void row(fetch *f, int i, void *ret)
{
	series_fetch(f, i, 0, ret);
}

static int by_id(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

hub_status series_points(const series_query *q, int64_t from, arena *a, int64_t **ret, size_t *ret_count)
{
	int64_t *list = arena_array(a, q->point_count, sizeof *list);
	if (!list)
		return HUB_NOMEM;
	size_t n = 0, count = 0;
	for (size_t i = 0; i < q->point_count; i++)
		if (q->points[i] >= from)
			list[n++] = q->points[i];
	qsort(list, n, sizeof *list, by_id);
	for (size_t i = 0; i < n; i++)
		if (!i || list[i] != list[i - 1])
			list[count++] = list[i];
	*ret = list;
	*ret_count = count;
	return HUB_OK;
}

static void arg_place(args *in, const series_place *above, bool here)
{
	arg_text(in, here ? above->channel : "");
	arg_time(in, here ? above->time : 0);
	arg_time(in, here ? above->start : 0);
	arg_i16(in, here ? above->kind : 0);
}

hub_status series_raw_args(const series_query *q, const series_place *above, bool whole, size_t limit, arena *a, args *in)
{
	int64_t *points;
	size_t count;
	hub_status st = series_points(q, above->point, a, &points, &count);
	if (st != HUB_OK)
		return st;
	bool here = count && points[0] == above->point; /* the page before ended within this point */
	arg_i64s(in, points, count);
	arg_i16(in, (int16_t)q->quantity);
	arg_text(in, q->channel);
	arg_time(in, q->from);
	arg_time(in, q->to);
	arg_to(in, q->known_at);
	arg_i64(in, (int64_t)limit);
	arg_place(in, above, here);
	arg_bool(in, whole);
	arg_bool(in, here);
	return HUB_OK;
}

hub_status series_raw(store *db, const series_query *q, const series_place *above, bool whole, size_t limit, arena *a,
		      series_item **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	hub_status st = series_raw_args(q, above, whole, limit, a, &in);
	return st == HUB_OK ? sql_list(db, "series_raw", &in, a, sizeof **ret, row, ret, ret_count) : st;
}

static hub_status check(const series_query *q, hub_fault *fault)
{
	if (q->from >= q->to)
		return hub_fault_set(fault, "series.period", "to", "a period ends after it begins");
	if (q->limit < 1 || q->limit > 10000)
		return hub_fault_set(fault, "series.limit", "limit", "a page has 1 to 10000 rows, not %zu", q->limit);
	if (q->channel && strlen(q->channel) > 32)
		return hub_fault_set(fault, "series.channel", "channel", "a channel has at most 32 bytes");
	return HUB_OK;
}

hub_status series_read(store *db, const series_query *q, series_cursor *cursor, arena *a,
		       series_item **ret_items, size_t *ret_count, hub_fault *fault)
{
	series_place above;
	series_item *items;
	size_t count;
	hub_status st = check(q, fault);
	if (st == HUB_OK)
		st = series_cursor_read(q, cursor, a, &above, fault);
	if (st == HUB_OK)
		st = q->step == SERIES_RAW ? series_raw(db, q, &above, false, q->limit, a, &items, &count) :
					     series_steps(db, q, &above, q->limit, a, &items, &count);
	if (st == HUB_OK && q->step == SERIES_RAW)
		st = series_reasons(db, a, items, count);
	if (st != HUB_OK)
		return st;
	const series_row *last = count ? &items[count - 1].row : NULL;
	series_place end = { 0 };
	if (last)
		end = (series_place){ last->point, last->channel, last->time, last->start, last->kind };
	st = series_cursor_make(q, count == q->limit ? &end : NULL, cursor);
	if (st != HUB_OK)
		return st;
	*ret_items = items;
	*ret_count = count;
	return HUB_OK;
}

hub_status series_of_receipt(store *db, uint64_t receipt, size_t item, size_t limit, arena *a,
			     series_item **ret_items, size_t *ret_count, size_t *ret_next)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, (int64_t)receipt);
	arg_i16(&in, (int16_t)item);
	arg_i64(&in, (int64_t)limit);
	series_item *items;
	size_t count;
	hub_status st = sql_list(db, "series_of_receipt", &in, a, sizeof *items, row, &items, &count);
	if (st == HUB_OK)
		st = series_reasons(db, a, items, count);
	if (st != HUB_OK)
		return st;
	*ret_next = count == limit ? items[count - 1].item + 1u : 0;
	*ret_items = items;
	*ret_count = count;
	return HUB_OK;
}

hub_status series_of_receipts(store *db, const int64_t *receipts, size_t receipt_count, const int64_t *points, size_t point_count,
			      size_t item, size_t limit, arena *a, series_item **ret_items, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64s(&in, receipts, receipt_count);
	arg_i16(&in, (int16_t)(item < INT16_MAX ? item : INT16_MAX));
	arg_i64(&in, (int64_t)limit);
	if (point_count)
		arg_i64s(&in, points, point_count);
	else
		arg_null(&in, OID_I64S);
	hub_status st = sql_list(db, "series_of_receipts", &in, a, sizeof **ret_items, row, ret_items, ret_count);
	return st == HUB_OK ? series_reasons(db, a, *ret_items, *ret_count) : st;
}

static hub_status ask_last(store *db, const series_row *keys, size_t count, PGresult **ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_array(&in, OID_I32, count);
	for (size_t i = 0; i < count; i++)
		item_i32(&in, (int32_t)i);
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, keys[i].point);
	arg_array(&in, OID_I16, count);
	for (size_t i = 0; i < count; i++)
		item_i16(&in, (int16_t)keys[i].quantity);
	arg_array(&in, OID_TEXT, count);
	for (size_t i = 0; i < count; i++)
		item_text(&in, keys[i].channel);
	arg_array(&in, OID_I16, count);
	for (size_t i = 0; i < count; i++)
		item_i16(&in, keys[i].kind);
	arg_array(&in, OID_TIME, count);
	for (size_t i = 0; i < count; i++)
		item_time(&in, keys[i].time);
	return sql_run(db, "series_last", &in, ret, NULL);
}

hub_status series_last(store *db, const series_row *keys, size_t count, series_row *ret_rows, bool *ret_found)
{
	AUTO_RESULT res = NULL;
	hub_status st = ask_last(db, keys, count, &res);
	if (st != HUB_OK)
		return st;
	memset(ret_found, 0, count * sizeof *ret_found);
	for (int i = 0; i < PQntuples(res); i++) {
		size_t k = (size_t)get_i64(res, i, 0);
		ret_found[k] = true;
		ret_rows[k] = (series_row){
			.point = get_i64(res, i, 1),
			.time = get_time(res, i, 3),
			.start = get_time(res, i, 4),
			.value = get_value(res, i, 6),
			.flags = (uint32_t)get_i64(res, i, 8),
			.quantity = (uint16_t)get_i64(res, i, 10),
			.kind = (uint8_t)get_i64(res, i, 11),
			.channel = keys[k].channel,
		};
	}
	return HUB_OK;
}
