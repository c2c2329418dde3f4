/* What the files behind series.h share. */
#ifndef STORE_SERIES_ROWS_H
#define STORE_SERIES_ROWS_H

#include "store/series.h"
#include "store/statement.h"

/* The order of reading_key without the version: point, quantity, channel, time, start, kind. */
int series_key_compare(const series_row *a, const series_row *b);

enum { SERIES_WRITE_MAX = 8192 };

/* A row's place in key order; `head` begins a run of equal keys. */
typedef struct series_slot {
	const series_row *row;
	uint16_t item; /* its place in the call */
	bool head, inserted;
} series_slot;

/*
 * First versions by COPY, nearly as fast as PostgreSQL takes rows at all. *ret_done false: some
 * key was there already (or the connection has seen too many such lately); nothing is written.
 */
hub_status series_copy(store *db, const series_slot *const *rows, size_t n, uint64_t receipt, bool *ret_done);

#define SERIES_COPY_COLUMNS "point, receipt, time, start, digits, flags, quantity, item, kind, scale, channel"
/* COPY's binary form of the rows. */
void series_copy_pack(buf *b, const series_slot *const *rows, size_t n, uint64_t receipt);
/*
 * `start` opens the COPY; then `keep` is run if the rows were taken, or `undo` if one was there
 * already (*ret_done tells).
 */
hub_status series_copy_send(store *db, const char *start, const char *keep, const char *undo, const buf *b, bool *ret_done);

/* A place in the page order (point, channel, time, start, kind): what lies above is still to come. */
typedef struct series_place {
	int64_t point;
	const char *channel;
	hub_time time, start;
	uint8_t kind;
} series_place;

/* The cursor's text of a place, bound to the query so that another's is refused; NULL place: the end. */
hub_status series_cursor_make(const series_query *q, const series_place *place, series_cursor *ret);
/* ret_place->point INT64_MIN for the start. HUB_REJECT: not ours, or of another query. */
hub_status series_cursor_read(const series_query *q, const series_cursor *cursor, arena *a, series_place *ret_place,
			      hub_fault *fault);

/* The query's points from `from` on, rising and without repeats. */
hub_status series_points(const series_query *q, int64_t from, arena *a, int64_t **ret, size_t *ret_count);

/* A row of (point, receipt, time, start, recorded, digits, scale, flags, version, quantity, kind,
   channel, item) whose first column is `col`. */
void series_fetch(fetch *f, int row, int col, series_item *ret);
/* Fills in what series_explain wrote about these rows; asks only if the hub flagged one. */
hub_status series_reasons(store *db, arena *a, series_item *items, size_t count);

/* What the statement series_raw is asked with. */
hub_status series_raw_args(const series_query *q, const series_place *above, bool whole, size_t limit, arena *a, args *in);
/* One page of rows above a place; `whole`: with instants at the very end of the period. */
hub_status series_raw(store *db, const series_query *q, const series_place *above, bool whole, size_t limit, arena *a,
		      series_item **ret, size_t *ret_count);
hub_status series_steps(store *db, const series_query *q, const series_place *above, size_t limit, arena *a,
			series_item **ret, size_t *ret_count);

#endif
