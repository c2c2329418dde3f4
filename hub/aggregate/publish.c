#include "aggregate/publish.h"

#include <stdlib.h>
#include <string.h>

/* Cells: the day alone, or each of its hours. */
typedef struct tree {
	const aggregate_area *areas;
	size_t count;
	const aggregate_use *uses;
	size_t use_count, hours;
	bool hourly;
	bool *published;  /* so far */
	const bool *kept; /* must stay; NULL: none */
	size_t *customers; /* of each area with all below it: the smallest is withheld first */
	size_t room; /* cells */
} tree;

typedef struct cell {
	size_t customers;
	__int128 sum, most, run;
	bool seen; /* by the customer under way */
} cell;

static const char *const names[] = { "none", "published", "count", "dominance", "difference" };

const char *aggregate_verdict_name(aggregate_verdict v)
{
	return names[v];
}

aggregate_verdict aggregate_verdict_of(const char *name)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(names[i], name))
			return (aggregate_verdict)i;
	return AGGREGATE_NONE;
}

static bool within(const tree *t, int area, int top)
{
	while (area >= 0 && area != top)
		area = t->areas[area].parent;
	return area == top;
}

/* The smallest published area that a use counts into; -1: none. */
static int home_of(const tree *t, int area)
{
	while (area >= 0 && !t->published[area])
		area = t->areas[area].parent;
	return area;
}

static __int128 size_of(__int128 v)
{
	return v < 0 ? -v : v;
}

/* A customer's amounts in all its places count as one; what flows back is as telling as what flows in. */
static void close_customer(cell *cells, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		cell *c = &cells[i];
		__int128 own = size_of(c->run);
		c->customers += c->seen;
		c->sum += own;
		c->most = own > c->most ? own : c->most;
		c->run = 0;
		c->seen = false;
	}
}

static void add(const tree *t, const aggregate_use *u, cell *cells)
{
	for (size_t h = 0; h < t->room; h++)
		if (!t->hourly || u->known & 1u << h) {
			cells[h].run += t->hourly ? u->hours[h] : u->day;
			cells[h].seen = true;
		}
}

static aggregate_verdict judge(const cell *cells, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (cells[i].customers < AGGREGATE_CUSTOMERS)
			return AGGREGATE_FEW;
		if (cells[i].most * 100 > cells[i].sum * AGGREGATE_SHARE)
			return AGGREGATE_DOMINANT;
	}
	return AGGREGATE_PUBLISHED;
}

/* of: all uses in the area (whole), or those of its atom. AGGREGATE_NONE: there are none, or not all by the hour. */
static aggregate_verdict look(const tree *t, int area, bool whole)
{
	cell cells[AGGREGATE_HOURS] = { 0 };
	const aggregate_use *last = NULL;
	for (size_t i = 0; i < t->use_count; i++) {
		const aggregate_use *u = &t->uses[i];
		if (whole ? !within(t, u->area, area) : home_of(t, u->area) != area)
			continue;
		if (t->hourly && !u->known)
			return AGGREGATE_NONE;
		if (last && last->customer != u->customer)
			close_customer(cells, t->room);
		add(t, u, cells);
		last = u;
	}
	if (!last)
		return AGGREGATE_NONE;
	close_customer(cells, t->room);
	return judge(cells, t->room);
}

/* The published area with the fewest customers right below this one that need not stay; -1: none. */
static int smallest_below(const tree *t, int area)
{
	int found = -1;
	for (int i = area + 1; i < (int)t->count; i++) {
		int above = t->areas[i].parent >= 0 ? home_of(t, t->areas[i].parent) : -1;
		if (t->published[i] && above == area && !(t->kept && t->kept[i]) &&
		    (found < 0 || t->customers[i] < t->customers[found]))
			found = i;
	}
	return found;
}

/* What remains of an area breaks a rule: one within is withheld, or at last the area itself. */
static void mend(tree *t, aggregate_verdict *verdicts)
{
	for (int i = (int)t->count - 1; i >= 0; i--) {
		while (t->published[i]) {
			aggregate_verdict rest = look(t, i, false);
			if (rest == AGGREGATE_PUBLISHED || rest == AGGREGATE_NONE)
				break;
			int gone = smallest_below(t, i);
			gone = gone < 0 ? i : gone;
			t->published[gone] = false;
			verdicts[gone] = AGGREGATE_DIFFERENCE;
		}
	}
}

static void decide(tree *t, aggregate_verdict *verdicts)
{
	for (size_t i = 0; i < t->count; i++) {
		verdicts[i] = look(t, (int)i, true);
		t->published[i] = verdicts[i] == AGGREGATE_PUBLISHED;
	}
	mend(t, verdicts);
}

static hub_status put(int64_t amount, int64_t *sum)
{
	return __builtin_add_overflow(*sum, amount, sum) ? HUB_RANGE : HUB_OK;
}

static hub_status sum(const tree *t, int area, aggregate_sum *s)
{
	for (size_t i = 0; i < t->use_count; i++) {
		const aggregate_use *u = &t->uses[i];
		if (!within(t, u->area, area))
			continue;
		hub_status st = put(u->day, &s->sum);
		for (size_t h = 0; st == HUB_OK && s->hourly == AGGREGATE_PUBLISHED && h < t->hours; h++)
			if (u->known & 1u << h)
				st = put(u->hours[h], &s->hours[h]);
		if (st != HUB_OK)
			return st;
	}
	return HUB_OK;
}

static void count(tree *t)
{
	for (size_t k = 0; k < t->count; k++) {
		const aggregate_use *last = NULL;
		for (size_t i = 0; i < t->use_count; i++) {
			const aggregate_use *u = &t->uses[i];
			if (!within(t, u->area, (int)k))
				continue;
			t->customers[k] += !last || last->customer != u->customer;
			last = u;
		}
	}
}

hub_status aggregate_publish(const aggregate_area *areas, size_t area_count, aggregate_use *uses, size_t use_count, size_t hours,
			     arena *a, aggregate_sum *ret_sums)
{
	bool *by_hour = arena_array(a, area_count, sizeof *by_hour), *by_day = arena_array(a, area_count, sizeof *by_day);
	aggregate_verdict *hourly = arena_array(a, area_count, sizeof *hourly), *daily = arena_array(a, area_count, sizeof *daily);
	tree t = { .areas = areas, .count = area_count, .uses = uses, .use_count = use_count, .hours = hours, .hourly = true,
		   .published = by_hour, .room = hours, .customers = arena_array(a, area_count, sizeof *t.customers) };
	hub_status st = HUB_OK;
	if (!by_hour || !by_day || !hourly || !daily || !t.customers)
		return HUB_NOMEM;
	count(&t);
	decide(&t, hourly);
	/* Whoever knows the hours knows the day, so those stay. */
	t.hourly = false;
	t.room = 1;
	t.published = by_day;
	t.kept = by_hour;
	decide(&t, daily);
	/* Flows of both signs may cancel over a day: then there are no hours, as they would tell the day that is withheld. */
	bool apart = false;
	for (size_t i = 0; i < area_count; i++)
		apart |= by_hour[i] && !by_day[i];
	for (size_t i = 0; apart && i < area_count; i++)
		hourly[i] = hourly[i] == AGGREGATE_PUBLISHED ? AGGREGATE_DIFFERENCE : hourly[i];
	for (size_t i = 0; st == HUB_OK && i < area_count; i++) {
		ret_sums[i] = (aggregate_sum){ .day = daily[i], .hourly = hourly[i] };
		/* Of a day that is withheld its hours are no matter of their own. */
		if (daily[i] == AGGREGATE_PUBLISHED) {
			ret_sums[i].customers = t.customers[i];
			st = sum(&t, (int)i, &ret_sums[i]);
		} else {
			ret_sums[i].hourly = daily[i];
		}
	}
	return st;
}
