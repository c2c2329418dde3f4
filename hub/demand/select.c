#include "demand/select.h"

#include "base/fail.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * Lagrange's way: at a price per delivered kW every resource is worth rate × (price − cost) for each W
 * ordered. A feeder takes what is worth most until its cap; the price is searched until what is taken
 * reaches the target, and what was taken too much at that price is given back, dearest first. That
 * is the optimum of the linear programme but for one resource a feeder and the last one.
 */
typedef struct selecting {
	const demand_resource *list;
	uint32_t *order; /* by feeder; those without one last */
	size_t *begin;   /* feeders + 2: where each feeder's resources begin */
	size_t feeders;
	const int64_t *caps;
	int64_t *take;   /* W, the caller's */
	int64_t price;
} selecting;

static __int128 worth(const selecting *s, uint32_t i)
{
	const demand_resource *r = &s->list[i];
	return (__int128)r->rate * (s->price - r->cost);
}

/* What is expected of an order, in µW. */
static int64_t expected(const demand_resource *r, int64_t watts)
{
	return watts * (int64_t)r->rate;
}

static bool in_range(const demand_resource *r, size_t feeders)
{
	return r->min >= 0 && r->min <= r->max && r->max <= DEMAND_POWER_MAX && r->cost >= 0 && r->cost <= DEMAND_COST_MAX &&
	       r->rate <= DEMAND_RATE_ONE && (r->feeder < feeders || r->feeder == DEMAND_NO_FEEDER);
}

static size_t slot(const selecting *s, size_t i)
{
	return s->list[i].feeder == DEMAND_NO_FEEDER ? s->feeders : s->list[i].feeder;
}

/* A counting sort by feeder. */
static void lay_out(selecting *s, size_t count)
{
	for (size_t i = 0; i < count; i++)
		s->begin[slot(s, i) + 1]++;
	for (size_t f = 0; f <= s->feeders; f++)
		s->begin[f + 1] += s->begin[f];
	for (size_t i = count; i-- > 0;)
		s->order[--s->begin[slot(s, i) + 1]] = (uint32_t)i;
	/* Each begin[f + 1] now stands at the begin of f: move down by one. */
	memmove(s->begin, s->begin + 1, (s->feeders + 1) * sizeof *s->begin);
	s->begin[s->feeders + 1] = count;
}

static void swap(uint32_t *a, uint32_t *b)
{
	uint32_t was = *a;
	*a = *b;
	*b = was;
}

/* A total order, so that the same price takes the same however the list was left. */
static bool better(const selecting *s, uint32_t i, uint32_t than)
{
	__int128 a = worth(s, i), b = worth(s, than);
	return a != b ? a > b : i < than;
}

/* The pivot's place after those worth more were put before it. */
static size_t partition(const selecting *s, uint32_t *list, size_t n)
{
	size_t kept = 0;
	swap(&list[n / 2], &list[n - 1]);
	for (size_t i = 0; i + 1 < n; i++)
		if (better(s, list[i], list[n - 1]))
			swap(&list[i], &list[kept++]);
	swap(&list[kept], &list[n - 1]);
	return kept;
}

static int64_t sum_max(const selecting *s, const uint32_t *list, size_t n)
{
	int64_t sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += s->list[list[i]].max;
	return sum;
}

/* As much of one as the cap lets through; µW expected. */
static int64_t fill_one(selecting *s, uint32_t i, int64_t *cap)
{
	const demand_resource *r = &s->list[i];
	int64_t watts = r->max <= *cap ? r->max : *cap;
	if (watts < r->min)
		watts = 0;
	s->take[i] = watts;
	*cap -= watts;
	return expected(r, watts);
}

/*
 * From the best downwards until the cap is reached, as if they were sorted, but only those about the
 * edge are put in order. What is left of the cap where a whole one does not fit goes to the next.
 */
static int64_t fill_capped(selecting *s, uint32_t *list, size_t n, int64_t *cap)
{
	int64_t got = 0;
	while (n && *cap) {
		size_t at = partition(s, list, n);
		if (sum_max(s, list, at) > *cap)
			got += fill_capped(s, list, at, cap);
		else
			for (size_t i = 0; i < at; i++)
				got += fill_one(s, list[i], cap);
		got += fill_one(s, list[at], cap);
		list += at + 1;
		n -= at + 1;
	}
	return got;
}

/* Takes what is worth something at the price; µW expected. */
static int64_t take_feeder(selecting *s, size_t f)
{
	uint32_t *list = s->order + s->begin[f];
	size_t n = s->begin[f + 1] - s->begin[f], wanted = 0;
	int64_t sum = 0, got = 0;
	for (size_t i = 0; i < n; i++) {
		const demand_resource *r = &s->list[list[i]];
		s->take[list[i]] = 0;
		if (!r->rate || r->cost >= s->price || !r->max)
			continue;
		sum += r->max;
		got += expected(r, r->max);
		swap(&list[i], &list[wanted++]);
	}
	if (f < s->feeders && sum > s->caps[f]) {
		int64_t cap = s->caps[f];
		return fill_capped(s, list, wanted, &cap);
	}
	for (size_t i = 0; i < wanted; i++)
		s->take[list[i]] = s->list[list[i]].max;
	return got;
}

static int64_t take_all(selecting *s, int64_t price)
{
	int64_t got = 0;
	s->price = price;
	for (size_t f = 0; f <= s->feeders; f++)
		got += take_feeder(s, f);
	return got;
}

typedef struct giver {
	int64_t cost, gives; /* gives: µW expected */
	uint32_t index;
} giver;

/* The dearest first; of equal ones the largest, so that few are left with a part. */
static int by_cost(const void *a, const void *b)
{
	const giver *x = a, *y = b;
	if (x->cost != y->cost)
		return x->cost < y->cost ? 1 : -1;
	if (x->gives != y->gives)
		return x->gives < y->gives ? 1 : -1;
	return (x->index > y->index) - (x->index < y->index);
}

/* One resource gives up to `spare` µW back; how much it was. */
static int64_t give_back(selecting *s, uint32_t i, int64_t spare)
{
	const demand_resource *r = &s->list[i];
	int64_t was = s->take[i];
	if (expected(r, was) <= spare) {
		s->take[i] = 0;
		return expected(r, was);
	}
	int64_t left = was - spare / r->rate;
	s->take[i] = left < r->min ? r->min : left;
	return expected(r, was - s->take[i]);
}

/* Whatever is above the target is given back, the dearest first. */
static hub_status trim(selecting *s, size_t count, int64_t spare)
{
	giver *givers = fail_calloc(count ? count : 1, sizeof *givers);
	size_t n = 0;
	if (!givers)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++)
		if (s->take[i])
			givers[n++] = (giver){ s->list[i].cost, expected(&s->list[i], s->take[i]), (uint32_t)i };
	qsort(givers, n, sizeof *givers, by_cost);
	for (size_t i = 0; i < n && spare > 0; i++)
		spare -= give_back(s, givers[i].index, spare);
	free(givers);
	return HUB_OK;
}

static void sum_up(const selecting *s, size_t count, demand_selection *ret)
{
	__int128 cost = 0;
	int64_t got = 0;
	*ret = (demand_selection){ .marginal = s->price };
	for (size_t i = 0; i < count; i++) {
		int64_t e = expected(&s->list[i], s->take[i]);
		got += e;
		cost += (__int128)e * s->list[i].cost;
		ret->called += s->take[i] > 0;
	}
	ret->expected = got / DEMAND_RATE_ONE;
	/* µW to kW: 10^9. */
	ret->cost = (int64_t)((cost + 999999999) / 1000000000);
}

static hub_status search(selecting *s, size_t count, int64_t target)
{
	int64_t low = 0, high = DEMAND_COST_MAX + 1;
	int64_t wanted = target * DEMAND_RATE_ONE;
	if (take_all(s, high) < wanted)
		return HUB_RANGE;
	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2;
		if (take_all(s, middle) >= wanted)
			high = middle;
		else
			low = middle;
	}
	return trim(s, count, take_all(s, high) - wanted);
}

hub_status demand_select(const demand_resource *resources, size_t count, const int64_t *caps, size_t feeders,
			 int64_t target, int64_t *orders, demand_selection *ret)
{
	if (count > UINT32_MAX || target < 0 || target > INT64_MAX / DEMAND_RATE_ONE)
		return HUB_REJECT;
	for (size_t i = 0; i < count; i++)
		if (!in_range(&resources[i], feeders))
			return HUB_REJECT;
	selecting s = { .list = resources, .feeders = feeders, .caps = caps, .take = orders };
	s.order = fail_calloc(count ? count : 1, sizeof *s.order);
	s.begin = fail_calloc(feeders + 2, sizeof *s.begin);
	hub_status st = s.order && s.begin ? HUB_OK : HUB_NOMEM;
	if (st == HUB_OK) {
		lay_out(&s, count);
		st = search(&s, count, target);
	}
	if (st == HUB_OK || st == HUB_RANGE)
		sum_up(&s, count, ret);
	free(s.order);
	free(s.begin);
	return st;
}
