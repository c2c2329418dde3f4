/*
 * The two calls through which readings are reached. No other file names a reading table, so the
 * engine behind can change. docs/decisions/0005-series.md
 *
 * A row's identity (exactly-once key) is (point, channel, quantity, kind, start, time). Writing
 * the same value again is a duplicate and changes nothing; writing another value makes a later
 * version, and the earlier stays readable with `known_at`.
 */
#ifndef STORE_SERIES_H
#define STORE_SERIES_H

#include "base/zone.h"
#include "model/quantity.h"
#include "store/store.h"

typedef struct series_row {
	int64_t point;
	uint16_t quantity;   /* quantity.number */
	uint8_t kind;        /* hub_kind */
	const char *channel; /* ≤ 32 bytes */
	hub_time start;      /* 0 unless an interval */
	hub_time time;
	hub_value value;     /* in the quantity's unit */
	uint32_t flags;      /* hub_flag */
} series_row;

typedef enum series_outcome { SERIES_NEW = 1, SERIES_DUPLICATE, SERIES_VERSION } series_outcome;

/*
 * Writes rows in the caller's transaction, under the receipt they came with. ret_outcomes has
 * `count` places. Two rows of one key within the call: the later is a version of the earlier (or
 * a duplicate). count ≤ 8,192. One call a receipt: a row's place in it is its place in the call.
 */
hub_status series_write(store *db, const series_row *rows, size_t count, uint64_t receipt,
			series_outcome *ret_outcomes);

/* Why a flag (one bit) stands on the item'th row of a receipt. */
typedef struct series_reason {
	int64_t point;
	uint16_t item;
	uint32_t flag;
	const char *text;
} series_reason;

/* In the caller's transaction, after series_write, for rows it did not call duplicates. */
hub_status series_explain(store *db, const series_reason *reasons, size_t count, uint64_t receipt);

typedef enum series_step {
	SERIES_RAW,   /* rows as they are */
	SERIES_HOUR,  /* amounts per local hour, day, month: intervals summed, registers differenced */
	SERIES_DAY,
	SERIES_MONTH,
} series_step;

typedef struct series_query {
	const int64_t *points;
	size_t point_count;
	uint16_t quantity;
	const char *channel;   /* NULL: every channel */
	hub_time from, to;     /* rows with from < time <= to for amounts and registers as amounts;
				  from <= time < to for raw instants, states and registers */
	series_step step;
	const zone *zone;      /* for HOUR and above; NULL: UTC */
	hub_time known_at;     /* versions recorded up to then; 0: now */
	size_t limit;          /* rows a page, 1 … 10,000 */
} series_query;

typedef struct series_item {
	series_row row;        /* for steps: kind HUB_INTERVAL, start and time the bucket's */
	hub_time known_at;     /* when this version was recorded */
	uint32_t version;      /* 0 the first */
	uint64_t receipt;
	uint16_t item;         /* its place in the receipt */
	const char *const *reasons; /* why the hub flagged it, for people; not for steps */
	size_t reason_count;
	uint32_t present, expected; /* steps only: source intervals found and expected (0: unknown) */
} series_item;

/* Where to go on; opaque text that may be handed to a caller. "" starts, "" when there is no more. */
typedef struct series_cursor {
	char text[120];
} series_cursor;

/*
 * One page in the order (point, channel, time, start, kind). Items live in the arena. A cursor
 * that is not ours is HUB_REJECT.
 */
hub_status series_read(store *db, const series_query *q, series_cursor *cursor, arena *a,
		       series_item **ret_items, size_t *ret_count, hub_fault *fault);

/* One channel of one point: its buckets in order, as series_read gives them, but without known_at. */
typedef struct series_amounts {
	int64_t point;
	series_item *items;
	size_t count;
} series_amounts;

/*
 * series_read of whole amounts for many points (rising, without repeats; at most 1,024), every channel, no pages: `limit` and
 * `channel` are not looked at, the step is HOUR or above. By point and channel; a point without readings is left out.
 */
hub_status series_read_amounts(store *db, const series_query *q, arena *a, series_amounts **ret, size_t *ret_count);

/* What a receipt stored (new rows and versions), in the order of its records, from the item'th on;
   *ret_next where to go on, 0 when there is no more. Row fields as in SERIES_RAW. */
hub_status series_of_receipt(store *db, uint64_t receipt, size_t item, size_t limit, arena *a,
			     series_item **ret_items, size_t *ret_count, size_t *ret_next);

/* The same of several receipts, in the order given, of the first from the item'th on, of these points (point_count 0: of
   all). As many as `limit`: the last one's rows may not be all. */
hub_status series_of_receipts(store *db, const int64_t *receipts, size_t receipt_count, const int64_t *points, size_t point_count,
			      size_t item, size_t limit, arena *a, series_item **ret_items, size_t *ret_count);

/* The last row of each point's quantity before a time, for register checks; *ret_found[i] false if none. */
hub_status series_last(store *db, const series_row *keys, size_t count, series_row *ret_rows, bool *ret_found);

#endif
