#include "store/aggregate.h"

#include "store/statement.h"

static void area_row(fetch *f, int i, void *ret)
{
	premise *p = ret;
	p->id = get_i64(f->r, i, 0);
	p->parent = get_i64(f->r, i, 1);
	p->kind = fetch_text(f, i, 2);
	p->code = fetch_text(f, i, 3);
	p->name_zh = fetch_text(f, i, 4);
	p->name_en = fetch_text(f, i, 5);
	p->area = get_value(f->r, i, 6);
	p->valid_from = get_time(f->r, i, 8);
	p->valid_to = get_time(f->r, i, 9);
	p->path = fetch_i64s(f, i, 10, &p->path_count);
}

hub_status aggregate_areas(store *db, arena *a, premise **ret, size_t *ret_count)
{
	return sql_list(db, "aggregate_areas", NULL, a, sizeof **ret, area_row, ret, ret_count);
}

static void point_of(fetch *f, int i, void *ret)
{
	aggregate_point *p = ret;
	p->id = get_i64(f->r, i, 0);
	p->customer = get_i64(f->r, i, 1);
	p->interval = (int32_t)get_i64(f->r, i, 2);
	p->path = fetch_i64s(f, i, 3, &p->path_count);
}

hub_status aggregate_points(store *db, const char *commodity, hub_time at, int64_t after, size_t limit, arena *a,
			    aggregate_point **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, commodity);
	arg_time(&in, at);
	arg_i64(&in, after);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "aggregate_points", &in, a, sizeof **ret, point_of, ret, ret_count);
}

static hub_status put_row(store *db, const aggregate_run *run, const aggregate_row *r)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, r->premise);
	arg_text(&in, run->commodity);
	arg_time(&in, run->at);
	arg_text(&in, r->verdict);
	arg_text(&in, r->hourly);
	arg_i32(&in, r->customers);
	arg_value(&in, r->sum);
	arg_i64s(&in, r->hours, r->hour_count);
	return sql_do(db, "aggregate_day_put", &in, NULL);
}

static hub_status put_run(store *db, const aggregate_run *run)
{
	AUTO_ARGS in;
	int64_t made;
	args_init(&in);
	arg_text(&in, run->commodity);
	arg_time(&in, run->at);
	arg_i32(&in, run->points);
	arg_i32(&in, run->measured);
	hub_status st = sql_number(db, "aggregate_run_put", &in, &made, NULL);
	return st == HUB_MISSING ? HUB_CONFLICT : st;
}

hub_status aggregate_put(store *db, const aggregate_run *run, const aggregate_row *rows, size_t count)
{
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	st = put_run(db, run);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = put_row(db, run, &rows[i]);
	return store_scope_end(db, st);
}

static void day_row(fetch *f, int i, void *ret)
{
	aggregate_row *r = ret;
	r->premise = get_i64(f->r, i, 0);
	r->at = get_time(f->r, i, 1);
	r->verdict = fetch_text(f, i, 2);
	r->hourly = fetch_text(f, i, 3);
	r->customers = (int32_t)get_i64(f->r, i, 4);
	r->sum = get_value(f->r, i, 5);
	r->hours = fetch_i64s(f, i, 7, &r->hour_count);
}

hub_status aggregate_days(store *db, const int64_t *premises, size_t count, const char *commodity, hub_time from, hub_time to, arena *a,
			  aggregate_row **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64s(&in, premises, count);
	arg_text(&in, commodity);
	arg_time(&in, from);
	arg_time(&in, to);
	return sql_list(db, "aggregate_days", &in, a, sizeof **ret, day_row, ret, ret_count);
}

static void run_row(fetch *f, int i, void *ret)
{
	aggregate_run *r = ret;
	r->commodity = fetch_text(f, i, 0);
	r->at = get_time(f->r, i, 1);
	r->points = (int32_t)get_i64(f->r, i, 2);
	r->measured = (int32_t)get_i64(f->r, i, 3);
	r->made = get_time(f->r, i, 4);
}

hub_status aggregate_runs(store *db, const char *commodity, hub_time from, hub_time to, arena *a, aggregate_run **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, commodity);
	arg_time(&in, from);
	arg_time(&in, to);
	return sql_list(db, "aggregate_runs", &in, a, sizeof **ret, run_row, ret, ret_count);
}

hub_status carbon_factor_put(store *db, const carbon_factor *f, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, f->commodity);
	arg_i16(&in, (int16_t)f->year);
	arg_value(&in, f->value);
	arg_text(&in, f->source);
	return sql_do(db, "carbon_factor_put", &in, fault);
}

static void factor_row(fetch *f, int i, void *ret)
{
	carbon_factor *c = ret;
	c->commodity = fetch_text(f, i, 0);
	c->year = (int32_t)get_i64(f->r, i, 1);
	c->value = get_value(f->r, i, 2);
	c->source = fetch_text(f, i, 4);
}

hub_status carbon_factor_list(store *db, const char *commodity, arena *a, carbon_factor **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, commodity);
	return sql_list(db, "carbon_factor_list", &in, a, sizeof **ret, factor_row, ret, ret_count);
}

hub_status aggregate_ask_add(store *db, const aggregate_ask *q)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, q->party);
	arg_text(&in, q->login);
	arg_text(&in, q->purpose);
	arg_text(&in, q->area);
	arg_bool(&in, q->below);
	arg_text(&in, q->commodity);
	arg_text(&in, q->step);
	arg_time(&in, q->from);
	arg_time(&in, q->to);
	arg_text(&in, q->form);
	arg_i32(&in, q->given);
	arg_i32(&in, q->withheld);
	arg_bytes(&in, q->trace, 16);
	return sql_do(db, "aggregate_ask_add", &in, NULL);
}

static void ask_row(fetch *f, int i, void *ret)
{
	aggregate_ask *q = ret;
	size_t len;
	q->party = get_i64(f->r, i, 0);
	q->id = get_i64(f->r, i, 1);
	q->at = get_time(f->r, i, 2);
	q->login = fetch_text(f, i, 3);
	q->purpose = fetch_text(f, i, 4);
	q->area = fetch_text(f, i, 5);
	q->below = get_bool(f->r, i, 6);
	q->commodity = fetch_text(f, i, 7);
	q->step = fetch_text(f, i, 8);
	q->from = get_time(f->r, i, 9);
	q->to = get_time(f->r, i, 10);
	q->form = fetch_text(f, i, 11);
	q->given = (int32_t)get_i64(f->r, i, 12);
	q->withheld = (int32_t)get_i64(f->r, i, 13);
	q->trace = fetch_bytes(f, i, 14, &len);
}

hub_status aggregate_ask_list(store *db, int64_t party, const char *login, uint64_t before, size_t limit, arena *a,
			      aggregate_ask **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_text(&in, login);
	arg_i64(&in, (int64_t)before);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "aggregate_ask_list", &in, a, sizeof **ret, ask_row, ret, ret_count);
}
