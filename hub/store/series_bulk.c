/*
 * Amounts of many points at once, as a cycle run needs them: one statement for the readings of all, as arrays, one for
 * the devices, one for the standings of those that have registers.
 */
#include <stdlib.h>
#include <string.h>

#include "store/series_fold.h"
#include "store/series_rows.h"

/* Devices of all points, by point, channel and time. */
typedef struct device_row {
	int64_t point;
	const char *channel;
	series_segment segment;
} device_row;

/* One channel of one point, on its way. */
typedef struct run {
	series_fold fold;
	int64_t point;
	const char *channel;
	const hub_time *times, *starts;
	const int64_t *digits, *marks; /* flags, scale and kind in one */
	size_t count;
	bool registers;
} run;

static void device_row_of(fetch *f, int i, void *ret)
{
	*(device_row *)ret = (device_row){
		.point = get_i64(f->r, i, 0), .channel = fetch_text(f, i, 1),
		.segment = { .from = get_time(f->r, i, 2), .to = get_time(f->r, i, 3), .multiplier = get_value(f->r, i, 4),
			     .modulus = get_value(f->r, i, 6), .has_start = !get_null(f->r, i, 8), .start = get_value(f->r, i, 8),
			     .has_end = !get_null(f->r, i, 10), .end = get_value(f->r, i, 10) },
	};
}

static size_t device_at(const device_row *list, size_t count, int64_t point)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t mid = (low + high) / 2;
		if (list[mid].point < point)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The channel's own devices; where it has none, those of the point as a whole. */
static hub_status take_devices(run *r, const device_row *list, size_t count, arena *a)
{
	size_t from = device_at(list, count, r->point), n = 0;
	const char *channel = "";
	for (size_t i = from; i < count && list[i].point == r->point; i++, n++)
		if (!strcmp(list[i].channel, r->channel))
			channel = r->channel;
	series_segment *own = arena_array(a, n, sizeof *own);
	if (!own)
		return HUB_NOMEM;
	for (size_t i = from; i < from + n; i++)
		if (!strcmp(list[i].channel, channel))
			own[r->fold.segment_count++] = list[i].segment;
	r->fold.segments = own;
	return HUB_OK;
}

static void run_row(fetch *f, int i, void *ret)
{
	run *r = ret;
	size_t n;
	*r = (run){ .point = get_i64(f->r, i, 0), .channel = fetch_text(f, i, 1), .registers = get_bool(f->r, i, 6) };
	r->fold.interval = get_i64(f->r, i, 7) * 1000000;
	r->times = fetch_times(f, i, 2, &r->count);
	r->starts = fetch_times(f, i, 3, &n);
	r->digits = fetch_i64s(f, i, 4, &n);
	r->marks = fetch_i64s(f, i, 5, &n);
}

static void standing_of(run *runs, size_t count, const PGresult *res)
{
	for (int i = 0; i < PQntuples(res); i++) {
		size_t k = (size_t)get_i64(res, i, 0);
		if (k < count)
			series_fold_base(&runs[k].fold, get_time(res, i, 1), get_value(res, i, 2));
	}
}

/* The last standing before the period, of those that have registers. */
static hub_status take_standings(store *db, const series_query *q, run *runs, size_t count)
{
	size_t n = 0;
	for (size_t i = 0; i < count; i++)
		n += runs[i].registers || runs[i].fold.segment_count;
	if (!n)
		return HUB_OK;
	AUTO_ARGS in;
	AUTO_RESULT res = NULL;
	args_init(&in);
	arg_array(&in, OID_I32, n);
	for (size_t i = 0; i < count; i++)
		if (runs[i].registers || runs[i].fold.segment_count)
			item_i32(&in, (int32_t)i);
	arg_array(&in, OID_I64, n);
	for (size_t i = 0; i < count; i++)
		if (runs[i].registers || runs[i].fold.segment_count)
			item_i64(&in, runs[i].point);
	arg_array(&in, OID_TEXT, n);
	for (size_t i = 0; i < count; i++)
		if (runs[i].registers || runs[i].fold.segment_count)
			item_text(&in, runs[i].channel);
	arg_i16(&in, (int16_t)q->quantity);
	arg_time(&in, q->from);
	arg_to(&in, q->known_at);
	hub_status st = sql_run(db, "series_standings", &in, &res, NULL);
	if (st == HUB_OK)
		standing_of(runs, count, res);
	return st;
}

static hub_status fold(run *r, const series_query *q, arena *a, series_amounts *ret)
{
	series_fold *f = &r->fold;
	f->limit = r->count + f->segment_count + 1; /* a bucket has a row or a device's end */
	f->items = arena_room(a, f->limit, sizeof *f->items);
	if (!f->items)
		return HUB_NOMEM;
	for (size_t i = 0; i < r->count; i++) {
		const series_item item = { .row = { .point = r->point, .kind = (uint8_t)(r->marks[i] & 255), .time = r->times[i],
						    .start = r->starts[i], .flags = (uint32_t)(r->marks[i] >> 16),
						    .value = { r->digits[i], (uint8_t)(r->marks[i] >> 8 & 255) } } };
		series_fold_row(f, &item);
	}
	series_fold_end(f);
	for (size_t i = 0; i < f->count; i++) {
		f->items[i].row.point = r->point;
		f->items[i].row.channel = r->channel;
		f->items[i].row.quantity = q->quantity;
	}
	*ret = (series_amounts){ r->point, f->items, f->count };
	return f->st;
}

/* Devices and standings of the runs, then their buckets. */
static hub_status fold_all(store *db, const series_query *q, run *runs, size_t count, arena *a, series_amounts *ret)
{
	device_row *devices;
	size_t device_count;
	AUTO_ARGS in;
	args_init(&in);
	arg_i64s(&in, q->points, q->point_count);
	arg_i16(&in, (int16_t)q->quantity);
	hub_status st = sql_list(db, "series_devices", &in, a, sizeof *devices, device_row_of, &devices, &device_count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		runs[i].fold.from = q->from;
		runs[i].fold.to = q->to;
		runs[i].fold.step = q->step;
		runs[i].fold.zone = q->zone;
		st = take_devices(&runs[i], devices, device_count, a);
	}
	if (st == HUB_OK)
		st = take_standings(db, q, runs, count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = fold(&runs[i], q, a, &ret[i]);
	return st;
}

/* The server would sort whole arrays. */
static int by_place(const void *x, const void *y)
{
	const run *a = x, *b = y;
	return a->point != b->point ? (a->point > b->point) - (a->point < b->point) : strcmp(a->channel, b->channel);
}

hub_status series_read_amounts(store *db, const series_query *q, arena *a, series_amounts **ret, size_t *ret_count)
{
	run *runs;
	size_t count;
	AUTO_ARGS in;
	args_init(&in);
	arg_i64s(&in, q->points, q->point_count);
	arg_i16(&in, (int16_t)q->quantity);
	arg_time(&in, q->from);
	arg_time(&in, q->to);
	arg_to(&in, q->known_at);
	hub_status st = sql_list(db, "series_arrays", &in, a, sizeof *runs, run_row, &runs, &count);
	if (st == HUB_OK && count)
		qsort(runs, count, sizeof *runs, by_place);
	*ret = st == HUB_OK ? arena_array(a, count, sizeof **ret) : NULL;
	if (st == HUB_OK && !*ret)
		st = HUB_NOMEM;
	if (st == HUB_OK)
		st = fold_all(db, q, runs, count, a, *ret);
	*ret_count = count;
	return st;
}
