/* What is remembered of each (meter, channel, quantity) of a document: its row before. */
#ifndef CSV_SERIES_H
#define CSV_SERIES_H

#include <hub/adapter.h>

typedef struct series {
	struct series *next; /* of its bucket */
	bool any;            /* the fields below hold */
	hub_time start, end; /* of the row before; start 0 if it had none */
	hub_value value;     /* as in the row, after the factor */
	char key[];
} series;

enum { SERIES_BUCKETS = 1024, SERIES_MAX = 100000 };

typedef struct series_map {
	series **buckets; /* SERIES_BUCKETS, or NULL */
	size_t count;
} series_map;

/* The series, made empty if new. NULL: no memory, or SERIES_MAX reached. */
series *series_at(series_map *map, const char *meter, const char *channel, const char *quantity);
void series_fini(series_map *map); /* reusable afterwards */

#endif
