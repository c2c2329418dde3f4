#include "store/point.h"

#include <string.h>

#include "store/epoch.h"
#include "store/rows.h"

void point_row(fetch *f, int i, int col, point *p)
{
	p->id = get_i64(f->r, i, col);
	p->code = fetch_text(f, i, col + 1);
	p->commodity = fetch_text(f, i, col + 2);
	p->premise = get_i64(f->r, i, col + 3);
	p->name_zh = fetch_text(f, i, col + 4);
	p->name_en = fetch_text(f, i, col + 5);
	p->zone = fetch_text(f, i, col + 6);
	p->interval = (int32_t)get_i64(f->r, i, col + 7);
	p->power = get_value(f->r, i, col + 8);
	p->disconnected = get_bool(f->r, i, col + 10);
	p->protected = get_bool(f->r, i, col + 11);
	p->valid_from = get_time(f->r, i, col + 12);
	p->valid_to = get_time(f->r, i, col + 13);
}

static void row(fetch *f, int i, void *ret)
{
	point *p = ret;
	size_t count;
	point_row(f, i, 0, p);
	const char *const *roles = fetch_texts(f, i, POINT_COLUMNS, &count);
	const int64_t *ids = fetch_i64s(f, i, POINT_COLUMNS + 1, &count);
	const hub_time *from = fetch_times(f, i, POINT_COLUMNS + 2, &count);
	const hub_time *to = fetch_times(f, i, POINT_COLUMNS + 3, &count);
	point_party *list = arena_array(f->a, count, sizeof *list);
	f->bad |= !list;
	for (size_t k = 0; !f->bad && k < count; k++)
		list[k] = (point_party){ roles[k], ids[k], from[k], to[k] };
	p->parties = list;
	p->party_count = f->bad ? 0 : count;
}

hub_status point_by_code(store *db, const char *code, arena *a, point *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, code);
	return sql_one(db, "point_by_code", &in, a, sizeof *ret, row, ret);
}

hub_status point_by_ids(store *db, const int64_t *ids, size_t count, arena *a, point **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64s(&in, ids, count);
	return sql_list(db, "point_by_ids", &in, a, sizeof **ret, row, ret, ret_count);
}

hub_status point_list(store *db, const point_filter *f, int64_t after, size_t limit, arena *a, point **ret,
		      size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, after);
	arg_i64(&in, f->premise);
	arg_i64(&in, f->party);
	arg_text(&in, f->role);
	if (f->at)
		arg_time(&in, f->at);
	else
		arg_null(&in, OID_TIME);
	arg_text(&in, f->commodity);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "point_list", &in, a, sizeof **ret, row, ret, ret_count);
}

static hub_status key(store *db, const point *p, int64_t *ret_id, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, p->code);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "point_key", &in, &res, fault);
	if (st != HUB_OK)
		return st;
	const char *commodity = PQgetvalue(res, 0, 1);
	if (strcmp(commodity, p->commodity)) {
		hub_fault_set(fault, "point.commodity", "commodity",
			      "point '%s' measures %s, which never changes; use another code for %s", p->code, commodity,
			      p->commodity);
		return HUB_CONFLICT;
	}
	*ret_id = get_i64(res, 0, 0);
	return HUB_OK;
}

static hub_status put_parties(store *db, const point *p, int64_t id, bool *ret_changed, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, id);
	arg_array(&in, OID_TEXT, p->party_count);
	for (size_t i = 0; i < p->party_count; i++)
		item_text(&in, p->parties[i].role);
	arg_array(&in, OID_I64, p->party_count);
	for (size_t i = 0; i < p->party_count; i++)
		item_i64(&in, p->parties[i].party);
	arg_array(&in, OID_TIME, p->party_count);
	for (size_t i = 0; i < p->party_count; i++)
		item_from(&in, p->parties[i].valid_from);
	arg_array(&in, OID_TIME, p->party_count);
	for (size_t i = 0; i < p->party_count; i++)
		item_to(&in, p->parties[i].valid_to);
	int64_t moved;
	hub_status st = sql_number(db, "point_parties_put", &in, &moved, fault);
	if (st == HUB_OK)
		*ret_changed = moved > 0;
	return st;
}

static hub_status put(store *db, const point *p, int64_t *ret_id, bool *ret_changed, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, p->code);
	arg_text(&in, p->commodity);
	arg_i64(&in, p->premise);
	arg_text(&in, p->name_zh ? p->name_zh : "");
	arg_text(&in, p->name_en ? p->name_en : "");
	arg_text(&in, p->zone);
	arg_i32(&in, p->interval);
	arg_value_if(&in, p->power.digits != 0, p->power);
	arg_text(&in, p->disconnected ? "disconnected" : "connected");
	arg_bool(&in, p->protected);
	arg_from(&in, p->valid_from);
	arg_to(&in, p->valid_to);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "point_put", &in, &res, fault);
	bool moved = false;
	if (st == HUB_OK)
		st = key(db, p, ret_id, fault);
	if (st == HUB_OK)
		st = put_parties(db, p, *ret_id, &moved, fault);
	if (st != HUB_OK)
		return st;
	*ret_changed = sql_rows(res) || moved;
	return *ret_changed ? epoch_bump(db, "point") : HUB_OK;
}

hub_status point_put(store *db, const point *p, int64_t *ret_id, bool *ret_changed, hub_fault *fault)
{
	int64_t id = 0;
	bool changed = false;
	hub_status st = store_scope(db);
	if (st == HUB_OK)
		st = store_scope_end(db, put(db, p, &id, &changed, fault));
	if (st == HUB_OK) {
		*ret_id = id;
		if (ret_changed)
			*ret_changed = changed;
	}
	return st;
}

/* One change of a point under its epoch; HUB_MISSING when no row was touched. */
static hub_status change(store *db, const char *statement, const args *in, hub_fault *fault)
{
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	AUTO_RESULT res = NULL;
	st = sql_run(db, statement, in, &res, fault);
	if (st == HUB_OK && !sql_rows(res))
		st = HUB_MISSING;
	if (st == HUB_OK)
		st = epoch_bump(db, "point");
	return store_scope_end(db, st);
}

hub_status point_switched(store *db, int64_t id, bool disconnected)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, id);
	arg_text(&in, disconnected ? "disconnected" : "connected");
	return change(db, "point_switched", &in, NULL);
}

hub_status point_limit_put(store *db, const point_limit *limit, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, limit->point);
	arg_i16(&in, (int16_t)limit->quantity);
	arg_value_if(&in, limit->has_min, limit->min);
	arg_value_if(&in, limit->has_max, limit->max);
	arg_value_if(&in, limit->has_rise, limit->rise);
	return change(db, "point_limit_put", &in, fault);
}

static void limit_row(fetch *f, int i, void *ret)
{
	*(point_limit *)ret = (point_limit){
		.point = get_i64(f->r, i, 0),
		.quantity = (uint16_t)get_i64(f->r, i, 1),
		.has_min = !get_null(f->r, i, 2),
		.has_max = !get_null(f->r, i, 4),
		.has_rise = !get_null(f->r, i, 6),
		.min = get_value(f->r, i, 2),
		.max = get_value(f->r, i, 4),
		.rise = get_value(f->r, i, 6),
	};
}

hub_status point_limit_list(store *db, const int64_t *points, size_t count, arena *a, point_limit **ret,
			    size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64s(&in, points, count);
	return sql_list(db, "point_limit_list", &in, a, sizeof **ret, limit_row, ret, ret_count);
}
