#include "store/outline.h"

#include "store/statement.h"

static void row(fetch *f, int i, void *ret)
{
	outline *o = ret;
	o->premise = get_i64(f->r, i, 0);
	o->geometry = fetch_text(f, i, 1);
}

hub_status outline_put(store *db, const outline *o, bool *ret_existed, bool *ret_changed, hub_fault *fault)
{
	AUTO_ARGS in;
	AUTO_RESULT res = NULL;
	args_init(&in);
	arg_i64(&in, o->premise);
	arg_text(&in, o->geometry);
	hub_status st = sql_run(db, "outline_put", &in, &res, fault);
	if (st != HUB_OK)
		return st;
	*ret_existed = get_bool(res, 0, 0);
	*ret_changed = get_bool(res, 0, 1);
	return HUB_OK;
}

hub_status outline_list(store *db, const int64_t *premises, size_t count, arena *a, outline **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64s(&in, premises, count);
	return sql_list(db, "outline_list", &in, a, sizeof **ret, row, ret, ret_count);
}
