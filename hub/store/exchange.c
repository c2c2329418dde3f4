#include "store/exchange.h"

#include "store/statement.h"

static void notice_row(fetch *f, int i, void *ret)
{
	notice *n = ret;
	n->party = get_i64(f->r, i, 0);
	n->id = get_i64(f->r, i, 1);
	n->commodity = fetch_text(f, i, 2);
	n->severity = fetch_text(f, i, 3);
	n->premises = fetch_i64s(f, i, 4, &n->premise_count);
	n->title_zh = fetch_text(f, i, 5);
	n->title_en = fetch_text(f, i, 6);
	n->text_zh = fetch_text(f, i, 7);
	n->text_en = fetch_text(f, i, 8);
	n->valid_from = get_time(f->r, i, 9);
	n->valid_to = get_time(f->r, i, 10);
	n->by = fetch_text(f, i, 11);
	n->made = get_time(f->r, i, 12);
	n->withdrawn = get_time(f->r, i, 13);
	n->told = (int32_t)get_i64(f->r, i, 14);
	n->sender = fetch_text(f, i, 15);
	n->sender_zh = fetch_text(f, i, 16);
	n->sender_en = fetch_text(f, i, 17);
	n->kind = fetch_text(f, i, 18);
}

hub_status notice_add(store *db, const notice *n, const char *purpose, int64_t *ret_id, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, n->party);
	arg_text(&in, n->commodity);
	arg_text(&in, n->severity);
	arg_i64s(&in, n->premises, n->premise_count);
	arg_text(&in, n->title_zh);
	arg_text(&in, n->title_en);
	arg_text(&in, n->text_zh);
	arg_text(&in, n->text_en);
	arg_time(&in, n->valid_from);
	arg_time(&in, n->valid_to);
	arg_text(&in, n->by);
	arg_text(&in, n->kind);
	arg_text(&in, purpose);
	return sql_number(db, "notice_add", &in, ret_id, fault);
}

hub_status notice_told(store *db, const notice *n, int32_t count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, n->party);
	arg_i64(&in, n->id);
	arg_i32(&in, count);
	return sql_do(db, "notice_told", &in, NULL);
}

hub_status notice_get(store *db, int64_t id, arena *a, notice *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, id);
	return sql_one(db, "notice_get", &in, a, sizeof *ret, notice_row, ret);
}

hub_status notice_sent(store *db, int64_t party, size_t limit, arena *a, notice **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "notice_sent", &in, a, sizeof **ret, notice_row, ret, ret_count);
}

hub_status notice_for(store *db, int64_t party, hub_time at, size_t limit, arena *a, notice **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_time(&in, at);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "notice_for", &in, a, sizeof **ret, notice_row, ret, ret_count);
}

hub_status notice_withdraw(store *db, int64_t party, int64_t id, const char *by, const char *note)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_i64(&in, id);
	arg_text(&in, by);
	arg_text(&in, note);
	return sql_number(db, "notice_withdraw", &in, &id, NULL);
}

static void id_row(fetch *f, int i, void *ret)
{
	*(int64_t *)ret = get_i64(f->r, i, 0);
}

hub_status notice_recipients(store *db, const notice *n, arena *a, int64_t **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64s(&in, n->premises, n->premise_count);
	arg_text(&in, n->commodity);
	arg_text(&in, n->kind);
	return sql_list(db, "notice_recipients", &in, a, sizeof **ret, id_row, ret, ret_count);
}

static void request_row(fetch *f, int i, void *ret)
{
	exchange_request *q = ret;
	q->party = get_i64(f->r, i, 0);
	q->id = get_i64(f->r, i, 1);
	q->asked_of = get_i64(f->r, i, 2);
	q->kind = fetch_text(f, i, 3);
	q->commodity = fetch_text(f, i, 4);
	q->purpose = fetch_text(f, i, 5);
	q->what = fetch_text(f, i, 6);
	q->premises = fetch_i64s(f, i, 7, &q->premise_count);
	q->data_from = get_time(f->r, i, 8);
	q->data_to = get_time(f->r, i, 9);
	q->expires = get_time(f->r, i, 10);
	q->state = fetch_text(f, i, 11);
	q->reference = fetch_text(f, i, 12);
	q->by = fetch_text(f, i, 13);
	q->made = get_time(f->r, i, 14);
	q->asker_code = fetch_text(f, i, 15);
	q->asked_code = fetch_text(f, i, 16);
}

hub_status exchange_request_add(store *db, const exchange_request *q, int64_t *ret_id, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, q->party);
	arg_text(&in, q->kind);
	arg_i64(&in, q->asked_of);
	arg_text(&in, q->commodity);
	arg_text(&in, q->purpose);
	arg_text(&in, q->what);
	arg_i64s(&in, q->premises, q->premise_count);
	arg_from(&in, q->data_from);
	arg_to(&in, q->data_to);
	arg_time(&in, q->expires);
	arg_text(&in, q->by);
	return sql_number(db, "exchange_request_add", &in, ret_id, fault);
}

hub_status exchange_request_get(store *db, int64_t id, arena *a, exchange_request *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, id);
	return sql_one(db, "exchange_request_get", &in, a, sizeof *ret, request_row, ret);
}

hub_status exchange_request_list(store *db, int64_t party, size_t limit, arena *a, exchange_request **ret,
				 size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "exchange_request_list", &in, a, sizeof **ret, request_row, ret, ret_count);
}

hub_status exchange_request_move(store *db, const exchange_request *q, const char *const *from, size_t count,
				 const char *to, const char *reference, int64_t actor, const char *by, const char *note)
{
	AUTO_ARGS in;
	int64_t id;
	args_init(&in);
	arg_i64(&in, q->party);
	arg_i64(&in, q->id);
	arg_texts(&in, from, count);
	arg_text(&in, to);
	arg_text(&in, reference);
	arg_i64(&in, actor);
	arg_text(&in, by);
	arg_text(&in, note);
	hub_status st = sql_number(db, "exchange_request_move", &in, &id, NULL);
	return st == HUB_MISSING ? HUB_CONFLICT : st;
}

static void step_row(fetch *f, int i, void *ret)
{
	exchange_step *s = ret;
	s->state = fetch_text(f, i, 0);
	s->actor = fetch_text(f, i, 1);
	s->by = fetch_text(f, i, 2);
	s->note = fetch_text(f, i, 3);
	s->at = get_time(f->r, i, 4);
}

static hub_status steps_of(store *db, const char *name, int64_t party, int64_t id, arena *a, exchange_step **ret,
			   size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_i64(&in, id);
	return sql_list(db, name, &in, a, sizeof **ret, step_row, ret, ret_count);
}

hub_status exchange_steps(store *db, const exchange_request *q, arena *a, exchange_step **ret, size_t *ret_count)
{
	return steps_of(db, "exchange_steps", q->party, q->id, a, ret, ret_count);
}

hub_status notice_steps(store *db, const notice *n, arena *a, exchange_step **ret, size_t *ret_count)
{
	return steps_of(db, "notice_steps", n->party, n->id, a, ret, ret_count);
}

static void viewing_row(fetch *f, int i, void *ret)
{
	viewing *v = ret;
	v->point = get_i64(f->r, i, 0);
	v->party = get_i64(f->r, i, 1);
	v->person = fetch_text(f, i, 2);
	v->purpose = fetch_text(f, i, 3);
	v->quantity = (uint16_t)get_i64(f->r, i, 4);
	v->grain = (int16_t)get_i64(f->r, i, 5);
	v->at = get_time(f->r, i, 6);
	v->point_code = fetch_text(f, i, 7);
	v->party_code = fetch_text(f, i, 8);
	v->party_zh = fetch_text(f, i, 9);
	v->party_en = fetch_text(f, i, 10);
	v->what = fetch_text(f, i, 11);
}

hub_status viewing_note(store *db, const viewing *v, const int64_t *points, size_t count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64s(&in, points, count);
	arg_i64(&in, v->party);
	arg_text(&in, v->person);
	arg_text(&in, v->purpose);
	arg_i16(&in, (int16_t)v->quantity);
	arg_i16(&in, v->grain);
	arg_text(&in, v->what);
	return sql_do(db, "viewing_note", &in, NULL);
}

static hub_status viewings(store *db, const char *name, int64_t party, size_t limit, arena *a, viewing **ret,
			   size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, name, &in, a, sizeof **ret, viewing_row, ret, ret_count);
}

hub_status viewing_of_home(store *db, int64_t party, size_t limit, arena *a, viewing **ret, size_t *ret_count)
{
	return viewings(db, "viewing_of_home", party, limit, a, ret, ret_count);
}

hub_status viewing_by(store *db, int64_t party, size_t limit, arena *a, viewing **ret, size_t *ret_count)
{
	return viewings(db, "viewing_by", party, limit, a, ret, ret_count);
}
