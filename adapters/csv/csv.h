/* The csv adapter inside: a document's state and how a row becomes records. */
#ifndef CSV_CSV_H
#define CSV_CSV_H

#include "config.h"
#include "row.h"
#include "series.h"
#include "stamp.h"

enum { JOINED_MAX = 160, NO_COLUMN = -1 };

/* A column's place in this document's rows; -1: none. */
typedef struct place {
	int part[COLUMN_PARTS_MAX];
} place;

typedef struct columns {
	place meter, channel, quantity, unit, time, start, end;
	place values[VALUES_MAX];
	size_t needed; /* fields a row must have */
} columns;

/* A row as read, before its values. Texts point into the row. */
typedef struct row_head {
	const char *meter, *channel, *quantity, *unit; /* the last three NULL when no column gives them */
	bool has_start;
	stamp start, end;
} row_head;

/* What a value column of a row comes to. */
typedef struct outcome {
	enum { OUTCOME_NOTHING, OUTCOME_READING, OUTCOME_REFUSED } what;
	hub_reading reading;
	hub_fault fault;
	series *series;
	bool becomes_base; /* what the next row is measured from */
	hub_time start, end;
	hub_value value;
} outcome;

/* Finds the columns by the header's names, or by number when header is NULL. */
hub_status columns_find(const config *c, const row *header, columns *ret, hub_fault *fault);

/* number: the row's, for messages; `text` is scratch for joined columns and must outlive *ret. */
hub_status row_head_read(const config *c, const columns *k, const row *r, size_t number,
			 char text[][JOINED_MAX], row_head *ret, hub_fault *fault);

/* HUB_OK with *ret filled; HUB_NOMEM. */
hub_status value_read(const config *c, const columns *k, const row *r, size_t number, const row_head *head, size_t i,
		      series_map *map, outcome *ret);

/* The field without the spaces around it, joined parts with a space between. "" if the column is none. */
const char *place_text(const row *r, const place *p, char joined[JOINED_MAX]);

#endif
