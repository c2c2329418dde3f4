/*
 * Publishes days: reads what was measured in them, decides (publish.h), and keeps the sums for good. A day that is published
 * is never made anew, as the difference would tell what one customer's correction was.
 */
#ifndef AGGREGATE_DAY_H
#define AGGREGATE_DAY_H

#include "base/zone.h"
#include "store/aggregate.h"

/* The city's: days and months of its sums are cut in it. */
#define AGGREGATE_ZONE "Asia/Shanghai"
/* Amounts are summed in units of 10^-6, rounded half to even. */
enum { AGGREGATE_SCALE = 6 };

typedef struct aggregate_kind {
	const char *commodity;
	const char *quantities[2]; /* a point's amounts are the first of these it has; second may be NULL */
	const char *unit;
} aggregate_kind;
/* NULL-ended by commodity. */
extern const aggregate_kind aggregate_kinds[];
const aggregate_kind *aggregate_kind_of(const char *commodity); /* NULL: none */

typedef struct aggregate_work {
	const aggregate_kind *kind;
	hub_time from, to; /* local days, [from, to) */
	unsigned whole;    /* percent of the points that must be measured, or the day is left for later; 0: any */
} aggregate_work;

typedef struct aggregate_report {
	size_t published, left, already; /* days */
	size_t sums, withheld;           /* of areas in days that were published now */
} aggregate_report;

/* Own transaction a day; adds to *ret. Points without an area are not looked at. */
hub_status aggregate_day_publish(store *db, const aggregate_work *w, const zone *z, aggregate_report *ret);

#endif
