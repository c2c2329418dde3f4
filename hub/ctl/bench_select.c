#include "base/clock.h"
#include "ctl/bench.h"
#include "demand/bound.h"

#include <stdlib.h>

/* A city's chargers, buildings and homes: a quarter of what it could give, over a thousand feeders. */
enum { RESOURCES = 100000, FEEDERS = 1000, RUNS = 5 };

typedef struct city {
	demand_resource list[RESOURCES];
	int64_t caps[FEEDERS], orders[RESOURCES], target;
} city;

static uint64_t state = 0x9e3779b97f4a7c15u;

static int64_t rnd(int64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (int64_t)((state >> 16) % (uint64_t)below);
}

static void build(city *c)
{
	int64_t possible = 0;
	for (size_t i = 0; i < RESOURCES; i++) {
		bool charger = rnd(3) == 0;
		demand_resource *r = &c->list[i];
		*r = (demand_resource){ .max = charger ? 1400 * (1 + rnd(5)) : 300 + rnd(6000), .cost = 2000 + rnd(80000),
					.rate = (uint32_t)(600000 + rnd(400001)), .feeder = (uint32_t)rnd(FEEDERS) };
		r->min = charger ? 0 : r->max;
		possible += r->max;
	}
	/* Every third feeder is tight. */
	for (size_t f = 0; f < FEEDERS; f++)
		c->caps[f] = possible / FEEDERS * (f % 3 ? 100 : 15) / 100;
	c->target = possible / 4;
}

static int rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

hub_status bench_select(bench *b, hub_fault *fault)
{
	(void)fault;
	city *c = malloc(sizeof *c);
	demand_selection got = { 0 };
	double took[RUNS], least = 0;
	hub_status st = c ? HUB_OK : HUB_NOMEM;
	if (st == HUB_OK)
		build(c);
	for (int i = 0; st == HUB_OK && i < RUNS; i++) {
		int64_t from = clock_monotonic();
		st = demand_select(c->list, RESOURCES, c->caps, FEEDERS, c->target, c->orders, &got);
		took[i] = (double)(clock_monotonic() - from) / 1e6;
	}
	int64_t from = clock_monotonic();
	if (st == HUB_OK)
		st = demand_bound(c->list, RESOURCES, c->caps, FEEDERS, c->target, &least);
	if (st == HUB_OK) {
		qsort(took, RUNS, sizeof *took, rising);
		bench_report(b, "select", took[RUNS / 2], "s", "CLP's linear programme", (double)(clock_monotonic() - from) / 1e6);
		bench_report(b, "select-gap", ((double)got.cost / least - 1) * 100, "%", NULL, 0);
		if (got.expected < c->target)
			st = HUB_FAILED;
	}
	free(c);
	return st;
}
