#include "store/charger_limit.h"

#include "store/statement.h"

static void row(fetch *f, int i, void *ret)
{
	charger_limit *c = ret;
	c->party = get_i64(f->r, i, 0);
	c->station = fetch_text(f, i, 1);
	c->channel = fetch_text(f, i, 2);
	c->command = get_i64(f->r, i, 3);
	c->limit_w = get_i64(f->r, i, 4);
	c->measured_w = get_i64(f->r, i, 5);
	c->state = fetch_text(f, i, 6);
	c->point = get_i64(f->r, i, 7);
}

hub_status charger_limit_check(store *db, int64_t grace, int64_t again, size_t most, arena *a, charger_limit **ret,
			       size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, grace);
	arg_i64(&in, (int64_t)most);
	arg_i64(&in, again);
	return sql_list(db, "charger_limit_check", &in, a, sizeof **ret, row, ret, ret_count);
}

hub_status charger_limit_list(store *db, int64_t party, const char *station, arena *a, charger_limit **ret,
			      size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_text(&in, station);
	return sql_list(db, "charger_limit_list", &in, a, sizeof **ret, row, ret, ret_count);
}
