#include "store/connection.h"
#include "store/series_rows.h"
#include "store/yardstick.h"

hub_status yardstick_make(store *db)
{
	return sql_text(db, "create table yardstick (like reading including all)", NULL);
}

hub_status yardstick_copy(store *db, const series_row *rows, size_t count, uint64_t receipt)
{
	static const char begin[] = "begin; copy yardstick (" SERIES_COPY_COLUMNS ") from stdin (format binary)";
	series_slot slots[SERIES_WRITE_MAX];
	const series_slot *pick[SERIES_WRITE_MAX];
	bool done = false;
	buf b = { 0 };
	for (size_t i = 0; i < count; i++) {
		slots[i] = (series_slot){ .row = &rows[i], .item = (uint16_t)i };
		pick[i] = &slots[i];
	}
	series_copy_pack(&b, pick, count, receipt);
	hub_status st = b.bad ? HUB_NOMEM : series_copy_send(db, begin, "commit", "rollback", &b, &done);
	buf_fini(&b);
	return st == HUB_OK && !done ? HUB_CONFLICT : st;
}

hub_status yardstick_read(store *db, const series_query *q, arena *a, size_t *ret_rows)
{
	static const series_place start = { .point = INT64_MIN, .channel = "" };
	AUTO_ARGS in;
	AUTO_RESULT res = NULL;
	args_init(&in);
	hub_status st = series_raw_args(q, &start, false, q->limit, a, &in);
	if (st == HUB_OK)
		st = sql_run(db, "series_raw", &in, &res, NULL);
	if (st == HUB_OK)
		*ret_rows = (size_t)PQntuples(res);
	return st;
}
