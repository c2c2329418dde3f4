#include "aggregate/day.h"

#include <stdlib.h>
#include <string.h>

#include "aggregate/publish.h"
#include "base/decimal.h"
#include "model/quantity.h"
#include "store/series.h"

#define HOUR INT64_C(3600000000)
enum { DAYS = 31, PAGE = 10000, BATCH = 256, PLACES = 2000000 /* of points × days held at once */ };

const aggregate_kind aggregate_kinds[] = {
	{ "electricity", { "active_energy_import", "active_energy_total" }, "kWh" },
	{ "water", { "water_volume", NULL }, "m3" },
	{ "gas", { "gas_volume", "gas_volume_standard" }, "m3" },
	{ "heat", { "heat_energy", NULL }, "kWh" },
	{ "cold", { "cold_energy", NULL }, "kWh" },
	{ "ev", { "ev_energy", "active_energy_import" }, "kWh" },
	{ NULL },
};

const aggregate_kind *aggregate_kind_of(const char *commodity)
{
	for (const aggregate_kind *k = aggregate_kinds; k->commodity; k++)
		if (!strcmp(k->commodity, commodity))
			return k;
	return NULL;
}

/* What a point used in one of the days. */
typedef struct amount {
	bool found; /* the day's */
	uint32_t known;
	int64_t day, hours[AGGREGATE_HOURS];
} amount;

typedef struct work {
	store *db;
	const aggregate_work *of;
	const zone *zone;
	arena *arena;
	premise *areas;
	aggregate_area *tree;
	size_t area_count;
	aggregate_point *points;
	int *place; /* of each point: its area */
	size_t point_count;
	hub_time days[DAYS + 1];
	size_t day_count;
	amount *amounts; /* of point p in day d: [p × day_count + d] */
	const char **channel; /* of each point: the one that counts; NULL: none yet */
	aggregate_run *runs;  /* days that are published already */
	size_t run_count;
} work;

static int area_at(const work *w, int64_t premise_id)
{
	for (size_t i = 0; i < w->area_count; i++)
		if (w->areas[i].id == premise_id)
			return (int)i;
	return -1;
}

/* The smallest area on a path; `to`: how much of it is looked at. */
static int area_of(const work *w, const int64_t *path, size_t to)
{
	int found = -1;
	while (to-- && found < 0)
		found = area_at(w, path[to]);
	return found;
}

static hub_status load_areas(work *w)
{
	hub_status st = aggregate_areas(w->db, w->arena, &w->areas, &w->area_count);
	if (st != HUB_OK)
		return st;
	w->tree = arena_array(w->arena, w->area_count, sizeof *w->tree);
	if (!w->tree)
		return HUB_NOMEM;
	for (size_t i = 0; i < w->area_count; i++)
		w->tree[i].parent = area_of(w, w->areas[i].path, w->areas[i].path_count - 1);
	return HUB_OK;
}

/* Those that lie in an area. */
static hub_status load_points(work *w)
{
	int64_t after = 0;
	size_t count = PAGE, room = 0;
	while (count == PAGE) {
		aggregate_point *page;
		hub_status st = aggregate_points(w->db, w->of->kind->commodity, w->of->from, after, PAGE, w->arena, &page, &count);
		if (st != HUB_OK)
			return st;
		aggregate_point *more = arena_array(w->arena, room + count, sizeof *more);
		int *places = arena_array(w->arena, room + count, sizeof *places);
		if (!more || !places)
			return HUB_NOMEM;
		if (w->point_count) {
			memcpy(more, w->points, w->point_count * sizeof *more);
			memcpy(places, w->place, w->point_count * sizeof *places);
		}
		w->points = more;
		w->place = places;
		room += count;
		for (size_t i = 0; i < count; i++) {
			int area = area_of(w, page[i].path, page[i].path_count);
			after = page[i].id;
			if (area < 0)
				continue;
			more[w->point_count] = page[i];
			places[w->point_count++] = area;
		}
	}
	return HUB_OK;
}

static bool by_hour(const aggregate_point *p)
{
	return p->interval > 0 && p->interval <= 3600;
}

static hub_status take(work *w, size_t point_at, const series_item *item, bool hourly)
{
	size_t d = 0;
	int64_t v;
	while (d < w->day_count && w->days[d + 1] <= item->row.start)
		d++;
	if (d == w->day_count || item->row.start < w->days[d])
		return HUB_OK;
	hub_status st = decimal_to_int64(decimal_of_value(item->row.value), AGGREGATE_SCALE, DECIMAL_HALF_EVEN, &v);
	amount *a = &w->amounts[point_at * w->day_count + d];
	size_t hour = (size_t)((item->row.start - w->days[d]) / HOUR);
	if (st == HUB_OK && __builtin_add_overflow(a->day, v, &a->day))
		st = HUB_RANGE;
	if (st != HUB_OK)
		return st;
	a->found = true;
	if (hourly && hour < AGGREGATE_HOURS) {
		a->hours[hour] += v;
		a->known |= 1u << hour;
	}
	return HUB_OK;
}

static size_t place_of(const work *w, int64_t id)
{
	size_t low = 0, high = w->point_count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (w->points[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The meter itself counts; where there is none, all its circuits together. */
static bool counts(work *w, size_t at, const series_amounts *list, bool first)
{
	const char *channel = list->count ? list->items[0].row.channel : "";
	if (first)
		w->channel[at] = *channel ? "circuits" : "meter";
	return !strcmp(w->channel[at], *channel ? "circuits" : "meter");
}

static hub_status read_batch(work *w, const int64_t *ids, size_t count, uint16_t number, bool hourly, arena *rows)
{
	series_amounts *lists;
	size_t n;
	const series_query q = { .points = ids, .point_count = count, .quantity = number, .from = w->days[0],
				 .to = w->days[w->day_count], .step = hourly ? SERIES_HOUR : SERIES_DAY, .zone = w->zone };
	arena_reset(rows);
	hub_status st = series_read_amounts(w->db, &q, rows, &lists, &n);
	int64_t last = 0;
	for (size_t i = 0; st == HUB_OK && i < n; i++) {
		size_t at = place_of(w, lists[i].point);
		bool use = counts(w, at, &lists[i], lists[i].point != last);
		last = lists[i].point;
		for (size_t k = 0; use && st == HUB_OK && k < lists[i].count; k++)
			st = take(w, at, &lists[i].items[k], hourly);
	}
	return st;
}

/* Of the points whose raster is so: those of which no other quantity was found. */
static hub_status read_quantity(work *w, const quantity *q, bool hourly, arena *rows)
{
	int64_t ids[BATCH];
	size_t n = 0;
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < w->point_count; i++) {
		if (by_hour(&w->points[i]) == hourly && !w->channel[i])
			ids[n++] = w->points[i].id;
		if (n == BATCH || (n && i + 1 == w->point_count)) {
			st = read_batch(w, ids, n, q->number, hourly, rows);
			n = 0;
		}
	}
	return st;
}

static hub_status read_all(work *w, arena *rows)
{
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < 2 && w->of->kind->quantities[i]; i++) {
		const quantity *q = quantity_find(w->of->kind->quantities[i]);
		st = q ? read_quantity(w, q, true, rows) : HUB_FAILED;
		if (st == HUB_OK)
			st = read_quantity(w, q, false, rows);
	}
	return st;
}

static int by_customer(const void *a, const void *b)
{
	int64_t l = ((const aggregate_use *)a)->customer, r = ((const aggregate_use *)b)->customer;
	return (l > r) - (l < r);
}

static size_t uses_of(const work *w, size_t day, aggregate_use *uses)
{
	size_t n = 0;
	for (size_t i = 0; i < w->point_count; i++) {
		const amount *a = &w->amounts[i * w->day_count + day];
		if (!a->found)
			continue;
		uses[n] = (aggregate_use){ .area = w->place[i], .customer = w->points[i].customer, .day = a->day, .known = a->known };
		memcpy(uses[n++].hours, a->hours, sizeof a->hours);
	}
	qsort(uses, n, sizeof *uses, by_customer);
	return n;
}

static hub_status keep(work *w, size_t day, const aggregate_sum *sums, size_t hours, size_t measured, aggregate_report *ret)
{
	const aggregate_run run = { .commodity = w->of->kind->commodity, .at = w->days[day], .points = (int32_t)w->point_count,
				    .measured = (int32_t)measured };
	aggregate_row *rows = arena_array(w->arena, w->area_count, sizeof *rows);
	size_t n = 0, given = 0;
	if (!rows)
		return HUB_NOMEM;
	for (size_t i = 0; i < w->area_count; i++) {
		if (sums[i].day == AGGREGATE_NONE)
			continue;
		given += sums[i].day == AGGREGATE_PUBLISHED;
		rows[n++] = (aggregate_row){ .premise = w->areas[i].id, .verdict = aggregate_verdict_name(sums[i].day),
					     .hourly = aggregate_verdict_name(sums[i].hourly), .customers = (int32_t)sums[i].customers,
					     .sum = { sums[i].sum, AGGREGATE_SCALE }, .hours = sums[i].hours, .hour_count = hours };
	}
	hub_status st = aggregate_put(w->db, &run, rows, n);
	if (st == HUB_CONFLICT) {
		ret->already++;
		return HUB_OK;
	}
	if (st == HUB_OK) {
		ret->published++;
		ret->sums += given;
		ret->withheld += n - given;
	}
	return st;
}

static hub_status publish(work *w, aggregate_report *ret)
{
	aggregate_use *uses = arena_array(w->arena, w->point_count, sizeof *uses);
	aggregate_sum *sums = arena_array(w->arena, w->area_count, sizeof *sums);
	hub_status st = uses && sums ? HUB_OK : HUB_NOMEM;
	for (size_t d = 0; st == HUB_OK && d < w->day_count; d++) {
		size_t n = uses_of(w, d, uses), hours = (size_t)((w->days[d + 1] - w->days[d]) / HOUR);
		if (!n || n * 100 < w->point_count * w->of->whole) {
			ret->left++;
			continue;
		}
		st = aggregate_publish(w->tree, w->area_count, uses, n, hours, w->arena, sums);
		if (st == HUB_OK)
			st = keep(w, d, sums, hours, n, ret);
	}
	return st;
}

static bool is_published(const work *w, hub_time day)
{
	for (size_t i = 0; i < w->run_count; i++)
		if (w->runs[i].at == day)
			return true;
	return false;
}

/* The next days from *at on that are not published yet and fit into memory side by side. */
static void cut(work *w, hub_time *at, aggregate_report *ret)
{
	size_t most = w->point_count ? PLACES / w->point_count : DAYS;
	most = most < 1 ? 1 : most > DAYS ? DAYS : most;
	while (*at < w->of->to && is_published(w, *at)) {
		*at = zone_next(w->zone, *at, ZONE_DAY);
		ret->already++;
	}
	w->day_count = 0;
	w->days[0] = *at;
	while (w->day_count < most && *at < w->of->to && !is_published(w, *at)) {
		*at = zone_next(w->zone, *at, ZONE_DAY);
		w->days[++w->day_count] = *at;
	}
}

static hub_status part(work *w, arena *rows, aggregate_report *ret)
{
	w->amounts = calloc(w->point_count * w->day_count + 1, sizeof *w->amounts);
	w->channel = calloc(w->point_count + 1, sizeof *w->channel);
	hub_status st = w->amounts && w->channel ? read_all(w, rows) : HUB_NOMEM;
	if (st == HUB_OK)
		st = publish(w, ret);
	free(w->amounts);
	free(w->channel);
	return st;
}

hub_status aggregate_day_publish(store *db, const aggregate_work *of, const zone *z, aggregate_report *ret)
{
	arena a, rows;
	work w = { .db = db, .of = of, .zone = z, .arena = &a };
	hub_time at = zone_floor(z, of->from, ZONE_DAY);
	arena_init(&a, 0);
	arena_init(&rows, 0);
	hub_status st = load_areas(&w);
	if (st == HUB_OK)
		st = load_points(&w);
	if (st == HUB_OK)
		st = aggregate_runs(db, of->kind->commodity, at, of->to, &a, &w.runs, &w.run_count);
	while (st == HUB_OK && w.area_count && w.point_count && at < of->to) {
		cut(&w, &at, ret);
		if (w.day_count)
			st = part(&w, &rows, ret);
	}
	arena_fini(&rows);
	arena_fini(&a);
	return st;
}
