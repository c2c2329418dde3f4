#include "store/trouble.h"

#include "store/statement.h"

hub_status trouble_save(store *db, const trouble *t, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, t->core);
	arg_text(&in, t->kind);
	arg_text(&in, t->subject);
	arg_time(&in, t->began);
	arg_time(&in, t->last);
	if (t->ended)
		arg_time(&in, t->ended);
	else
		arg_null(&in, OID_TIME);
	arg_i64(&in, t->count);
	arg_text(&in, t->text);
	return sql_do(db, "trouble_save", &in, fault);
}

hub_status trouble_end_left(store *db, const char *core)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, core);
	return sql_do(db, "trouble_end_left", &in, NULL);
}

static void row(fetch *f, int i, void *ret)
{
	trouble *t = ret;
	t->core = fetch_text(f, i, 0);
	t->kind = fetch_text(f, i, 1);
	t->subject = fetch_text(f, i, 2);
	t->text = fetch_text(f, i, 3);
	t->began = get_time(f->r, i, 4);
	t->last = get_time(f->r, i, 5);
	t->ended = get_time(f->r, i, 6);
	t->count = get_i64(f->r, i, 7);
}

hub_status trouble_list(store *db, const char *party, hub_time since, size_t limit, arena *a, trouble **ret,
			size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, party);
	arg_time(&in, since);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "trouble_list", &in, a, sizeof **ret, row, ret, ret_count);
}

hub_status trouble_clear(store *db, hub_time before)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_time(&in, before);
	return sql_do(db, "trouble_clear", &in, NULL);
}

hub_status trouble_server_since(store *db, hub_time *ret)
{
	AUTO_RESULT r = NULL;
	hub_status st = sql_run(db, "trouble_server_since", NULL, &r, NULL);
	if (st == HUB_OK && !sql_rows(r))
		st = HUB_FAILED;
	if (st == HUB_OK)
		*ret = get_time(r, 0, 0);
	return st;
}
