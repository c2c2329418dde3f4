/*
 * The small tables a host replicates to an adapter: (table, key) → value, ordered by key. Rows put
 * in rising order cost no move, which is how the core sends them.
 */
#ifndef HOST_TABLE_H
#define HOST_TABLE_H

#include <hub/status.h>

#include <stdbool.h>
#include <stddef.h>

typedef struct table_row {
	char *name, *key, *value; /* of the table; one allocation, name first */
} table_row;

typedef struct tables {
	table_row *rows; /* sorted by (name, key), each pair once */
	size_t count, cap;
} tables;

void tables_fini(tables *t); /* zero-initialised needs no init */
/* value NULL removes. HUB_NOMEM: unchanged. */
hub_status tables_put(tables *t, const char *name, const char *key, const char *value);
/* NULL: absent. */
const table_row *tables_find(const tables *t, const char *name, const char *key);
/* The first row of the table whose key is above `after`; NULL: none. */
const table_row *tables_next(const tables *t, const char *name, const char *after);

#endif
