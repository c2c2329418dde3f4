#include "store/comparison.h"

#include "store/statement.h"

static void cycle_of(const PGresult *r, comparison_cycle *c)
{
	*c = (comparison_cycle) { .cycle = (int32_t)get_i64(r, 0, 0),
				  .rule = (int16_t)get_i64(r, 0, 1),
				  .per_area = get_bool(r, 0, 2),
				  .per_occupants = get_bool(r, 0, 3),
				  .per_degree_days = get_bool(r, 0, 4),
				  .weather = get_i64(r, 0, 5),
				  .placed = !get_null(r, 0, 6),
				  .lat = (int32_t)get_i64(r, 0, 6),
				  .round = (int32_t)get_i64(r, 0, 7) };
}

static hub_status cycle_read(store *db, const char *statement, int32_t cycle, comparison_cycle *ret)
{
	AUTO_ARGS in;
	AUTO_RESULT res = NULL;
	args_init(&in);
	arg_i32(&in, cycle);
	hub_status st = sql_run(db, statement, &in, &res, NULL);
	if (st == HUB_OK && !PQntuples(res))
		return HUB_MISSING;
	if (st == HUB_OK)
		cycle_of(res, ret);
	return st;
}

hub_status comparison_cycle_lock(store *db, const comparison_cycle *wanted, comparison_cycle *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i32(&in, wanted->cycle);
	arg_i16(&in, wanted->rule);
	arg_bool(&in, wanted->per_area);
	arg_bool(&in, wanted->per_occupants);
	arg_bool(&in, wanted->per_degree_days);
	arg_i64(&in, wanted->weather);
	hub_status st = sql_do(db, "comparison_cycle_add", &in, NULL);
	return st == HUB_OK ? cycle_read(db, "comparison_cycle_lock", wanted->cycle, ret) : st;
}

hub_status comparison_cycle_get(store *db, int32_t cycle, comparison_cycle *ret)
{
	return cycle_read(db, "comparison_cycle_get", cycle, ret);
}

hub_status comparison_cycle_set(store *db, const comparison_cycle *c)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i32(&in, c->cycle);
	arg_i32(&in, c->round);
	arg_bool(&in, c->placed);
	arg_i32(&in, c->lat);
	return sql_do(db, "comparison_cycle_set", &in, NULL);
}

static void place_row(fetch *f, int i, void *ret)
{
	comparison_place *p = ret;
	p->account = get_i64(f->r, i, 0);
	p->point = get_i64(f->r, i, 1);
	p->revision = (int16_t)get_i64(f->r, i, 2);
	p->commodity = fetch_text(f, i, 3);
	p->from = get_time(f->r, i, 4);
	p->to = get_time(f->r, i, 5);
	p->premise = get_i64(f->r, i, 6);
	p->dwelling = fetch_text(f, i, 7);
	p->heating = fetch_text(f, i, 8);
	p->area = get_value(f->r, i, 9);
	p->occupants = (int16_t)get_i64(f->r, i, 11);
	p->vacant = get_bool(f->r, i, 12);
	p->placed = !get_null(f->r, i, 13);
	p->lon = (int32_t)get_i64(f->r, i, 13);
	p->lat = (int32_t)get_i64(f->r, i, 14);
	p->out = get_bool(f->r, i, 15);
}

hub_status comparison_places(store *db, int32_t cycle, hub_time from, hub_time to, int64_t after, size_t limit,
			     int64_t only, arena *a, comparison_place **ret, size_t *ret_count, int64_t *ret_last)
{
	AUTO_ARGS page, in;
	args_init(&page);
	args_init(&in);
	arg_i64(&page, after);
	arg_i64(&page, (int64_t)limit);
	arg_i64(&page, only);
	*ret_count = 0;
	hub_status st = sql_number(db, "comparison_accounts", &page, ret_last, NULL);
	if (st != HUB_OK || !*ret_last)
		return st;
	arg_i32(&in, cycle);
	arg_time(&in, from);
	arg_time(&in, to);
	arg_i64(&in, after);
	arg_i64(&in, *ret_last);
	arg_i64(&in, only);
	return sql_list(db, "comparison_places", &in, a, sizeof **ret, place_row, ret, ret_count);
}

static void home_row(fetch *f, int i, void *ret)
{
	comparison_home *h = ret;
	h->account = get_i64(f->r, i, 0);
	h->cycle = (int32_t)get_i64(f->r, i, 1);
	h->joined = (int32_t)get_i64(f->r, i, 2);
	h->parted = (int32_t)get_i64(f->r, i, 3);
	h->revision = (int16_t)get_i64(f->r, i, 4);
	h->premise = get_i64(f->r, i, 5);
	h->dwelling = fetch_text(f, i, 6);
	h->heating = fetch_text(f, i, 7);
	h->area = (int32_t)get_i64(f->r, i, 8);
	h->occupants = (int16_t)get_i64(f->r, i, 9);
	h->x = (int32_t)get_i64(f->r, i, 10);
	h->y = (int32_t)get_i64(f->r, i, 11);
	for (int c = 0; c < COMPARISON_USES; c++) {
		h->known[c] = !get_null(f->r, i, 12 + c);
		h->use[c] = get_i64(f->r, i, 12 + c);
	}
}

hub_status comparison_homes(store *db, int32_t cycle, int32_t round, int64_t after, size_t limit, arena *a,
			    comparison_home **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i32(&in, cycle);
	arg_i32(&in, round);
	arg_i64(&in, after);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "comparison_homes", &in, a, sizeof **ret, home_row, ret, ret_count);
}

/* A column of rows as an array parameter. */
#define COLUMN(in, oid, item, rows, count, value)                                                                      \
	do {                                                                                                           \
		arg_array(in, oid, count);                                                                             \
		for (size_t i_ = 0; i_ < (count); i_++)                                                                \
			item(in, (rows)[i_].value);                                                                    \
	} while (0)

hub_status comparison_home_add(store *db, const comparison_home *homes, size_t count)
{
	AUTO_ARGS in;
	args_init(&in);
	COLUMN(&in, OID_I64, item_i64, homes, count, account);
	COLUMN(&in, OID_I32, item_i32, homes, count, cycle);
	COLUMN(&in, OID_I32, item_i32, homes, count, joined);
	COLUMN(&in, OID_I16, item_i16, homes, count, revision);
	COLUMN(&in, OID_I64, item_i64, homes, count, premise);
	COLUMN(&in, OID_TEXT, item_text, homes, count, dwelling);
	COLUMN(&in, OID_TEXT, item_text, homes, count, heating);
	COLUMN(&in, OID_I32, item_i32, homes, count, area);
	COLUMN(&in, OID_I16, item_i16, homes, count, occupants);
	COLUMN(&in, OID_I32, item_i32, homes, count, x);
	COLUMN(&in, OID_I32, item_i32, homes, count, y);
	for (int c = 0; c < COMPARISON_USES; c++)
		COLUMN(&in, OID_I64, item_i64, homes, count, use[c]);
	for (int c = 0; c < COMPARISON_USES; c++)
		COLUMN(&in, OID_BOOL, item_bool, homes, count, known[c]);
	return sql_do(db, "comparison_home_add", &in, NULL);
}

hub_status comparison_home_part(store *db, int32_t cycle, int32_t round, const int64_t *accounts, size_t count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i32(&in, cycle);
	arg_i32(&in, round);
	arg_i64s(&in, accounts, count);
	return sql_do(db, "comparison_home_part", &in, NULL);
}

static void result_row(fetch *f, int i, void *ret)
{
	comparison *c = ret;
	c->account = get_i64(f->r, i, 0);
	c->cycle = (int32_t)get_i64(f->r, i, 1);
	c->round = (int32_t)get_i64(f->r, i, 2);
	c->revision = (int16_t)get_i64(f->r, i, 3);
	c->commodity = fetch_text(f, i, 4);
	c->reason = fetch_text(f, i, 5);
	c->amount = get_value(f->r, i, 6);
	c->days = (int32_t)get_i64(f->r, i, 8);
	c->own = get_i64(f->r, i, 9);
	c->factor = get_i64(f->r, i, 10);
	c->peers = (int16_t)get_i64(f->r, i, 11);
	c->rank = (int16_t)get_i64(f->r, i, 12);
	c->median = get_i64(f->r, i, 13);
	c->efficient = get_i64(f->r, i, 14);
	c->within = (int32_t)get_i64(f->r, i, 15);
	c->made = get_time(f->r, i, 16);
}

hub_status comparison_list(store *db, const int64_t *accounts, size_t count, int32_t cycle, arena *a, comparison **ret,
			   size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64s(&in, accounts, count);
	arg_i32(&in, cycle);
	return sql_list(db, "comparison_list", &in, a, sizeof **ret, result_row, ret, ret_count);
}

hub_status comparison_newest(store *db, int64_t account, int32_t *ret)
{
	AUTO_ARGS in;
	int64_t number = 0;
	args_init(&in);
	arg_i64(&in, account);
	hub_status st = sql_number(db, "comparison_newest", &in, &number, NULL);
	*ret = (int32_t)number;
	return st;
}

hub_status comparison_put(store *db, const comparison *rows, size_t count)
{
	AUTO_ARGS in;
	args_init(&in);
	COLUMN(&in, OID_I64, item_i64, rows, count, account);
	COLUMN(&in, OID_I32, item_i32, rows, count, cycle);
	COLUMN(&in, OID_I32, item_i32, rows, count, round);
	COLUMN(&in, OID_I16, item_i16, rows, count, revision);
	COLUMN(&in, OID_TEXT, item_text, rows, count, commodity);
	COLUMN(&in, OID_TEXT, item_text, rows, count, reason);
	COLUMN(&in, OID_I64, item_i64, rows, count, amount.digits);
	COLUMN(&in, OID_I16, item_i16, rows, count, amount.scale);
	COLUMN(&in, OID_I32, item_i32, rows, count, days);
	COLUMN(&in, OID_I64, item_i64, rows, count, own);
	COLUMN(&in, OID_I64, item_i64, rows, count, factor);
	COLUMN(&in, OID_I16, item_i16, rows, count, peers);
	COLUMN(&in, OID_I16, item_i16, rows, count, rank);
	COLUMN(&in, OID_I64, item_i64, rows, count, median);
	COLUMN(&in, OID_I64, item_i64, rows, count, efficient);
	COLUMN(&in, OID_I32, item_i32, rows, count, within);
	return sql_do(db, "comparison_put", &in, NULL);
}
