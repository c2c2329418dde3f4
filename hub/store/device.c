#include "store/device.h"

#include "store/epoch.h"
#include "store/statement.h"

static void row(fetch *f, int i, void *ret)
{
	device *d = ret;
	d->id = get_i64(f->r, i, 0);
	d->party = get_i64(f->r, i, 1);
	d->meter = fetch_text(f, i, 2);
	d->maker = fetch_text(f, i, 3);
	d->model = fetch_text(f, i, 4);
	d->multiplier = get_value(f->r, i, 5);
	d->modulus = get_value(f->r, i, 7);
}

hub_status device_by_meter(store *db, int64_t party, const char *meter, arena *a, device *ret)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_text(&in, meter);
	return sql_one(db, "device_by_meter", &in, a, sizeof *ret, row, ret);
}

hub_status device_list(store *db, int64_t after, size_t limit, arena *a, device **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, after);
	arg_i64(&in, (int64_t)limit);
	return sql_list(db, "device_list", &in, a, sizeof **ret, row, ret, ret_count);
}

static hub_status put(store *db, const device *d, int64_t *ret_id, bool *ret_changed, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, d->party);
	arg_text(&in, d->meter);
	arg_text(&in, d->maker ? d->maker : "");
	arg_text(&in, d->model ? d->model : "");
	arg_value(&in, d->multiplier);
	arg_value_if(&in, d->modulus.digits != 0, d->modulus);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "device_put", &in, &res, fault);
	if (st != HUB_OK)
		return st;
	*ret_changed = sql_rows(res) > 0;
	AUTO_ARGS key;
	args_init(&key);
	arg_i64(&key, d->party);
	arg_text(&key, d->meter);
	st = sql_number(db, "device_by_meter", &key, ret_id, fault);
	return st == HUB_OK && *ret_changed ? epoch_bump(db, "point") : st;
}

hub_status device_put(store *db, const device *d, int64_t *ret_id, bool *ret_changed, hub_fault *fault)
{
	int64_t id = 0;
	bool changed = false;
	hub_status st = store_scope(db);
	if (st == HUB_OK)
		st = store_scope_end(db, put(db, d, &id, &changed, fault));
	if (st == HUB_OK) {
		*ret_id = id;
		if (ret_changed)
			*ret_changed = changed;
	}
	return st;
}
