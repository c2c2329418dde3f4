#include "store/charging.h"

#include "store/statement.h"

hub_status charging_touch(store *db, int64_t party, const charging_word *list, size_t count)
{
	AUTO_ARGS in;
	args_init(&in);
	if (!count)
		return HUB_OK;
	arg_i64(&in, party);
	arg_array(&in, OID_TEXT, count);
	for (size_t i = 0; i < count; i++)
		item_text(&in, list[i].station);
	arg_array(&in, OID_TEXT, count);
	for (size_t i = 0; i < count; i++)
		item_text(&in, list[i].transaction);
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, list[i].point);
	arg_array(&in, OID_TEXT, count);
	for (size_t i = 0; i < count; i++)
		item_text(&in, list[i].channel);
	arg_array(&in, OID_TEXT, count);
	for (size_t i = 0; i < count; i++)
		item_text(&in, list[i].tag);
	return sql_do(db, "charging_touch", &in, NULL);
}

hub_status charging_wake(store *db, const char *station, const char *tag)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, station);
	arg_text(&in, tag);
	return sql_do(db, "charging_wake", &in, NULL);
}

static void key_row(fetch *f, int i, void *ret)
{
	charging_key *k = ret;
	k->party = get_i64(f->r, i, 0);
	k->station = fetch_text(f, i, 1);
	k->transaction = fetch_text(f, i, 2);
	k->told = get_bool(f->r, i, 3);
}

hub_status charging_take(store *db, arena *a, charging_key *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	return sql_one(db, "charging_take", &in, a, sizeof *ret, key_row, ret);
}

static void arg_key(args *in, const charging_key *k)
{
	args_init(in);
	arg_i64(in, k->party);
	arg_text(in, k->station);
	arg_text(in, k->transaction);
}

static void case_row(fetch *f, int i, void *ret)
{
	charging_case *c = ret;
	c->id = get_i64(f->r, i, 0);
	c->point = get_i64(f->r, i, 1);
	c->account = get_i64(f->r, i, 2);
	c->started = get_time(f->r, i, 3);
	c->ended = get_time(f->r, i, 4);
	c->start_wh = get_i64(f->r, i, 5);
	c->stop_wh = get_i64(f->r, i, 6);
	c->problem = fetch_text(f, i, 7);
	c->heard = get_time(f->r, i, 8);
	c->tariff = fetch_text(f, i, 9);
	c->channel = fetch_text(f, i, 10);
	c->holder = get_i64(f->r, i, 11);
}

hub_status charging_case_of(store *db, const charging_key *k, arena *a, charging_case *ret)
{
	AUTO_ARGS in;
	arg_key(&in, k);
	return sql_one(db, "charging_case", &in, a, sizeof *ret, case_row, ret);
}

static void sample_row(fetch *f, int i, void *ret)
{
	charging_sample *s = ret;
	s->time = get_time(f->r, i, 0);
	s->wh = get_i64(f->r, i, 1);
}

hub_status charging_samples(store *db, const charging_key *k, arena *a, charging_sample **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	arg_key(&in, k);
	return sql_list(db, "charging_samples", &in, a, sizeof **ret, sample_row, ret, ret_count);
}

hub_status charging_end(store *db, const charging_key *k, const char *state, const char *cause, int64_t wait, bool told)
{
	AUTO_ARGS in;
	arg_key(&in, k);
	arg_text(&in, state);
	arg_text(&in, cause);
	arg_i64(&in, wait);
	arg_bool(&in, told);
	return sql_do(db, "charging_end", &in, NULL);
}

hub_status charging_charge_put(store *db, const charging_charge *c)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, c->account);
	arg_i64(&in, c->party);
	arg_text(&in, c->station);
	arg_text(&in, c->transaction);
	arg_i64(&in, c->point);
	arg_i64(&in, c->tariff);
	arg_time(&in, c->started);
	arg_time(&in, c->ended);
	arg_i64(&in, c->energy_wh);
	arg_i64(&in, c->amount);
	arg_text(&in, c->lines);
	return sql_do(db, "charging_charge", &in, NULL);
}

static void charge_row(fetch *f, int i, void *ret)
{
	charging_charge *c = ret;
	c->account = get_i64(f->r, i, 0);
	c->id = get_i64(f->r, i, 1);
	c->party = get_i64(f->r, i, 2);
	c->station = fetch_text(f, i, 3);
	c->transaction = fetch_text(f, i, 4);
	c->point = get_i64(f->r, i, 5);
	c->tariff = get_i64(f->r, i, 6);
	c->started = get_time(f->r, i, 7);
	c->ended = get_time(f->r, i, 8);
	c->energy_wh = get_i64(f->r, i, 9);
	c->amount = get_i64(f->r, i, 10);
	c->lines = fetch_text(f, i, 11);
	c->cycle = (int32_t)get_i64(f->r, i, 12);
}

hub_status charging_open(store *db, const int64_t *accounts, size_t count, int32_t cycle, hub_time before, arena *a,
			 charging_charge **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64s(&in, accounts, count);
	arg_i32(&in, cycle);
	arg_time(&in, before);
	return sql_list(db, "charging_open", &in, a, sizeof **ret, charge_row, ret, ret_count);
}

hub_status charging_billed(store *db, const charging_charge *list, size_t count, int32_t cycle)
{
	AUTO_ARGS in;
	AUTO_RESULT res = NULL;
	args_init(&in);
	if (!count)
		return HUB_OK;
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, list[i].account);
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, list[i].id);
	arg_i32(&in, cycle);
	hub_status st = sql_run(db, "charging_billed", &in, &res, NULL);
	return st == HUB_OK && sql_rows(res) != count ? HUB_CONFLICT : st;
}

hub_status charging_of_cycle(store *db, int64_t account, int32_t cycle, int64_t party, arena *a, charging_charge **ret,
			     size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, account);
	arg_i32(&in, cycle);
	arg_i64(&in, party);
	return sql_list(db, "charging_of_cycle", &in, a, sizeof **ret, charge_row, ret, ret_count);
}

static void list_row(fetch *f, int i, void *ret)
{
	charging_row *c = ret;
	c->id = get_i64(f->r, i, 0);
	c->party = get_i64(f->r, i, 1);
	c->station = fetch_text(f, i, 2);
	c->transaction = fetch_text(f, i, 3);
	c->channel = fetch_text(f, i, 4);
	c->tag = fetch_text(f, i, 5);
	c->point = get_i64(f->r, i, 6);
	c->point_code = fetch_text(f, i, 7);
	c->account = get_i64(f->r, i, 8);
	c->account_code = fetch_text(f, i, 9);
	c->holder = get_i64(f->r, i, 10);
	c->started = get_time(f->r, i, 11);
	c->ended = get_time(f->r, i, 12);
	c->last_update = get_time(f->r, i, 13);
	c->has_start = get_bool(f->r, i, 14);
	c->has_stop = get_bool(f->r, i, 15);
	c->energy_wh = get_i64(f->r, i, 16);
	c->has_energy = get_bool(f->r, i, 17);
	c->reason = fetch_text(f, i, 18);
	c->problem = fetch_text(f, i, 19);
	c->state = fetch_text(f, i, 20);
	c->cause = fetch_text(f, i, 21);
	c->amount = get_i64(f->r, i, 22);
	c->cycle = (int32_t)get_i64(f->r, i, 23);
	c->lines = fetch_text(f, i, 24);
	c->tariff = fetch_text(f, i, 25);
	c->power = fetch_text(f, i, 26);
	c->state_of_charge = fetch_text(f, i, 27);
	c->operator_code = fetch_text(f, i, 28);
}

hub_status charging_list(store *db, const charging_filter *f, size_t limit, arena *a, charging_row **ret,
			 size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, f->id);
	arg_i64(&in, f->before);
	arg_text(&in, f->station);
	arg_i64(&in, f->point);
	arg_i64(&in, f->account);
	arg_i64(&in, f->seen_by);
	arg_text(&in, f->state);
	if (f->silent_since)
		arg_time(&in, f->silent_since);
	else
		arg_null(&in, OID_TIME);
	arg_i64(&in, (int64_t)limit);
	arg_text(&in, f->transaction);
	return sql_list(db, "charging_list", &in, a, sizeof **ret, list_row, ret, ret_count);
}
