#include "base/clock.h"
#include "compare/peers.h"
#include "ctl/bench.h"

#include <stdlib.h>

/* A city of estates on a 60 km square: type, heating and size of a home vary as in the simulated one. */
enum { HOMES = 1000000, ESTATES = 2000, RUNS = 5 };

static uint64_t state = 0x9e3779b97f4a7c15u;

static uint32_t rnd(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 32) % below;
}

static void build(compare_home *homes)
{
	int32_t x[ESTATES], y[ESTATES];
	for (int e = 0; e < ESTATES; e++) {
		x[e] = (int32_t)rnd(60000);
		y[e] = (int32_t)rnd(60000);
	}
	for (int i = 0; i < HOMES; i++) {
		compare_home *h = &homes[i];
		uint32_t e = rnd(ESTATES);
		*h = (compare_home){ .id = i + 1, .x = x[e] + (int32_t)rnd(500), .y = y[e] + (int32_t)rnd(500),
				     .area = 4000 + rnd(11000), .dwelling = (uint8_t)rnd(4), .heating = (uint8_t)rnd(3),
				     .occupied = rnd(20) != 0, .opted_out = rnd(50) == 0 };
		for (int c = 0; c < COMPARE_COMMODITIES; c++)
			h->use[c] = (int64_t)h->area * (50 + rnd(100));
		if (rnd(5) == 0)
			h->use[2] = COMPARE_UNKNOWN; /* no gas */
		if (rnd(5) != 0)
			h->use[3] = COMPARE_UNKNOWN; /* no car */
	}
}

static hub_status run(const compare_home *homes, compare_scratch *s, double *ret_us)
{
	int64_t from = clock_monotonic();
	compare_city *city = NULL;
	hub_status st = compare_city_new(homes, HOMES, &city);
	size_t count = 0;
	const uint32_t *order = st == HUB_OK ? compare_city_order(city, &count) : NULL;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		compare_result results[COMPARE_COMMODITIES];
		st = compare_home_results(city, order[i], s, results);
	}
	if (st == HUB_OK)
		*ret_us = (double)(clock_monotonic() - from) / HOMES;
	compare_city_free(city);
	return st;
}

static int rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

hub_status bench_compare(bench *b, hub_fault *fault)
{
	(void)fault;
	compare_home *homes = malloc(HOMES * sizeof *homes);
	compare_scratch *s = compare_scratch_new();
	double us[RUNS];
	hub_status st = homes && s ? HUB_OK : HUB_NOMEM;
	if (st == HUB_OK)
		build(homes);
	for (int i = 0; st == HUB_OK && i < RUNS; i++)
		st = run(homes, s, &us[i]);
	if (st == HUB_OK) {
		qsort(us, RUNS, sizeof *us, rising);
		bench_report(b, "compare", us[RUNS / 2], "us", NULL, 0);
	}
	free(homes);
	compare_scratch_free(s);
	return st;
}
