#include "store/instance.h"

#include "store/epoch.h"
#include "store/statement.h"

static void row(fetch *f, int i, void *ret)
{
	instance *n = ret;
	n->name = fetch_text(f, i, 0);
	n->zone = fetch_text(f, i, 1);
	n->party = get_i64(f->r, i, 2);
	n->adapter = fetch_text(f, i, 3);
	n->options = fetch_text(f, i, 4);
	n->transport = fetch_text(f, i, 5);
	n->journalled = get_bool(f->r, i, 6);
	n->journal = fetch_text(f, i, 7);
	n->enabled = get_bool(f->r, i, 8);
	n->version = get_i64(f->r, i, 9);
}

hub_status instance_get(store *db, const char *name, arena *a, instance *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, name);
	return sql_one(db, "instance_get", &in, a, sizeof *ret, row, ret);
}

hub_status instance_list(store *db, const char *zone, arena *a, instance **ret, size_t *ret_count,
			 int64_t *ret_version)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, zone);
	/* Before the list, so that a change between the two shows as a newer version next time. */
	int64_t version;
	hub_status st = epoch_get(db, "instance", &version);
	if (st == HUB_OK)
		st = sql_list(db, "instance_list", &in, a, sizeof **ret, row, ret, ret_count);
	if (st == HUB_OK)
		*ret_version = version;
	return st;
}

static const char *object(const char *json)
{
	return json && *json ? json : "{}";
}

static hub_status put(store *db, const instance *i, bool *ret_changed, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, i->name);
	arg_text(&in, i->zone);
	arg_i64(&in, i->party);
	arg_text(&in, i->adapter);
	arg_text(&in, object(i->options));
	arg_text(&in, object(i->transport));
	arg_text(&in, i->journalled ? "journalled" : "committed");
	arg_text(&in, object(i->journal));
	arg_bool(&in, i->enabled);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "instance_put", &in, &res, fault);
	if (st != HUB_OK)
		return st;
	*ret_changed = sql_rows(res) > 0;
	AUTO_ARGS name;
	args_init(&name);
	arg_text(&name, i->name);
	int64_t party;
	st = sql_number(db, "instance_party", &name, &party, fault);
	if (st == HUB_OK && party != i->party) {
		hub_fault_set(fault, "instance.party", "party",
			      "instance '%s' speaks for another party, which never changes; use another name", i->name);
		return HUB_CONFLICT;
	}
	return st == HUB_OK && *ret_changed ? epoch_bump(db, "instance") : st;
}

hub_status instance_put(store *db, const instance *i, bool *ret_changed, hub_fault *fault)
{
	bool changed = false;
	hub_status st = store_scope(db);
	if (st == HUB_OK)
		st = store_scope_end(db, put(db, i, &changed, fault));
	if (st == HUB_OK && ret_changed)
		*ret_changed = changed;
	return st;
}

static hub_status enable(store *db, const char *name, bool enabled)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_text(&in, name);
	arg_bool(&in, enabled);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "instance_enable", &in, &res, NULL);
	if (st == HUB_OK && !sql_rows(res))
		st = HUB_MISSING;
	return st == HUB_OK ? epoch_bump(db, "instance") : st;
}

hub_status instance_enable(store *db, const char *name, bool enabled)
{
	hub_status st = store_scope(db);
	return st == HUB_OK ? store_scope_end(db, enable(db, name, enabled)) : st;
}
