#include <string.h>

#include "store/series_fold.h"
#include "store/series_rows.h"

enum { ROWS = 4096 };
/* Behind every start that a row can have. */
static const hub_time last_start = INT64_C(253402300799000000);

static void segment_row(fetch *f, int i, void *ret)
{
	*(series_segment *)ret = (series_segment){
		.from = get_time(f->r, i, 0),
		.to = get_time(f->r, i, 1),
		.multiplier = get_value(f->r, i, 2),
		.modulus = get_value(f->r, i, 4),
		.has_start = !get_null(f->r, i, 6),
		.start = get_value(f->r, i, 6),
		.has_end = !get_null(f->r, i, 8),
		.end = get_value(f->r, i, 8),
	};
}

static hub_status load_segments(store *db, series_fold *f, const series_query *q, const char *channel, arena *a)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, q->points[0]);
	arg_i16(&in, (int16_t)q->quantity);
	arg_text(&in, channel);
	series_segment *list;
	size_t count;
	hub_status st = sql_list(db, "series_segments", &in, a, sizeof *list, segment_row, &list, &count);
	if (st != HUB_OK)
		return st;
	AUTO_ARGS id;
	args_init(&id);
	arg_i64(&id, q->points[0]);
	int64_t seconds = 0;
	st = sql_number(db, "series_interval", &id, &seconds, NULL);
	if (st != HUB_OK && st != HUB_MISSING)
		return st;
	f->segments = list;
	f->segment_count = count;
	f->interval = seconds * 1000000;
	return HUB_OK;
}

static hub_status load_base(store *db, series_fold *f, const series_query *q, const char *channel)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, q->points[0]);
	arg_i16(&in, (int16_t)q->quantity);
	arg_text(&in, channel);
	arg_time(&in, f->from);
	arg_to(&in, q->known_at);
	AUTO_RESULT res = NULL;
	hub_status st = sql_run(db, "series_standing", &in, &res, NULL);
	if (st == HUB_OK && PQntuples(res))
		series_fold_base(f, get_time(res, 0, 0), get_value(res, 0, 1));
	return st;
}

/* The rows of one point and channel after f->from, page by page, until the buckets are full. */
static hub_status feed(store *db, series_fold *f, const series_query *q, const char *channel)
{
	arena rows;
	arena_init(&rows, 0);
	series_query one = *q;
	one.channel = channel;
	char name[33] = "";
	strncpy(name, channel, sizeof name - 1);
	series_place above = { q->points[0], name, f->from, last_start, UINT8_MAX };
	hub_status st = HUB_OK;
	size_t count = ROWS;
	bool room = true;
	while (st == HUB_OK && room && count == ROWS) {
		series_item *items;
		arena_reset(&rows);
		st = series_raw(db, &one, &above, true, ROWS, &rows, &items, &count);
		for (size_t i = 0; st == HUB_OK && room && i < count; i++)
			room = series_fold_row(f, &items[i]);
		if (st == HUB_OK && count) {
			const series_row *r = &items[count - 1].row;
			above = (series_place){ r->point, name, r->time, r->start, r->kind };
		}
	}
	if (st == HUB_OK && room)
		series_fold_end(f);
	arena_fini(&rows);
	return st == HUB_OK ? f->st : st;
}

static hub_status one_channel(store *db, const series_query *q, const char *channel, hub_time from, size_t limit,
			      arena *a, series_item *items, size_t *count)
{
	series_fold f = { .from = from, .to = q->to, .step = q->step, .zone = q->zone, .items = items + *count,
			  .limit = limit - *count };
	hub_status st = load_segments(db, &f, q, channel, a);
	if (st == HUB_OK)
		st = load_base(db, &f, q, channel);
	if (st == HUB_OK)
		st = feed(db, &f, q, channel);
	for (size_t i = 0; i < f.count; i++) {
		f.items[i].row.point = q->points[0];
		f.items[i].row.channel = channel;
		f.items[i].row.quantity = q->quantity;
	}
	*count += f.count;
	return st;
}

static void channel_row(fetch *f, int i, void *ret)
{
	*(const char **)ret = fetch_text(f, i, 0);
}

static hub_status channels(store *db, const series_query *q, arena *a, const char ***ret, size_t *ret_count)
{
	AUTO_ARGS in;
	args_init(&in);
	arg_i64(&in, q->points[0]);
	arg_i16(&in, (int16_t)q->quantity);
	return sql_list(db, "series_channels", &in, a, sizeof(char *), channel_row, ret, ret_count);
}

hub_status series_steps(store *db, const series_query *q, const series_place *above, size_t limit, arena *a,
			series_item **ret, size_t *ret_count)
{
	int64_t *points;
	size_t point_count, count = 0;
	hub_status st = series_points(q, above->point, a, &points, &point_count);
	series_item *items = arena_array(a, limit, sizeof *items);
	if (st != HUB_OK || !items)
		return st == HUB_OK ? HUB_NOMEM : st;
	for (size_t p = 0; st == HUB_OK && p < point_count && count < limit; p++) {
		series_query one = *q;
		one.points = &points[p];
		one.point_count = 1;
		const char **names;
		size_t name_count = 0;
		st = channels(db, &one, a, &names, &name_count);
		for (size_t c = 0; st == HUB_OK && c < name_count && count < limit; c++) {
			int order = points[p] == above->point ? strcmp(names[c], above->channel) : 1;
			if (order < 0 || (q->channel && strcmp(names[c], q->channel)))
				continue;
			hub_time from = order ? q->from : above->time;
			if (from < q->to)
				st = one_channel(db, &one, names[c], from, limit, a, items, &count);
		}
	}
	if (st == HUB_OK) {
		*ret = items;
		*ret_count = count;
	}
	return st;
}
