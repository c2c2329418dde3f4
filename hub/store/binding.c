#include <string.h>

#include "store/device.h"
#include "store/epoch.h"
#include "store/rows.h"

static void row(fetch *f, int i, void *ret)
{
	point_binding *b = ret;
	b->meter = fetch_text(f, i, 0);
	b->channel = fetch_text(f, i, 1);
	b->from = get_time(f->r, i, 2);
	b->to = get_time(f->r, i, 3);
	b->device = get_i64(f->r, i, 4);
	b->installation = get_i64(f->r, i, 5);
	b->multiplier = get_value(f->r, i, 6);
	b->modulus = get_value(f->r, i, 8);
	point_row(f, i, 10, &b->point);
}

/* `limits` are sorted by point. */
static void attach(point_binding *b, const point_limit *limits, size_t count)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (limits[mid].point < b->point.id)
			low = mid + 1;
		else
			high = mid;
	}
	b->limits = limits + low;
	while (low < count && limits[low++].point == b->point.id)
		b->limit_count++;
}

hub_status point_bindings(store *db, int64_t party, const char *const *meters, size_t count, arena *a,
			  point_binding **ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_texts(&in, meters, count);
	point_binding *list;
	size_t found;
	hub_status st = sql_list(db, "point_bindings", &in, a, sizeof *list, row, &list, &found);
	if (st != HUB_OK)
		return st;
	int64_t *ids = arena_array(a, found, sizeof *ids);
	if (!ids)
		return HUB_NOMEM;
	for (size_t i = 0; i < found; i++)
		ids[i] = list[i].point.id;
	point_limit *limits;
	size_t limit_count;
	st = point_limit_list(db, ids, found, a, &limits, &limit_count);
	if (st != HUB_OK)
		return st;
	for (size_t i = 0; i < found; i++)
		attach(&list[i], limits, limit_count);
	*ret = list;
	*ret_count = found;
	return HUB_OK;
}

/* The first binding not below (meter, channel). */
static size_t lower(const point_binding *list, size_t count, const char *meter, const char *channel)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(list[mid].meter, meter);
		if (!order)
			order = strcmp(list[mid].channel, channel);
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static const point_binding *find(const point_binding *list, size_t count, const char *meter, const char *channel,
				 hub_time time)
{
	for (size_t i = lower(list, count, meter, channel);
	     i < count && !strcmp(list[i].meter, meter) && !strcmp(list[i].channel, channel); i++)
		if (list[i].from <= time && (!list[i].to || time < list[i].to))
			return &list[i];
	return NULL;
}

const point_binding *point_binding_find(const point_binding *list, size_t count, const char *meter,
					const char *channel, hub_time time)
{
	const point_binding *b = find(list, count, meter, channel, time);
	return b || !*channel ? b : find(list, count, meter, "", time);
}

bool point_binding_known(const point_binding *list, size_t count, const char *meter)
{
	size_t at = lower(list, count, meter, "");
	return at < count && !strcmp(list[at].meter, meter);
}

hub_status point_epoch(store *db, int64_t *ret)
{
	return epoch_get(db, "point", ret);
}

static void meter_row(fetch *f, int i, void *ret)
{
	point_meter *m = ret;
	m->point = get_i64(f->r, i, 0);
	m->channel = fetch_text(f, i, 1);
	m->meter = fetch_text(f, i, 2);
	m->from = get_time(f->r, i, 3);
	m->to = get_time(f->r, i, 4);
}

hub_status point_meters(store *db, const int64_t *points, size_t count, arena *a, point_meter **ret,
			size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64s(&in, points, count);
	return sql_list(db, "point_meters", &in, a, sizeof **ret, meter_row, ret, ret_count);
}

static void text_row(fetch *f, int i, void *ret)
{
	*(const char **)ret = fetch_text(f, i, 0);
}

hub_status meters_of_others(store *db, int64_t party, const char *const *meters, size_t count, arena *a,
			    const char ***ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, party);
	arg_texts(&in, meters, count);
	return sql_list(db, "meters_of_others", &in, a, sizeof **ret, text_row, ret, ret_count);
}
