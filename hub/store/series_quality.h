/* How late and how whole readings are: figures over many, never a value. */
#ifndef STORE_SERIES_QUALITY_H
#define STORE_SERIES_QUALITY_H

#include "store/store.h"

typedef struct series_late {
	bool known;
	int64_t median, most; /* µs from a reading's time until it was stored: half of them, 95 of 100 */
} series_late;

/* Of what these receipts stored (at most 500 readings of each). */
hub_status series_lateness(store *db, const int64_t *receipts, size_t count, series_late *ret);

typedef struct series_whole {
	const char *party, *commodity; /* who reads the points */
	int64_t points, expected, present; /* intervals in the period */
} series_whole;

/* Of points with a raster, of their main quantity; party 0: of all. By party and commodity. */
hub_status series_wholeness(store *db, int64_t party, hub_time from, hub_time to, arena *a, series_whole **ret, size_t *ret_count);

#endif
