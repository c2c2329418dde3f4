#include "store/announcement.h"

#include "store/statement.h"

hub_status announcement_insert(store *db, const announcement *a)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, a->party);
	arg_text(&in, a->source);
	arg_i64(&in, (int64_t)a->receipt);
	arg_i32(&in, (int32_t)a->types);
	arg_i64s(&in, a->points, a->point_count);
	arg_u16s(&in, a->quantities, a->quantity_count);
	arg_texts(&in, a->kinds, a->kind_count);
	if (a->event)
		arg_text(&in, a->event);
	else
		arg_null(&in, OID_TEXT);
	hub_status st = sql_do(db, "announcement_insert", &in, NULL);
	return st == HUB_OK ? sql_do(db, "announcement_notify", NULL, NULL) : st;
}

hub_status announcement_backlog(store *db, uint64_t *ret_count, hub_time *ret_oldest)
{
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "announcement_backlog", NULL, &res, NULL);
	if (st != HUB_OK)
		return st;
	*ret_count = (uint64_t)get_i64(res, 0, 0);
	*ret_oldest = get_time(res, 0, 1);
	return HUB_OK;
}
