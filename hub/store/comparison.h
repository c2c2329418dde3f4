/* Comparisons with neighbours as rows: what homes were, where they stood. The rules are in hub/compare. */
#ifndef STORE_COMPARISON_H
#define STORE_COMPARISON_H

#include "store/store.h"

enum { COMPARISON_USES = 4 }; /* electricity, water, gas, heat */

typedef struct comparison_cycle {
	int32_t cycle; /* 202610 */
	int16_t rule;
	bool per_area, per_occupants, per_degree_days;
	int64_t weather; /* point; 0: none */
	bool placed;
	int32_t lat;   /* degrees × 10^7 of the homes' plane, if placed */
	int32_t round; /* 0: no run changed anything yet */
} comparison_cycle;

/* Makes the cycle's row if there is none, gives what stands there, and holds it until the caller's transaction ends. */
hub_status comparison_cycle_lock(store *db, const comparison_cycle *wanted, comparison_cycle *ret);
hub_status comparison_cycle_get(store *db, int32_t cycle, comparison_cycle *ret); /* HUB_MISSING */
/* Its round and plane. */
hub_status comparison_cycle_set(store *db, const comparison_cycle *c);

/* A point that an account was supplied at in a part of the cycle, with the home around it. */
typedef struct comparison_place {
	int64_t account, point;
	int16_t revision; /* of its newest bill of the cycle; 0: no bill yet */
	const char *commodity;
	hub_time from, to; /* of the contract, within what was asked */
	int64_t premise;   /* 0: the point is in no home */
	const char *dwelling, *heating;
	hub_value area; /* m²; digits < 0: unknown */
	int16_t occupants;
	bool vacant, placed;
	int32_t lon, lat;
	bool out; /* a resident took the point out of comparisons */
} comparison_place;

/*
 * Of `limit` household accounts above `after` (or of `only`), by account, point and time; *ret_last: the last account
 * looked at, 0: there are no more.
 */
hub_status comparison_places(store *db, int32_t cycle, hub_time from, hub_time to, int64_t after, size_t limit,
			     int64_t only, arena *a, comparison_place **ret, size_t *ret_count, int64_t *ret_last);

typedef struct comparison_home {
	int64_t account;
	int32_t cycle, joined, parted; /* parted 0: it still counts */
	int16_t revision;
	int64_t premise;
	const char *dwelling, *heating;
	int32_t area; /* 0.01 m² */
	int16_t occupants;
	int32_t x, y;
	int64_t use[COMPARISON_USES];
	bool known[COMPARISON_USES];
} comparison_home;

/* Those that counted in a round (0: that still count), by account above `after`. */
hub_status comparison_homes(store *db, int32_t cycle, int32_t round, int64_t after, size_t limit, arena *a,
			    comparison_home **ret, size_t *ret_count);
hub_status comparison_home_add(store *db, const comparison_home *homes, size_t count);
/* They count no more from this round on. */
hub_status comparison_home_part(store *db, int32_t cycle, int32_t round, const int64_t *accounts, size_t count);

typedef struct comparison {
	int64_t account;
	int32_t cycle, round;
	int16_t revision;
	const char *commodity, *reason; /* reason "": an answer */
	hub_value amount;
	int32_t days; /* hundredths */
	int64_t own, factor;
	int16_t peers, rank;
	int64_t median, efficient;
	int32_t within;
	hub_time made;
} comparison;

/* Of accounts (rising), the newest revision of each, by account and commodity. */
hub_status comparison_list(store *db, const int64_t *accounts, size_t count, int32_t cycle, arena *a, comparison **ret,
			   size_t *ret_count);
/* The newest cycle in which an account has any; 0: none. */
hub_status comparison_newest(store *db, int64_t account, int32_t *ret);
/* Adds; a reason that stands there is replaced, an answer never. */
hub_status comparison_put(store *db, const comparison *rows, size_t count);

#endif
