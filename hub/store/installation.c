#include <string.h>

#include "store/device.h"
#include "store/epoch.h"
#include "store/statement.h"

/* Starts and ends as given; what is not given stays as it was. */
static hub_status put_registers(store *db, int64_t id, const installation_register *list, size_t count, hub_fault *fault)
{
	if (!count)
		return HUB_OK;
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, id);
	arg_array(&in, OID_I16, count);
	for (size_t i = 0; i < count; i++)
		item_i16(&in, (int16_t)list[i].quantity);
	arg_array(&in, OID_BOOL, count);
	for (size_t i = 0; i < count; i++)
		item_bool(&in, list[i].has_start);
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, list[i].start.digits);
	arg_array(&in, OID_I16, count);
	for (size_t i = 0; i < count; i++)
		item_i16(&in, list[i].has_start ? list[i].start.scale : 0);
	arg_array(&in, OID_BOOL, count);
	for (size_t i = 0; i < count; i++)
		item_bool(&in, list[i].has_end);
	arg_array(&in, OID_I64, count);
	for (size_t i = 0; i < count; i++)
		item_i64(&in, list[i].end.digits);
	arg_array(&in, OID_I16, count);
	for (size_t i = 0; i < count; i++)
		item_i16(&in, list[i].has_end ? list[i].end.scale : 0);
	return sql_do(db, "install_registers", &in, fault);
}

static void arg_installation(args *in, const installation *i)
{
	arg_i64(in, i->device);
	arg_text(in, i->channel);
	arg_i64(in, i->point);
	arg_time(in, i->valid_from);
	arg_to(in, i->valid_to);
}

/* Device and point exist and stay locked, so that two who bind them wait for each other. */
static hub_status lock(store *db, const installation *i, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, i->device);
	arg_i64(&in, i->point);
	int64_t both = 0;
	hub_status st = sql_number(db, "install_lock", &in, &both, fault);
	if (st != HUB_OK || both)
		return st;
	hub_fault_set(fault, "installation.unknown", "point", "device or point does not exist; add it first");
	return HUB_MISSING;
}

static hub_status check_clash(store *db, const args *in, hub_fault *fault)
{
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "install_clash", in, &res, fault);
	if (st != HUB_OK || !PQntuples(res))
		return st;
	hub_fault_set(fault, "installation.overlap", "valid_from",
		      "a channel measures one point and a point has one device at a time; %.120s then: end that first",
		      PQgetvalue(res, 0, 0));
	return HUB_CONFLICT;
}

static hub_status install(store *db, const installation *i, int64_t *ret_id, bool *ret_changed, hub_fault *fault)
{
	if (!i->valid_from)
		return hub_fault_set(fault, "installation.from", "valid_from",
				     "an installation begins at a time; none is given; state when the device was mounted");
	hub_status st = lock(db, i, fault);
	AUTO_ARGS in;
	args_init(&in);
	arg_installation(&in, i);
	if (st == HUB_OK)
		st = sql_number(db, "install_same", &in, ret_id, fault);
	if (st != HUB_MISSING)
		return st;
	AUTO_ARGS again;
	args_init(&again);
	arg_installation(&again, i);
	st = check_clash(db, &again, fault);
	if (st == HUB_OK)
		st = sql_number(db, "install", &again, ret_id, fault);
	if (st == HUB_OK)
		st = put_registers(db, *ret_id, i->registers, i->register_count, fault);
	*ret_changed = true;
	return st == HUB_OK ? epoch_bump(db, "point") : st;
}

hub_status device_install(store *db, const installation *i, int64_t *ret_id, bool *ret_changed, hub_fault *fault)
{
	int64_t id = 0;
	bool changed = false;
	hub_status st = store_scope(db);
	if (st == HUB_OK)
		st = store_scope_end(db, install(db, i, &id, &changed, fault));
	if (st == HUB_OK) {
		*ret_id = id;
		if (ret_changed)
			*ret_changed = changed;
	}
	return st;
}

/* Ends the installation that the statement finds for (id, channel, at). */
static hub_status finish(store *db, const char *statement, int64_t key, const char *channel, hub_time at,
			 const installation_register *ends, size_t end_count, hub_fault *fault)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, key);
	arg_text(&in, channel);
	arg_time(&in, at);
	int64_t id;
	hub_status st = sql_number(db, statement, &in, &id, fault);
	if (st == HUB_MISSING)
		hub_fault_set(fault, "installation.none", "valid_from", "nothing is installed there at that time");
	if (st != HUB_OK)
		return st;
	AUTO_ARGS end;
	args_init(&end);
	arg_i64(&end, id);
	arg_time(&end, at);
	st = sql_do(db, "installation_end", &end, fault);
	if (st == HUB_OK)
		st = put_registers(db, id, ends, end_count, fault);
	return st == HUB_OK ? epoch_bump(db, "point") : st;
}

hub_status device_remove(store *db, int64_t id, const char *channel, hub_time at,
			 const installation_register *ends, size_t end_count, hub_fault *fault)
{
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	return store_scope_end(db, finish(db, "installation_of_device", id, channel, at, ends, end_count, fault));
}

hub_status device_exchange(store *db, const installation *next, const installation_register *ends, size_t end_count,
			   int64_t *ret_id, hub_fault *fault)
{
	int64_t id = 0;
	bool changed;
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	st = lock(db, next, fault);
	if (st == HUB_OK)
		st = finish(db, "installation_of_point", next->point, next->channel, next->valid_from, ends, end_count,
			    fault);
	if (st == HUB_OK)
		st = install(db, next, &id, &changed, fault);
	st = store_scope_end(db, st);
	if (st == HUB_OK)
		*ret_id = id;
	return st;
}

hub_status device_history(store *db, int64_t point_id, arena *a, installation **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, point_id);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "installation_by_point", &in, &res, NULL);
	if (st != HUB_OK)
		return st;
	int rows = PQntuples(res);
	fetch f = { res, a, false };
	installation *list = arena_array(a, (size_t)rows, sizeof *list);
	installation_register *registers = arena_array(a, (size_t)rows, sizeof *registers);
	if (!list || !registers)
		return HUB_NOMEM;
	size_t count = 0;
	for (int i = 0; i < rows; i++) {
		if (!count || list[count - 1].id != get_i64(res, i, 0))
			list[count++] = (installation){ get_i64(res, i, 0), get_i64(res, i, 1), fetch_text(&f, i, 2),
							get_i64(res, i, 3), get_time(res, i, 4), get_time(res, i, 5),
							registers + i, 0 };
		if (get_null(res, i, 6))
			continue;
		registers[i] = (installation_register){ (uint16_t)get_i64(res, i, 6), !get_null(res, i, 7),
							!get_null(res, i, 9), get_value(res, i, 7), get_value(res, i, 9) };
		list[count - 1].register_count++;
	}
	if (f.bad)
		return HUB_NOMEM;
	*ret = list;
	*ret_count = count;
	return HUB_OK;
}
