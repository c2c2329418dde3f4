#include "api/readings.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "model/quantity.h"

/* What one point has and lacks. */
typedef struct tally {
	uint64_t present, expected;
	bool comma;
} tally;

static zone_unit unit_of(series_step step)
{
	return step == SERIES_HOUR ? ZONE_HOUR : step == SERIES_MONTH ? ZONE_MONTH : ZONE_DAY;
}

static hub_status count_buckets(request *r, const series_query *q, size_t *ret)
{
	size_t n = 0;
	for (hub_time t = zone_floor(q->zone, q->from, unit_of(q->step)); t < q->to;
	     t = zone_next(q->zone, t, unit_of(q->step)))
		if (++n * q->point_count > COMPLETENESS_BUCKETS)
			return request_refuse(
			    r, 400, "readings.buckets", "from",
			    "more than %d hours, days or months of all points; ask for a shorter time or a "
			    "longer step",
			    COMPLETENESS_BUCKETS);
	*ret = n * q->point_count;
	return HUB_OK;
}

/* Raster intervals that end in a bucket, as far as it lies in the query. */
static uint32_t expected(const series_query *q, const point *p, hub_time start, hub_time end)
{
	hub_time from = start < q->from ? q->from : start, to = end > q->to ? q->to : end;
	return p->interval ? (uint32_t)((to - from) / (p->interval * INT64_C(1000000))) : 0;
}

static void write_bucket(request *r, hub_time start, hub_time end, uint32_t present, uint32_t wanted, tally *t)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT];
	t->present += present;
	t->expected += wanted;
	buf_printf(&r->body, "%s\n{\"start\":\"%s\",\"end\":\"%s\",\"present\":%u,\"expected\":%u}",
		   t->comma ? "," : "", clock_text(start, from), clock_text(end, to), present, wanted);
	t->comma = true;
}

/* The most that any channel of the point has in the bucket; *at moves behind them. */
static uint32_t present_in(const series_item *items, size_t count, int64_t point_id, hub_time start)
{
	uint32_t most = 0;
	for (size_t i = 0; i < count; i++)
		if (items[i].row.point == point_id && items[i].row.start == start && items[i].present > most)
			most = items[i].present;
	return most;
}

static hub_status write_point(request *r, const series_query *q, const point *p, const series_item *items, size_t count)
{
	zone_unit unit = unit_of(q->step);
	tally t = { 0 };
	buf_text(&r->body, "{\"point\":");
	json_write_text(&r->body, p->code);
	buf_printf(&r->body, ",\"interval\":%d,\"buckets\":[", p->interval);
	/* Items come in the order of points and time, so each point looks at its own run. */
	size_t first = 0, end_of_run;
	while (first < count && items[first].row.point != p->id)
		first++;
	for (end_of_run = first; end_of_run < count && items[end_of_run].row.point == p->id; end_of_run++)
		;
	for (hub_time start = zone_floor(q->zone, q->from, unit), end; start < q->to; start = end) {
		end = zone_next(q->zone, start, unit);
		uint32_t present = present_in(items + first, end_of_run - first, p->id, start);
		write_bucket(r, start, end, present, expected(q, p, start, end), &t);
	}
	buf_printf(&r->body, "],\"present\":%llu,\"expected\":%llu}", (unsigned long long)t.present,
		   (unsigned long long)t.expected);
	return HUB_OK;
}

/* What the caller may not see counts as if it were not there. */
static hub_status keep_seen(view *v, series_step step, series_item *items, size_t *count)
{
	size_t kept = 0;
	for (size_t i = 0; i < *count; i++) {
		const rights_point *p;
		hub_status st = readings_seen(v, &items[i], step, &p);
		if (st != HUB_OK)
			return st;
		if (p)
			items[kept++] = items[i];
	}
	*count = kept;
	return HUB_OK;
}

static hub_status write_all(request *r, view *v, series_query *q, size_t buckets)
{
	series_item *items;
	size_t count;
	series_cursor cursor = { "" };
	hub_fault fault = { 0 };
	q->limit = buckets ? buckets : 1;
	hub_status st = series_read(r->db, q, &cursor, r->arena, &items, &count, &fault);
	if (st == HUB_REJECT)
		return request_problem(r, 400, &fault);
	if (st == HUB_OK)
		st = keep_seen(v, q->step, items, &count);
	buf_text(&r->body, "{\"points\":[");
	for (size_t i = 0; st == HUB_OK && i < q->point_count; i++) {
		buf_text(&r->body, i ? ",\n" : "\n");
		st = write_point(r, q, &rights_of(v->rights, q->points[i])->point, items, count);
	}
	buf_text(&r->body, "]}\n");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

hub_status completeness_get(request *r)
{
	int64_t ids[READINGS_POINTS];
	series_query q = { .points = ids };
	size_t buckets = 0;
	zone *z = NULL;
	view v;
	const rights_case about = request_case(r, "read");
	hub_status st = view_init(&v, &about, false);
	if (st == HUB_OK)
		st = readings_query(r, &q);
	if (st == HUB_OK)
		st = readings_step(r, SERIES_DAY, &q.step);
	if (st == HUB_OK && q.step == SERIES_RAW)
		return request_refuse(r, 400, "readings.step", "step", "step is hour, day or month here");
	if (st == HUB_OK && !q.from)
		return request_refuse(r, 400, "call.time", "from", "say from when");
	if (st == HUB_OK)
		st = readings_points(r, &v, q.step, ids, &q.point_count);
	if (st == HUB_OK)
		st = readings_zone(r, &z);
	if (st != HUB_OK)
		return st;
	q.zone = z;
	st = count_buckets(r, &q, &buckets);
	if (st == HUB_OK)
		st = write_all(r, &v, &q, buckets);
	zone_free(z);
	return st;
}
