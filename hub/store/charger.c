#include "store/charger.h"

#include "store/epoch.h"
#include "store/statement.h"

static void row(fetch *f, int i, void *ret)
{
	charger *c = ret;
	c->id = get_i64(f->r, i, 0);
	c->party = get_i64(f->r, i, 1);
	c->name = fetch_text(f, i, 2);
	c->instance = fetch_text(f, i, 3);
	c->state = fetch_text(f, i, 4);
	c->profile = (int)get_i64(f->r, i, 5);
	c->has_secret = get_bool(f->r, i, 6);
	c->tariff = fetch_text(f, i, 7);
}

hub_status charger_put(store *db, const charger *c, bool *ret_changed, hub_fault *fault)
{
	AUTO_ARGS in;
	AUTO_RESULT res = NULL;
	args_init(&in);
	arg_i64(&in, c->party);
	arg_text(&in, c->name);
	arg_text(&in, c->instance);
	arg_text(&in, c->state);
	arg_i16(&in, (int16_t)c->profile);
	arg_text(&in, c->tariff);
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	st = sql_run(db, "charger_put", &in, &res, fault);
	bool changed = st == HUB_OK && sql_rows(res) > 0;
	if (changed)
		st = epoch_bump(db, "charger");
	st = store_scope_end(db, st);
	if (st == HUB_OK && ret_changed)
		*ret_changed = changed;
	return st;
}

hub_status charger_get(store *db, const char *name, arena *a, charger *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, name);
	return sql_one(db, "charger_get", &in, a, sizeof *ret, row, ret);
}

hub_status charger_list(store *db, const char *instance, const char *after, size_t limit, arena *a, charger **ret,
			size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, instance);
	arg_text(&in, after);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "charger_list", &in, a, sizeof **ret, row, ret, ret_count);
}

hub_status charger_list_of(store *db, int64_t party, uint64_t after, size_t limit, arena *a, charger **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_i64(&in, (int64_t)after);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "charger_list_of", &in, a, sizeof **ret, row, ret, ret_count);
}

static void place_row(fetch *f, int i, void *ret)
{
	charger_place *p = ret;
	p->point = get_i64(f->r, i, 0);
	p->code = fetch_text(f, i, 1);
	p->channel = fetch_text(f, i, 2);
}

hub_status charger_places(store *db, int64_t party, const char *name, hub_time at, arena *a, charger_place **ret,
			  size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_text(&in, name);
	arg_time(&in, at);
	return sql_list(db, "charger_places", &in, a, sizeof **ret, place_row, ret, ret_count);
}

hub_status charger_secret_set(store *db, const char *name, const char *secret)
{
	AUTO_RESULT res = NULL;
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, name);
	arg_text(&in, secret);
	hub_status st = sql_run(db, "charger_secret_set", &in, &res, NULL);
	return st == HUB_OK && !sql_rows(res) ? HUB_MISSING : st;
}

static void secret_row(fetch *f, int i, void *ret)
{
	*(const char **)ret = fetch_text(f, i, 0);
}

hub_status charger_secret(store *db, const char *name, arena *a, const char **ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, name);
	return sql_one(db, "charger_secret", &in, a, sizeof *ret, secret_row, ret);
}

hub_status charge_tag_put(store *db, const charge_tag *t, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, t->tag);
	arg_i64(&in, t->party);
	arg_text(&in, t->state);
	arg_to(&in, t->valid_to);
	arg_text(&in, t->parent);
	arg_bool(&in, t->alone);
	if (t->account)
		arg_i64(&in, t->account);
	else
		arg_null(&in, OID_I64);
	arg_text(&in, t->tariff);
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	st = sql_do(db, "charge_tag_put", &in, fault);
	if (st == HUB_OK)
		st = epoch_bump(db, "charger");
	return store_scope_end(db, st);
}

static void tag_row(fetch *f, int i, void *ret)
{
	charge_tag *t = ret;
	t->tag = fetch_text(f, i, 0);
	t->party = get_i64(f->r, i, 1);
	t->state = fetch_text(f, i, 2);
	t->valid_to = get_time(f->r, i, 3);
	t->parent = fetch_text(f, i, 4);
	t->alone = get_bool(f->r, i, 5);
	t->account = get_i64(f->r, i, 6);
	t->tariff = fetch_text(f, i, 7);
}

hub_status charge_tag_list(store *db, const char *after, size_t limit, arena *a, charge_tag **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, after);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "charge_tag_list", &in, a, sizeof **ret, tag_row, ret, ret_count);
}

static void session_row(fetch *f, int i, void *ret)
{
	charging_session *s = ret;
	const char **texts[] = { &s->station, &s->transaction, &s->channel, &s->tag, &s->point };
	for (int k = 0; k < 5; k++)
		*texts[k] = fetch_text(f, i, k);
	s->started = get_time(f->r, i, 5);
	s->ended = get_time(f->r, i, 6);
	s->last_update = get_time(f->r, i, 7);
	s->has_start = get_bool(f->r, i, 8);
	s->has_stop = get_bool(f->r, i, 9);
	s->has_energy = get_bool(f->r, i, 10);
	s->start_wh = get_i64(f->r, i, 11);
	s->stop_wh = get_i64(f->r, i, 12);
	s->energy_wh = get_i64(f->r, i, 13);
	s->reason = fetch_text(f, i, 14);
	s->problem = fetch_text(f, i, 15);
	s->id = get_i64(f->r, i, 16);
}

hub_status charging_session_list(store *db, const char *station, hub_time silent_since, int64_t before, size_t limit,
				 arena *a, charging_session **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, station);
	arg_i64(&in, before);
	if (silent_since)
		arg_time(&in, silent_since);
	else
		arg_null(&in, OID_TIME);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "charging_session_list", &in, a, sizeof **ret, session_row, ret, ret_count);
}
