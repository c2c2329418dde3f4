/*
 * CSV whose first row names its columns: they may stand in any order, and others beside them. Pure.
 */
#ifndef REGISTRY_CSV_COLUMNS_H
#define REGISTRY_CSV_COLUMNS_H

#include "registry/csv.h"

typedef struct csv_columns {
	const char *const *names;
	size_t count;			/* ≤ CSV_CELLS_MAX */
	const char *header, *cells;	/* codes of faults: of the first row, of any other */
	size_t places[CSV_CELLS_MAX];	/* set by csv_columns_find: of each name */
} csv_columns;

/* Reads the first row. HUB_REJECT with *fault: there is none, or one of the columns is not there. */
hub_status csv_columns_find(csv_columns *k, csv *c, arena *a, hub_fault *fault);
/* The next row, its cells in the order of the names (room for count). As csv_next; HUB_REJECT too if one is not there. */
hub_status csv_columns_next(const csv_columns *k, csv *c, arena *a, const char **ret_row, hub_fault *fault);

#endif
