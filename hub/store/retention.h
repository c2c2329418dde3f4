/*
 * Clearing what deliveries leave behind: entries of outboxes and feeds, records of what went out, dead letters.
 * Readings and messages themselves stay; only the position that told of them goes, and with it the replay from there.
 */
#ifndef STORE_RETENTION_H
#define STORE_RETENTION_H

#include "store/store.h"

/* µs. */
typedef struct retention {
	int64_t delivered;   /* so long what was acknowledged can be replayed */
	int64_t undelivered; /* so long what nobody took is kept; dead letters too */
} retention;

/*
 * One small step, at most about `limit` rows of each kind, in a transaction of its own; only one process at a time does
 * it. *ret_cleared 0: nothing is left to do, or another is at it.
 */
hub_status retention_step(store *db, const retention *r, hub_time now, size_t limit, size_t *ret_cleared);

#endif
