/*
 * What benches are held against: for the intake the same rows by COPY into a table like the readings' own, for the API the
 * same statement by libpq, and nothing else.
 */
#ifndef STORE_YARDSTICK_H
#define STORE_YARDSTICK_H

#include "store/series.h"

hub_status yardstick_make(store *db); /* the table, with the same columns, defaults and indexes */
/* One transaction: begin, COPY, commit. No key may be there yet. */
hub_status yardstick_copy(store *db, const series_row *rows, size_t count, uint64_t receipt);
/* The statement of a raw page, its rows fetched and counted, none made into anything. */
hub_status yardstick_read(store *db, const series_query *q, arena *a, size_t *ret_rows);

#endif
