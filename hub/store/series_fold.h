/*
 * Amounts per bucket from what a series holds, pure: intervals summed, registers differenced over
 * the segments of the devices that were installed. Where a bucket has both, its intervals count, and
 * of the registers what they rose after the last interval's end. docs/decisions/0005-series.md
 */
#ifndef STORE_SERIES_FOLD_H
#define STORE_SERIES_FOLD_H

#include "base/decimal.h"
#include "store/series.h"

/* One device at the point: [from, to), to 0 open. Without any, one segment holds for all time. */
typedef struct series_segment {
	hub_time from, to;
	hub_value multiplier;
	hub_value modulus;       /* digits 0: unknown */
	bool has_start, has_end; /* the register when the device came and went */
	hub_value start, end;
} series_segment;

typedef struct series_fold {
	/* Given: the period, the cut, and what stands at the point. */
	hub_time from, to;
	series_step step;
	const zone *zone;
	int64_t interval; /* µs of the point's raster; 0: unknown */
	const series_segment *segments; /* by from */
	size_t segment_count;

	/* The register so far. */
	size_t begun;  /* segments that began: [0, begun) */
	bool within;   /* the last of them has not ended */
	bool has_base;
	decimal base;
	hub_time base_time, covered; /* when the register stood so; the end of the last interval */

	/* The bucket being filled, (start, end]; end 0: none. */
	hub_time start, end;
	decimal intervals, registers;
	uint32_t interval_count, register_count, flags_i, flags_r;
	int64_t measured; /* µs of the intervals together */
	decimal beyond;	  /* of `registers`, what came after the last interval, and in how many µs */
	int64_t beyond_time;
	hub_time known_at;

	/* Out: full buckets, in order. */
	series_item *items;
	size_t count, limit;
	hub_status st; /* sticky: HUB_RANGE when an amount does not fit */
} series_fold;

/* The start of the bucket that holds t, and of the next one. zone NULL: UTC. */
hub_time series_bucket(const zone *z, series_step step, hub_time t);
hub_time series_bucket_next(const zone *z, series_step step, hub_time t);

/* The register's last standing at or before `from`, before any row; may be left out. */
void series_fold_base(series_fold *f, hub_time time, hub_value standing);
/* Rows with rising time; false when `limit` buckets are full, and then no more is taken. */
bool series_fold_row(series_fold *f, const series_item *item);
/* No more rows: closes what is open. */
void series_fold_end(series_fold *f);

#endif
