#include "store/series_rows.h"

/* The flags that come with a reason. */
enum {
	EXPLAINED = HUB_CLOCK_DRIFT | HUB_LATE | HUB_OUT_OF_RANGE | HUB_SPIKE | HUB_ROLLOVER | HUB_DECREASE | HUB_MISALIGNED
};

hub_status series_explain(store *db, const series_reason *reasons, size_t count, uint64_t receipt)
{
	if (!count)
		return HUB_OK;
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, (int64_t)receipt);
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, reasons[i].point);
	arg_array(&in, OID_I16, count);
	for (size_t i = 0; i < count; i++)
		item_i16(&in, (int16_t)reasons[i].item);
	arg_array(&in, OID_I32, count);
	for (size_t i = 0; i < count; i++)
		item_i32(&in, (int32_t)reasons[i].flag);
	arg_array(&in, OID_TEXT, count);
	for (size_t i = 0; i < count; i++)
		item_text(&in, reasons[i].text);
	return sql_do(db, "series_explain", &in, NULL);
}

static hub_status ask(store *db, series_item *const *odd, size_t count, PGresult **ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_array(&in, OID_I32, count);
	for (size_t i = 0; i < count; i++)
		item_i32(&in, (int32_t)i);
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, odd[i]->row.point);
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, (int64_t)odd[i]->receipt);
	arg_array(&in, OID_I16, count);
	for (size_t i = 0; i < count; i++)
		item_i16(&in, (int16_t)odd[i]->item);
	return sql_run(db, "series_reasons", &in, ret, NULL);
}

hub_status series_reasons(store *db, arena *a, series_item *items, size_t count)
{
	size_t n = 0;
	for (size_t i = 0; i < count; i++)
		n += (items[i].row.flags & EXPLAINED) != 0;
	if (!n)
		return HUB_OK;
	series_item **odd = arena_array(a, n, sizeof *odd);
	if (!odd)
		return HUB_NOMEM;
	n = 0;
	for (size_t i = 0; i < count; i++)
		if (items[i].row.flags & EXPLAINED)
			odd[n++] = &items[i];
	AUTO_RESULT res = NULL;
	hub_status st = ask(db, odd, n, &res);
	if (st != HUB_OK)
		return st;
	fetch f = { res, a, false };
	for (int i = 0; i < PQntuples(res); i++) {
		series_item *item = odd[get_i64(res, i, 0)];
		item->reasons = fetch_texts(&f, i, 1, &item->reason_count);
	}
	return f.bad ? HUB_NOMEM : HUB_OK;
}
