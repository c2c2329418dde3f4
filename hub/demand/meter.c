#include "demand/meter.h"

#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "demand/days.h"
#include "model/quantity.h"
#include "store/series.h"

#define HOUR (INT64_C(3600) * 1000000)
#define DAY (24 * HOUR)

enum { CHANNEL_MAX = 32, PAGE = 10000, LOOK_BACK = 45 /* days */, BEFORE_FROM = 3, BEFORE_TO = 1 /* hours before the event */ };

static int64_t watts(hub_value kw)
{
	int64_t w = 0;
	decimal d = decimal_of_value(kw);
	if (decimal_mul(d, decimal_of(1000, 0), &d) != HUB_OK || decimal_to_int64(d, 0, DECIMAL_HALF_UP, &w) != HUB_OK)
		return 0;
	return w;
}

/* Where a point stands in the rising list; count: it does not. */
static size_t place(const int64_t *points, size_t count, int64_t point)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (points[mid] < point)
			low = mid + 1;
		else
			high = mid;
	}
	return low < count && points[low] == point ? low : count;
}

typedef struct adding {
	const int64_t *points;
	size_t count;
	int64_t *means;
	bool *has;
	const bool *had; /* these are not touched; NULL: none */
	/* The channel under way. */
	int64_t point, sum, number;
	char channel[CHANNEL_MAX + 1];
} adding;

/* What a point uses is what its channels use together. */
static void channel_over(adding *g)
{
	size_t at = g->number ? place(g->points, g->count, g->point) : g->count;
	if (at < g->count && !(g->had && g->had[at])) {
		g->means[at] += demand_mean(g->sum, g->number);
		g->has[at] = true;
	}
	g->sum = g->number = 0;
}

static void add_row(adding *g, const series_row *row)
{
	if (row->kind != HUB_INSTANT)
		return;
	if (row->point != g->point || strcmp(row->channel, g->channel) != 0) {
		channel_over(g);
		g->point = row->point;
		snprintf(g->channel, sizeof g->channel, "%s", row->channel);
	}
	g->sum += watts(row->value);
	g->number++;
}

/* Rows come by point and channel. */
static hub_status add_quantity(store *db, const char *name, const char *channel, hub_time from, hub_time to, arena *a, adding *g)
{
	const series_query ask = { .points = g->points,
				   .point_count = g->count,
				   .quantity = quantity_find(name)->number,
				   .channel = channel,
				   .from = from,
				   .to = to,
				   .step = SERIES_RAW,
				   .limit = PAGE };
	series_cursor cursor = { "" };
	hub_status st;
	do {
		series_item *items;
		size_t n = 0;
		hub_fault fault = { 0 };
		st = series_read(db, &ask, &cursor, a, &items, &n, &fault);
		for (size_t i = 0; st == HUB_OK && i < n; i++)
			add_row(g, &items[i].row);
	} while (st == HUB_OK && cursor.text[0]);
	channel_over(g);
	return st;
}

/* A charger tells its power by its connectors, if no meter stands before it. */
hub_status demand_power(store *db, const int64_t *points, size_t count, hub_time from, hub_time to, arena *a, int64_t *ret_means,
			bool *ret_has)
{
	adding g = { .points = points, .count = count, .means = ret_means, .has = ret_has };
	bool *metered = arena_array(a, count, sizeof *metered);
	if (!metered)
		return HUB_NOMEM;
	memset(ret_means, 0, count * sizeof *ret_means);
	memset(ret_has, 0, count * sizeof *ret_has);
	hub_status st = add_quantity(db, "active_power", "", from, to, a, &g);
	memcpy(metered, ret_has, count * sizeof *metered);
	g.had = metered;
	return st == HUB_OK ? add_quantity(db, "ev_power", NULL, from, to, a, &g) : st;
}

/* Whether an event of the programme ran on that day at that time. */
static bool disturbed(const hub_time *days, size_t count, hub_time from)
{
	for (size_t i = 0; i < count; i++)
		if (days[i] > from - DAY / 2 && days[i] < from + DAY / 2)
			return true;
	return false;
}

typedef struct reading_off {
	store *db;
	const demand_event *event;
	const int64_t *points;
	size_t count;
	arena *arena;
	demand_history *histories;
	size_t *found; /* days of each */
} reading_off;

/* back 0: today, of which only the hours before count. */
static hub_status take_day(reading_off *r, int back)
{
	const demand_event *e = r->event;
	hub_time moved = (hub_time)back * DAY, before = e->starts - moved;
	int64_t *window = arena_array(r->arena, r->count, sizeof *window), *early = arena_array(r->arena, r->count, sizeof *early);
	bool *n = arena_array(r->arena, r->count, sizeof *n), *m = arena_array(r->arena, r->count, sizeof *m);
	if (!window || !n || !early || !m)
		return HUB_NOMEM;
	hub_status st = demand_power(r->db, r->points, r->count, before - BEFORE_FROM * HOUR, before - BEFORE_TO * HOUR, r->arena,
				     early, m);
	if (st == HUB_OK && back)
		st = demand_power(r->db, r->points, r->count, e->starts - moved, e->ends - moved, r->arena, window, n);
	for (size_t i = 0; st == HUB_OK && i < r->count; i++) {
		demand_history *h = &r->histories[i];
		size_t at = r->found[i];
		if (!back && m[i]) {
			h->has_today = true;
			h->today = early[i];
		}
		if (!back || !n[i] || !m[i] || at == DEMAND_DAYS)
			continue;
		h->has[at] = true;
		h->window[at] = window[i];
		h->before[at] = early[i];
		r->found[i]++;
	}
	return st;
}

static bool all_found(const reading_off *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->found[i] < DEMAND_DAYS)
			return false;
	return true;
}

hub_status demand_baselines(store *db, const demand_programme *p, const demand_event *e, const int64_t *points, size_t count,
			    arena *a, int64_t *ret_baselines, int64_t *ret_errors, bool *ret_known)
{
	const demand_method how = strcmp(p->method, "10of10") ? DEMAND_5_OF_10 : DEMAND_10_OF_10;
	reading_off r = { db, e, points, count, a, arena_array(a, count, sizeof *r.histories), arena_array(a, count, sizeof *r.found) };
	const hub_time *days;
	size_t day_count = 0;
	demand_days calendar = { 0 };
	if (!r.histories || !r.found)
		return HUB_NOMEM;
	memset(r.histories, 0, count * sizeof *r.histories);
	memset(r.found, 0, count * sizeof *r.found);
	hub_status st = demand_event_days(db, p->id, e->starts - LOOK_BACK * DAY, e->starts - DAY / 2, a, &days, &day_count);
	if (st == HUB_OK)
		st = demand_days_open(db, p->calendar, e->starts, a, &calendar);
	if (st == HUB_OK)
		st = take_day(&r, 0);
	const bool rest = demand_days_rest(&calendar, e->starts);
	for (int back = 1; st == HUB_OK && back <= LOOK_BACK && !all_found(&r); back++) {
		const hub_time then = e->starts - (hub_time)back * DAY;
		if (!disturbed(days, day_count, then) && demand_days_rest(&calendar, then) == rest)
			st = take_day(&r, back);
	}
	demand_days_close(&calendar);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		ret_known[i] = demand_baseline(how, &r.histories[i], &ret_baselines[i], NULL) == HUB_OK;
		if (!ret_known[i] || demand_baseline_error(how, &r.histories[i], &ret_errors[i]) != HUB_OK)
			ret_errors[i] = -1;
	}
	return st;
}
