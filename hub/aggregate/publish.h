/*
 * Which sums of one day may be published, so that nobody learns of one customer: pure.
 *
 * A sum is published if it is of 15 customers or more and none of them makes more than 15 % of it. Published sums may be
 * subtracted from each other, so the same holds for whatever remains of an area without the published areas within it (an
 * "atom"; everything that can be computed from the published sums of a tree is a union of atoms): where it would not hold, a
 * small area within is withheld too. A day's hours are published all or none, as the last one would follow from the day; the
 * areas with hours are among those with the day. Longer periods are sums of published days and add no knowledge.
 */
#ifndef AGGREGATE_PUBLISH_H
#define AGGREGATE_PUBLISH_H

#include <hub/adapter.h>

#include "base/arena.h"

enum { AGGREGATE_CUSTOMERS = 15, AGGREGATE_SHARE = 15 /* % */, AGGREGATE_HOURS = 25 };

typedef enum aggregate_verdict {
	AGGREGATE_NONE,       /* nothing was measured there, or for hours: not of everybody by the hour */
	AGGREGATE_PUBLISHED,
	AGGREGATE_FEW,        /* fewer than 15 customers */
	AGGREGATE_DOMINANT,   /* one has more than 15 % */
	AGGREGATE_DIFFERENCE, /* what would remain of the area above it breaks a rule */
} aggregate_verdict;

typedef struct aggregate_area {
	int parent; /* its place, before this one; -1: a root */
} aggregate_area;

/* One customer's amount at one place; the same customer may have several. All in the same unit and scale. */
typedef struct aggregate_use {
	int area;         /* the smallest one it lies in */
	int64_t customer;
	int64_t day;      /* with hours: their sum */
	uint32_t known;   /* bit h: hours[h] was measured; 0: only the day */
	int64_t hours[AGGREGATE_HOURS];
} aggregate_use;

typedef struct aggregate_sum {
	aggregate_verdict day, hourly;
	size_t customers;                /* these two only if the day is published */
	int64_t sum;
	int64_t hours[AGGREGATE_HOURS];  /* only if they are */
} aggregate_sum;

/*
 * uses are sorted by customer. hours: how many the day has. ret_sums has area_count places, in the order of the areas.
 * HUB_RANGE: a sum is too large; HUB_NOMEM. The arena holds what is forgotten afterwards.
 */
hub_status aggregate_publish(const aggregate_area *areas, size_t area_count, aggregate_use *uses, size_t use_count, size_t hours,
			     arena *a, aggregate_sum *ret_sums);

const char *aggregate_verdict_name(aggregate_verdict v); /* "none", "published", "count", "dominance", "difference" */
aggregate_verdict aggregate_verdict_of(const char *name);

#endif
