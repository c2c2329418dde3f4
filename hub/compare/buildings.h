/* Buildings beside one another by what they use per square metre in a year. */
#ifndef COMPARE_BUILDINGS_H
#define COMPARE_BUILDINGS_H

#include "base/arena.h"
#include "base/buf.h"
#include "compare/benchmark.h"
#include "store/store.h"

/* Less of the year's readings than this, and the building has no figure. */
enum { BUILDINGS_COVER_PERCENT = 95 };

typedef struct buildings_order {
	int32_t year; /* 1970 … 9998, in each point's own zone */
	int commodity; /* its place in compare_commodities */
	int64_t under; /* a premise: what lies below it; 0: the whole registry */
} buildings_order;

/*
 * Every premise of kind "building" with a point of the commodity of its own (what is measured of homes within is not
 * counted again), by code, as one JSON object with the rule: floor area, use, use a m², and where it stands among those
 * of the same use (the premise's `dwelling`), or why it has no figure: "area", "use" (readings are missing, or cannot be
 * summed), "few" (too few of its kind).
 */
hub_status buildings_write(store *db, const buildings_order *order, arena *a, buf *out);

#endif
