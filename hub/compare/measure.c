#include "compare/homes.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "model/quantity.h"
#include "store/point.h"
#include "store/series.h"

enum { AT_ONCE = 1024, SAMPLES = 10000 };
static const int64_t day = INT64_C(86400000000);

/* One read: a point's use over its contract's time. */
typedef struct need {
	run_home *home;
	int64_t point;
	int c;
	hub_time from, to;
} need;

static int by_read(const void *a, const void *b)
{
	const need *x = a, *y = b;
	if (x->c != y->c)
		return x->c - y->c;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	return (x->point > y->point) - (x->point < y->point);
}

static void take_amount(need *n, const series_amounts *list, size_t channels)
{
	home_use *u = &n->home->use[n->c];
	int64_t covered = 0;
	for (size_t i = 0; i < list->count; i++) {
		const series_item *item = &list->items[i];
		hub_time from = item->row.start > n->from ? item->row.start : n->from,
			 to = item->row.time < n->to ? item->row.time : n->to;
		u->spoiled |= (item->row.flags & HUB_DECREASE) ||
			      decimal_add(u->amount, decimal_of_value(item->row.value), &u->amount);
		/* As bills count it: of what should have come, the part that did. */
		covered += item->expected > item->present ? (to - from) / item->expected * item->present : to - from;
	}
	u->spoiled |= channels != 1; /* circuits of one point: nobody knows which is the home's */
	u->covered += covered;
	u->points++;
}

/* Needs of one quantity and time, their points rising. */
static hub_status read_alike(run *r, need *needs, size_t count)
{
	arena a;
	arena_init(&a, 0);
	int64_t *points = arena_array(&a, count, sizeof *points);
	series_amounts *list;
	size_t n = 0, points_count = 0;
	for (size_t i = 0; points && i < count; i++)
		if (!i || needs[i].point != needs[i - 1].point)
			points[points_count++] = needs[i].point;
	const series_query q = { .points = points,
				 .point_count = points_count,
				 .quantity = quantity_find(compare_quantities[needs[0].c])->number,
				 .from = needs[0].from,
				 .to = needs[0].to,
				 .step = SERIES_MONTH,
				 .zone = r->zone };
	hub_status st = points ? series_read_amounts(r->db, &q, &a, &list, &n) : HUB_NOMEM;
	for (size_t i = 0, k = 0; st == HUB_OK && i < count; i++) {
		while (k < n && list[k].point < needs[i].point)
			k++;
		size_t channels = 0;
		while (k + channels < n && list[k + channels].point == needs[i].point)
			channels++;
		if (channels)
			take_amount(&needs[i], &list[k], channels);
	}
	arena_fini(&a);
	return st;
}

/* The home's use in the numbers that are compared. */
static void normalise(const run *r, run_home *h, home_use *u, hub_time from, hub_time to, int supplied)
{
	const compare_per per = { r->cycle.per_area, r->cycle.per_occupants, r->cycle.per_degree_days };
	compare_size size = { .covered = u->points ? u->covered / u->points : 0,
			      .area = h->area,
			      .occupants = h->occupants };
	if (u->spoiled || u->points < supplied || size.covered < COMPARE_DAYS_MIN * day ||
	    decimal_sign(u->amount) < 0) {
		u->reason = "use";
		return;
	}
	size.degree_days = per.degree_days ? run_degrees(r, from, to) : 0;
	u->known = compare_normal(per, &size, u->amount, &u->own, &u->factor) == HUB_OK;
	u->covered = size.covered;
	u->reason = u->known ? NULL : "size";
	h->changed |= u->known;
}

/* A point that changes hands within the month is one place a contract; its parts add up to one cover. */
static void finish(run *r, const comparison_place *places, size_t count, run_home *h)
{
	for (int c = 0; c < COMPARISON_USES; c++) {
		home_use *u = &h->use[c];
		hub_time from = r->end, to = r->start;
		int supplied = 0, contracts = 0;
		if (!u->wanted || u->known || h->reason)
			continue;
		for (size_t i = 0; i < count; i++) {
			if (strcmp(places[i].commodity, compare_commodities[c]))
				continue;
			contracts++;
			supplied += !i || places[i].point != places[i - 1].point;
			from = places[i].from < from ? places[i].from : from;
			to = places[i].to > to ? places[i].to : to;
		}
		u->points =
		    u->points == contracts ? supplied : 0; /* where one measured nothing, the sum is not the home's */
		normalise(r, h, u, from, to, supplied);
	}
}

hub_status run_measure(run *r, size_t from, const comparison_place *places, size_t count)
{
	need *needs = calloc(count + 1, sizeof *needs);
	size_t n = 0;
	hub_status st = needs ? HUB_OK : HUB_NOMEM;
	for (size_t i = 0, h = from; st == HUB_OK && i < count; i++) {
		int c = compare_commodity(places[i].commodity);
		while (r->homes[h].account != places[i].account)
			h++;
		run_home *home = &r->homes[h];
		if (c >= 0 && home->use[c].wanted && !home->use[c].known && !home->reason)
			needs[n++] = (need) { home, places[i].point, c, places[i].from, places[i].to };
	}
	if (n)
		qsort(needs, n, sizeof *needs, by_read);
	for (size_t i = 0, k; st == HUB_OK && i < n; i += k) {
		for (k = 1; i + k < n && k < AT_ONCE && needs[i + k].c == needs[i].c &&
			    needs[i + k].from == needs[i].from && needs[i + k].to == needs[i].to;
		     k++)
			;
		st = read_alike(r, needs + i, k);
	}
	free(needs);
	for (size_t i = 0, k, h = from; st == HUB_OK && i < count; i += k, h++) {
		for (k = 1; i + k < count && places[i + k].account == places[i].account; k++)
			;
		finish(r, places + i, k, &r->homes[h]);
	}
	return st;
}

int64_t run_degrees(const run *r, hub_time from, hub_time to)
{
	int64_t sum = 0, days = 0;
	hub_time at = r->start;
	for (int d = 0; d < 31 && at < r->end; d++) {
		hub_time next = zone_next(r->zone, at, ZONE_DAY);
		if (at >= from && next <= to && r->degrees[d] >= 0) {
			sum += r->degrees[d];
			days++;
		}
		at = next;
	}
	return days >= COMPARE_DAYS_MIN ? (sum + days / 2) / days : 0;
}

/* Mean temperature of each day of the month at the weather point. */
static hub_status read_weather(run *r, hub_fault *fault)
{
	int64_t sums[31] = { 0 }, counts[31] = { 0 };
	series_cursor cursor = { "" };
	const series_query q = { .points = &r->cycle.weather,
				 .point_count = 1,
				 .quantity = quantity_find("ambient_temperature")->number,
				 .from = r->start,
				 .to = r->end,
				 .step = SERIES_RAW,
				 .limit = SAMPLES };
	hub_status st = HUB_OK;
	do {
		arena a;
		series_item *items;
		size_t count = 0;
		arena_init(&a, 0);
		st = series_read(r->db, &q, &cursor, &a, &items, &count, fault);
		for (size_t i = 0; st == HUB_OK && i < count; i++) {
			int64_t t;
			int d = zone_to_civil(r->zone, items[i].row.time).day - 1;
			if (decimal_to_int64(decimal_of_value(items[i].row.value), 2, DECIMAL_HALF_UP, &t) != HUB_OK)
				continue;
			sums[d] += t;
			counts[d]++;
		}
		arena_fini(&a);
	} while (st == HUB_OK && cursor.text[0]);
	for (int d = 0; d < 31; d++)
		r->degrees[d] = counts[d] ? compare_degrees(sums[d] / counts[d]) : -1;
	return st;
}

hub_status run_open(run *r, const compare_order *order, hub_fault *fault)
{
	int year = order->cycle / 100, month = order->cycle % 100;
	r->order = order;
	arena_init(&r->words_at, 0);
	/* Bills are cut by their accounts' zone; homes that are held beside each other by one. */
	hub_status st = zone_load("Asia/Shanghai", &r->zone);
	if (st != HUB_OK)
		return hub_fault_set(fault, "compare.zone", "zone",
				     "the time-zone database lacks Asia/Shanghai; install tzdata");
	if (year < 1970 || year > 9998 || month < 1 || month > 12)
		return hub_fault_set(fault, "compare.cycle", "cycle", "%d is no month such as 2026-10", order->cycle);
	zone_from_civil(r->zone, (zone_civil) { .year = year, .month = month, .day = 1 }, &r->start, NULL);
	r->end = zone_next(r->zone, r->start, ZONE_MONTH);
	const comparison_cycle wanted = { .cycle = order->cycle,
					  .rule = COMPARE_RULE,
					  .per_area = order->per.area,
					  .per_occupants = order->per.occupants,
					  .per_degree_days = order->per.degree_days,
					  .weather = order->weather };
	st = comparison_cycle_lock(r->db, &wanted, &r->cycle);
	const comparison_cycle *c = &r->cycle;
	if (st == HUB_OK &&
	    (c->rule != wanted.rule || c->per_area != wanted.per_area || c->per_occupants != wanted.per_occupants ||
	     c->per_degree_days != wanted.per_degree_days || c->weather != wanted.weather))
		return hub_fault_set(fault, "compare.changed", "cycle",
				     "the cycle was compared before by rule %d, divided by days%s%s%s; what is "
				     "frozen stays so: run it by the same options",
				     c->rule, c->per_area ? ", area" : "", c->per_occupants ? ", occupants" : "",
				     c->per_degree_days ? ", degree-days" : "");
	return st == HUB_OK && c->per_degree_days ? read_weather(r, fault) : st;
}

void run_close(run *r)
{
	zone_free(r->zone);
	arena_fini(&r->words_at);
	free(r->homes);
}
