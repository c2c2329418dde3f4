#include "store/guess.h"

#include "store/statement.h"

hub_status guess_begin(store *db, const char *key, const guess_rule *rule, hub_time now, hub_time *ret_until)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, key);
	arg_time(&in, now);
	arg_i32(&in, rule->free);
	arg_i64(&in, rule->first);
	arg_i64(&in, rule->most);
	arg_i64(&in, rule->forget);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "guess_begin", &in, &res, NULL);
	if (st != HUB_OK || PQntuples(res))
		return st;
	AUTO_ARGS which;
	args_init(&which);
	arg_text(&which, key);
	AUTO_RESULT until = NULL;
	st = sql_run(db, "guess_until", &which, &until, NULL);
	if (st != HUB_OK)
		return st;
	*ret_until = PQntuples(until) ? get_time(until, 0, 0) : now;
	return HUB_DENIED;
}

hub_status guess_right(store *db, const char *key, bool once)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, key);
	return sql_do(db, once ? "guess_right_once" : "guess_right", &in, NULL);
}
