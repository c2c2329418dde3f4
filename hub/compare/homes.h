/* Homes of a cycle on their way from the store to peers.h and back, for homes.c, measure.c and run.c only. */
#ifndef COMPARE_HOMES_H
#define COMPARE_HOMES_H

#include "base/zone.h"
#include "compare/peers.h"
#include "compare/run.h"

_Static_assert((int)COMPARE_COMMODITIES == (int)COMPARISON_USES, "one list of commodities");

/* A commodity of a home. */
typedef struct home_use {
	bool supplied; /* it has a point of it */
	bool answered; /* an answer stands there: frozen */
	bool wanted;   /* to be answered in this run */
	bool known;    /* own is */
	bool spoiled;  /* what was measured cannot be counted */
	decimal amount;
	int64_t covered; /* µs, summed over points until measured */
	int points;	 /* with readings */
	int64_t own, factor;
	const char *reason; /* no answer; NULL: not told yet */
	const char *before; /* the reason that stands there; NULL: none */
} home_use;

typedef struct run_home {
	int64_t account, premise;
	int16_t revision, occupants;
	const char *dwelling, *heating; /* of the run's words */
	uint8_t dwelling_code, heating_code;
	uint32_t area; /* 0.01 m² */
	bool placed, stored, changed, parted;
	int32_t lon, lat, x, y;
	const char *reason; /* of the whole home; NULL: it counts */
	home_use use[COMPARISON_USES];
} run_home;

/* Names seen so far, by code. */
typedef struct words {
	const char *list[256];
	size_t count;
} words;

typedef struct run {
	store *db;
	const compare_order *order;
	comparison_cycle cycle;
	hub_time start, end; /* of the cycle, in the city's zone */
	zone *zone;
	int64_t degrees[31]; /* 0.01 K d of each day; -1: no temperature */
	arena words_at;	     /* of words */
	words dwellings, heatings;
	run_home *homes; /* by account */
	size_t count, cap;
} run;

/* A cycle's month in the run's zone, and the temperatures of its days if the cycle is divided by them. */
hub_status run_open(run *r, const compare_order *order, hub_fault *fault);
void run_close(run *r);
/* All homes with their attributes, their use, and what stands there. */
hub_status run_gather(run *r, hub_fault *fault);

/* Reads what the wanted uses of homes[from …) come to; places are those of these homes, by account. */
hub_status run_measure(run *r, size_t from, const comparison_place *places, size_t count);
/* Degree-days a day in the mean over the days of [from, to) that have a temperature; 0: too few. */
int64_t run_degrees(const run *r, hub_time from, hub_time to);

#endif
