#include "store/party.h"

#include "store/epoch.h"
#include "store/statement.h"

static void row(fetch *f, int i, void *ret)
{
	party *p = ret;
	p->id = get_i64(f->r, i, 0);
	p->code = fetch_text(f, i, 1);
	p->name_zh = fetch_text(f, i, 2);
	p->name_en = fetch_text(f, i, 3);
	p->kind = fetch_text(f, i, 4);
	p->roles = fetch_texts(f, i, 5, &p->role_count);
}

hub_status party_by_code(store *db, const char *code, arena *a, party *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, code);
	return sql_one(db, "party_by_code", &in, a, sizeof *ret, row, ret);
}

hub_status party_by_id(store *db, int64_t id, arena *a, party *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, id);
	return sql_one(db, "party_by_id", &in, a, sizeof *ret, row, ret);
}

hub_status party_by_ids(store *db, const int64_t *ids, size_t count, arena *a, party **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64s(&in, ids, count);
	return sql_list(db, "party_by_ids", &in, a, sizeof **ret, row, ret, ret_count);
}

hub_status party_list(store *db, int64_t after, size_t limit, arena *a, party **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, after);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "party_list", &in, a, sizeof **ret, row, ret, ret_count);
}

static hub_status put(store *db, const party *p, int64_t *ret_id, bool *ret_changed, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, p->code);
	arg_text(&in, p->name_zh ? p->name_zh : "");
	arg_text(&in, p->name_en ? p->name_en : "");
	arg_text(&in, p->kind);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "party_put", &in, &res, fault);
	if (st != HUB_OK)
		return st;
	AUTO_ARGS roles;
	args_init(&roles);
	arg_text(&roles, p->code);
	arg_texts(&roles, p->roles, p->role_count);
	int64_t moved;
	st = sql_number(db, "party_roles", &roles, &moved, fault);
	bool changed = sql_rows(res) || (st == HUB_OK && moved);
	if (st == HUB_OK && changed)
		st = epoch_bump(db, "party");
	AUTO_ARGS code;
	args_init(&code);
	arg_text(&code, p->code);
	if (st == HUB_OK)
		st = sql_number(db, "party_by_code", &code, ret_id, fault);
	*ret_changed = changed;
	return st;
}

hub_status party_put(store *db, const party *p, int64_t *ret_id, bool *ret_changed, hub_fault *fault)
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
