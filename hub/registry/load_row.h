/* One row of a bulk load: its cells and what becomes of them. */
#ifndef REGISTRY_LOAD_ROW_H
#define REGISTRY_LOAD_ROW_H

#include "registry/load.h"
#include "store/party.h"

typedef struct load_column {
	const char *name;
	bool required; /* the cell may not be empty */
} load_column;

typedef struct loader {
	store *db;
	arena *row;            /* of this row, forgotten after it */
	const party *parties;  /* all, by code */
	size_t party_count;
	const load_column *columns;
	const char *const *cells; /* by column; "" where the file has none */
	char premise_code[72];    /* looked up last */
	int64_t premise;
	char zone[64]; /* known to exist */
} loader;

/* Puts the row. *ret_existed: its thing was there before. */
typedef hub_status (*load_row)(loader *l, bool *ret_existed, bool *ret_changed, hub_fault *fault);

typedef struct load_table {
	const char *name;
	const load_column *columns; /* ended by a NULL name */
	load_row row;
} load_table;

extern const load_table load_tables[]; /* by load_kind */

#endif
