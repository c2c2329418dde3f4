#include "store/premise.h"

#include "store/epoch.h"
#include "store/statement.h"

static void row(fetch *f, int i, void *ret)
{
	premise *p = ret;
	p->id = get_i64(f->r, i, 0);
	p->parent = get_i64(f->r, i, 1);
	p->kind = fetch_text(f, i, 2);
	p->code = fetch_text(f, i, 3);
	p->name_zh = fetch_text(f, i, 4);
	p->name_en = fetch_text(f, i, 5);
	p->area = get_value(f->r, i, 6);
	p->valid_from = get_time(f->r, i, 8);
	p->valid_to = get_time(f->r, i, 9);
	p->path = fetch_i64s(f, i, 10, &p->path_count);
	p->dwelling = fetch_text(f, i, 11);
	p->heating = fetch_text(f, i, 12);
	p->occupants = (int16_t)get_i64(f->r, i, 13);
	p->vacant = get_bool(f->r, i, 14);
	p->placed = !get_null(f->r, i, 15);
	p->lon = (int32_t)get_i64(f->r, i, 15);
	p->lat = (int32_t)get_i64(f->r, i, 16);
}

hub_status premise_by_code(store *db, const char *code, arena *a, premise *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, code);
	return sql_one(db, "premise_by_code", &in, a, sizeof *ret, row, ret);
}

hub_status premise_by_id(store *db, int64_t id, arena *a, premise *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, id);
	return sql_one(db, "premise_by_id", &in, a, sizeof *ret, row, ret);
}

hub_status premise_with_above(store *db, const int64_t *ids, size_t count, arena *a, premise **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64s(&in, ids, count);
	return sql_list(db, "premise_with_above", &in, a, sizeof **ret, row, ret, ret_count);
}

hub_status premise_children(store *db, int64_t parent, bool deep, int64_t after, size_t limit, arena *a, premise **ret,
			    size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	if (parent)
		arg_i64(&in, parent);
	arg_i64(&in, after);
	arg_i64(&in, (int64_t)limit);
	const char *name = parent ? deep ? "premise_below" : "premise_children"
			   : deep ? "premise_all"
				  : "premise_roots";
	return sql_list(db, name, &in, a, sizeof **ret, row, ret, ret_count);
}

static hub_status find(store *db, const char *code, int64_t *ret_id, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, code);
	return sql_number(db, "premise_id", &in, ret_id, fault);
}

/* An ancestor of the new parent, or the parent itself, may not become its child. */
static hub_status check_loop(store *db, const premise *p, int64_t id, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, id);
	arg_i64(&in, p->parent);
	int64_t one;
	hub_status st = sql_number(db, "premise_loops", &in, &one, fault);
	if (st == HUB_OK)
		return hub_fault_set(fault, "premise.loop", "parent",
				     "premise '%s' would lie below itself; choose a parent outside of it", p->code);
	return st == HUB_MISSING ? HUB_OK : st;
}

static void put_args(args *in, const premise *p)
{
	arg_i64(in, p->parent);
	arg_text(in, p->kind);
	arg_text(in, p->code);
	arg_text(in, p->name_zh ? p->name_zh : "");
	arg_text(in, p->name_en ? p->name_en : "");
	arg_value_if(in, p->area.digits >= 0, p->area);
	arg_from(in, p->valid_from);
	arg_to(in, p->valid_to);
	arg_text(in, p->dwelling ? p->dwelling : "");
	arg_text(in, p->heating ? p->heating : "");
	arg_i16(in, p->occupants);
	arg_bool(in, p->vacant);
	arg_bool(in, p->placed);
	arg_i32(in, p->lon);
	arg_i32(in, p->lat);
}

static hub_status put(store *db, const premise *p, int64_t *ret_id, bool *ret_changed, hub_fault *fault)
{
	hub_status st = sql_do(db, "premise_tree_lock", NULL, fault); /* two moves at once could make a loop */
	if (st != HUB_OK)
		return st;
	st = find(db, p->code, ret_id, fault);
	bool existed = st == HUB_OK;
	if (existed && p->parent)
		st = check_loop(db, p, *ret_id, fault);
	if (st != HUB_OK && st != HUB_MISSING)
		return st;
	AUTO_ARGS in;
	args_init(&in);
	put_args(&in, p);
	AUTO_RESULT res = NULL;
	st = sql_run(db, "premise_put", &in, &res, fault);
	if (st != HUB_OK)
		return st;
	*ret_changed = sql_rows(res) > 0;
	if (!existed)
		st = find(db, p->code, ret_id, fault);
	if (st != HUB_OK || !*ret_changed)
		return st;
	AUTO_ARGS id;
	args_init(&id);
	arg_i64(&id, *ret_id);
	st = sql_do(db, existed ? "premise_paths" : "premise_path", &id, fault); /* a new one has nothing below it */
	return st == HUB_OK ? epoch_bump(db, "premise") : st;
}

hub_status premise_put(store *db, const premise *p, int64_t *ret_id, bool *ret_changed, hub_fault *fault)
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

hub_status premise_of_party(store *db, int64_t party, hub_time at, int64_t only, int64_t after, size_t limit, arena *a,
			    premise **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_time(&in, at);
	arg_i64(&in, only);
	arg_i64(&in, only && after < only ? only - 1 : after);
	arg_i64(&in, only ? 1 : (int64_t)limit);
	hub_status st = sql_list(db, "premise_of_party", &in, a, sizeof **ret, row, ret, ret_count);
	if (st == HUB_OK && only && *ret_count && (*ret)[0].id != only)
		*ret_count = 0;
	return st;
}

hub_status premise_manage(store *db, int64_t id, int64_t party, bool *ret_changed, hub_fault *fault)
{
	AUTO_ARGS in;
	int64_t done;
	args_init(&in);
	arg_i64(&in, id);
	if (party)
		arg_i64(&in, party);
	hub_status st = sql_number(db, party ? "premise_manage" : "premise_unmanage", &in, &done, fault);
	*ret_changed = st == HUB_OK;
	return st == HUB_MISSING ? HUB_OK : st;
}

hub_status premise_managed(store *db, int64_t party, const int64_t *ids, size_t count, bool *ret)
{
	AUTO_ARGS in;
	int64_t all = 0;
	args_init(&in);
	arg_i64(&in, party);
	arg_i64s(&in, ids, count);
	hub_status st = sql_number(db, "premise_managed", &in, &all, NULL);
	*ret = st == HUB_OK && count && all;
	return st;
}
