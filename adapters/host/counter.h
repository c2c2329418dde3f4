/* An instance's counters by name: a hash table of as many as there are. */
#ifndef HOST_COUNTER_H
#define HOST_COUNTER_H

#include <hub/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct counter counter;

typedef struct counters {
	counter **buckets; /* zero-initialised needs no init */
	size_t bucket_count, count;
} counters;

void counters_fini(counters *c);
/* Adds step, gives the new value; a counter that is not there is 0. HUB_NOMEM, HUB_RANGE: unchanged. */
hub_status counters_add(counters *c, const char *name, int64_t step, int64_t *ret_value);
hub_status counters_put(counters *c, const char *name, int64_t value);

#endif
