#include "store/demand.h"

#include "store/statement.h"

static void programme_row(fetch *f, int i, void *ret)
{
	demand_programme *p = ret;
	p->id = get_i64(f->r, i, 0);
	p->party = get_i64(f->r, i, 1);
	p->code = fetch_text(f, i, 2);
	p->name_zh = fetch_text(f, i, 3);
	p->name_en = fetch_text(f, i, 4);
	p->method = fetch_text(f, i, 5);
	p->price = get_i64(f->r, i, 6);
	p->settle = (int32_t)get_i64(f->r, i, 7);
	p->stagger = (int32_t)get_i64(f->r, i, 8);
	p->calendar = fetch_text(f, i, 9);
}

hub_status demand_programme_put(store *db, const demand_programme *p, int64_t *ret_id, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, p->code);
	arg_i64(&in, p->party);
	arg_text(&in, p->name_zh);
	arg_text(&in, p->name_en);
	arg_text(&in, p->method);
	arg_i64(&in, p->price);
	arg_i32(&in, p->settle);
	arg_i32(&in, p->stagger);
	arg_text(&in, p->calendar);
	return sql_number(db, "demand_programme_put", &in, ret_id, fault);
}

hub_status demand_programme_by_code(store *db, const char *code, arena *a, demand_programme *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, code);
	return sql_one(db, "demand_programme_by_code", &in, a, sizeof *ret, programme_row, ret);
}

hub_status demand_programme_by_id(store *db, int64_t id, arena *a, demand_programme *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, id);
	return sql_one(db, "demand_programme_by_id", &in, a, sizeof *ret, programme_row, ret);
}

hub_status demand_feeder_put(store *db, const char *code, int64_t cap, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, code);
	arg_i64(&in, cap);
	return sql_do(db, "demand_feeder_put", &in, fault);
}

hub_status demand_member_put(store *db, const demand_member *m, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, m->programme);
	arg_i64(&in, m->point);
	arg_text(&in, m->kind);
	arg_text(&in, m->control);
	arg_text(&in, m->channel);
	arg_text(&in, m->feeder);
	arg_i64(&in, m->most);
	arg_i64(&in, m->least);
	arg_i64(&in, m->keep);
	arg_i64(&in, m->normal);
	arg_i64(&in, m->cost);
	arg_i64(&in, m->need_wh);
	arg_to(&in, m->departure);
	arg_bool(&in, m->opted_in);
	return sql_do(db, "demand_member_put", &in, fault);
}

static void member_row(fetch *f, int i, void *ret)
{
	demand_member *m = ret;
	m->programme = get_i64(f->r, i, 0);
	m->point = get_i64(f->r, i, 1);
	m->code = fetch_text(f, i, 2);
	m->kind = fetch_text(f, i, 3);
	m->control = fetch_text(f, i, 4);
	m->channel = fetch_text(f, i, 5);
	m->feeder = fetch_text(f, i, 6);
	m->cap = get_i64(f->r, i, 7);
	m->most = get_i64(f->r, i, 8);
	m->least = get_i64(f->r, i, 9);
	m->keep = get_i64(f->r, i, 10);
	m->normal = get_i64(f->r, i, 11);
	m->cost = get_i64(f->r, i, 12);
	m->need_wh = get_i64(f->r, i, 13);
	m->departure = get_time(f->r, i, 14);
	m->opted_in = get_bool(f->r, i, 15);
	m->rate = (uint32_t)get_i64(f->r, i, 16);
	m->trials = (uint32_t)get_i64(f->r, i, 17);
	m->debt = get_i64(f->r, i, 18);
	m->protected = get_bool(f->r, i, 19);
}

hub_status demand_member_list(store *db, int64_t programme, int64_t area, arena *a, demand_member **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, programme);
	arg_i64(&in, area);
	return sql_list(db, "demand_member_list", &in, a, sizeof **ret, member_row, ret, ret_count);
}

hub_status demand_member_learned(store *db, const demand_member *m)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, m->programme);
	arg_i64(&in, m->point);
	arg_i32(&in, (int32_t)m->rate);
	arg_i32(&in, (int32_t)m->trials);
	arg_i64(&in, m->debt);
	return sql_do(db, "demand_member_learned", &in, NULL);
}

hub_status demand_member_opt(store *db, int64_t programme, int64_t point, bool is_in)
{
	AUTO_ARGS in;
	int64_t done;
	args_init(&in);
	arg_i64(&in, programme);
	arg_i64(&in, point);
	arg_bool(&in, is_in);
	return sql_number(db, "demand_member_opt", &in, &done, NULL);
}

static void event_row(fetch *f, int i, void *ret)
{
	demand_event *e = ret;
	e->id = get_i64(f->r, i, 0);
	e->programme = get_i64(f->r, i, 1);
	e->target = get_i64(f->r, i, 2);
	e->notice = get_time(f->r, i, 3);
	e->starts = get_time(f->r, i, 4);
	e->ends = get_time(f->r, i, 5);
	e->area = get_i64(f->r, i, 6);
	e->automatic = get_bool(f->r, i, 7);
	e->state = fetch_text(f, i, 8);
	e->round = (int32_t)get_i64(f->r, i, 9);
	e->approved = (int32_t)get_i64(f->r, i, 10);
	e->looked = get_time(f->r, i, 11);
	e->short_of = get_i64(f->r, i, 12);
	e->asked_by = fetch_text(f, i, 13);
}

hub_status demand_event_add(store *db, const demand_event *e, int64_t *ret_id, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, e->programme);
	arg_i64(&in, e->target);
	arg_time(&in, e->notice);
	arg_time(&in, e->starts);
	arg_time(&in, e->ends);
	arg_i64(&in, e->area);
	arg_bool(&in, e->automatic);
	arg_text(&in, e->asked_by);
	return sql_number(db, "demand_event_add", &in, ret_id, fault);
}

hub_status demand_event_get(store *db, int64_t id, arena *a, demand_event *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, id);
	return sql_one(db, "demand_event_get", &in, a, sizeof *ret, event_row, ret);
}

hub_status demand_event_list(store *db, int64_t programme, size_t limit, arena *a, demand_event **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, programme);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "demand_event_list", &in, a, sizeof **ret, event_row, ret, ret_count);
}

hub_status demand_event_claim(store *db, int64_t lease, arena *a, demand_event **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, lease);
	return sql_list(db, "demand_event_claim", &in, a, sizeof **ret, event_row, ret, ret_count);
}

hub_status demand_event_move(store *db, const demand_event *e)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, e->id);
	arg_text(&in, e->state);
	arg_i32(&in, e->round);
	arg_from(&in, e->looked);
	arg_i64(&in, e->short_of);
	return sql_do(db, "demand_event_move", &in, NULL);
}

hub_status demand_event_round(store *db, const demand_event *e)
{
	AUTO_ARGS in;
	int64_t done;
	args_init(&in);
	arg_i64(&in, e->id);
	arg_text(&in, e->state);
	arg_i32(&in, e->round);
	arg_from(&in, e->looked);
	arg_i64(&in, e->short_of);
	hub_status st = sql_number(db, "demand_event_round", &in, &done, NULL);
	return st == HUB_MISSING ? HUB_CONFLICT : st;
}

static hub_status change(store *db, const char *statement, int64_t id)
{
	AUTO_ARGS in;
	int64_t done;
	args_init(&in);
	arg_i64(&in, id);
	hub_status st = sql_number(db, statement, &in, &done, NULL);
	return st == HUB_MISSING ? HUB_CONFLICT : st;
}

hub_status demand_event_approve(store *db, int64_t id)
{
	return change(db, "demand_event_approve", id);
}

hub_status demand_event_cancel(store *db, int64_t id)
{
	return change(db, "demand_event_cancel", id);
}

static void time_row(fetch *f, int i, void *ret)
{
	*(hub_time *)ret = get_time(f->r, i, 0);
}

hub_status demand_event_days(store *db, int64_t programme, hub_time from, hub_time to, arena *a, const hub_time **ret,
			     size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, programme);
	arg_time(&in, from);
	arg_time(&in, to);
	return sql_list(db, "demand_event_days", &in, a, sizeof **ret, time_row, ret, ret_count);
}

hub_status demand_order_add(store *db, const demand_order *list, size_t count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, list[i].point);
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, list[i].event);
	arg_array(&in, OID_I32, count);
	for (size_t i = 0; i < count; i++)
		item_i32(&in, list[i].round);
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, list[i].ordered);
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, list[i].baseline);
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, list[i].limit);
	return sql_do(db, "demand_order_add", &in, NULL);
}

static void order_row(fetch *f, int i, void *ret)
{
	demand_order *o = ret;
	o->point = get_i64(f->r, i, 0);
	o->event = get_i64(f->r, i, 1);
	o->round = (int32_t)get_i64(f->r, i, 2);
	o->ordered = get_i64(f->r, i, 3);
	o->baseline = get_i64(f->r, i, 4);
	o->limit = get_i64(f->r, i, 5);
	o->state = fetch_text(f, i, 6);
	o->command = get_i64(f->r, i, 7);
	o->release = get_i64(f->r, i, 8);
	o->measured = get_bool(f->r, i, 9);
	o->delivered = get_i64(f->r, i, 10);
	o->cause = fetch_text(f, i, 11);
	o->made = get_time(f->r, i, 12);
	o->code = fetch_text(f, i, 13);
	o->command_state = fetch_text(f, i, 14);
}

hub_status demand_order_list(store *db, int64_t event, arena *a, demand_order **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, event);
	return sql_list(db, "demand_order_list", &in, a, sizeof **ret, order_row, ret, ret_count);
}

hub_status demand_order_told(store *db, const demand_order *o)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, o->point);
	arg_i64(&in, o->event);
	arg_text(&in, o->state);
	arg_i64(&in, o->command);
	arg_i64(&in, o->release);
	arg_bool(&in, o->measured);
	arg_i64(&in, o->delivered);
	arg_text(&in, o->cause);
	return sql_do(db, "demand_order_told", &in, NULL);
}

hub_status demand_result_put(store *db, const demand_result *r)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, r->point);
	arg_i64(&in, r->event);
	arg_i64(&in, r->delivered_ws);
	arg_i64(&in, r->credit);
	arg_i64(&in, r->account);
	return sql_do(db, "demand_result_put", &in, NULL);
}

static void result_row(fetch *f, int i, void *ret)
{
	demand_result *r = ret;
	r->point = get_i64(f->r, i, 0);
	r->event = get_i64(f->r, i, 1);
	r->delivered_ws = get_i64(f->r, i, 2);
	r->credit = get_i64(f->r, i, 3);
	r->account = get_i64(f->r, i, 4);
}

hub_status demand_result_list(store *db, int64_t event, arena *a, demand_result **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, event);
	return sql_list(db, "demand_result_list", &in, a, sizeof **ret, result_row, ret, ret_count);
}

hub_status demand_result_sums(store *db, int64_t programme, hub_time to, int32_t cycle, arena *a, demand_result **ret,
			      size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, programme);
	arg_time(&in, to);
	arg_i32(&in, cycle);
	return sql_list(db, "demand_result_sums", &in, a, sizeof **ret, result_row, ret, ret_count);
}

hub_status demand_result_settled(store *db, int64_t programme, hub_time to, const demand_result *sum, int32_t cycle)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, programme);
	arg_time(&in, to);
	arg_i64(&in, sum->account);
	arg_i64(&in, sum->point);
	arg_i32(&in, cycle);
	return sql_do(db, "demand_result_settled", &in, NULL);
}
