/*
 * Delivery positions: each party has one feed, a gapless run of positions 1, 2, 3, … Each
 * points at a stored batch (a receipt) or a message. docs/decisions/0006-positions.md
 *
 * Positions are given after commit: the intake's transaction only leaves an announcement; the
 * sequencer, one at a time per party, takes committed announcements and numbers them. A position,
 * once seen, never gets a neighbour below it, so a reader who goes on from the last position it
 * saw misses nothing, however late a transaction commits.
 *
 * Content and right are computed when an entry is read: a reading is shown if a policy permits
 * it at that moment; an entry of which nothing may be seen is skipped, its position remains used.
 */
#ifndef DELIVER_FEED_H
#define DELIVER_FEED_H

#include "store/store.h"

typedef struct feed_entry {
	uint64_t position; /* 1 … */
	uint64_t receipt;  /* the batch it points at */
	hub_time at;       /* when it was numbered */
} feed_entry;

/*
 * Numbers the committed announcements, at most `limit`; *ret_done how many. Any number of
 * processes may call it at once. Own transaction.
 */
hub_status feed_sequence(store *db, size_t limit, size_t *ret_done);

/* The entries after `after`, in order. Changes nothing. */
hub_status feed_peek(store *db, int64_t party, uint64_t after, size_t limit, arena *a,
		     feed_entry **ret_entries, size_t *ret_count);

/* The party has everything up to `position`. Going back is HUB_REJECT (replay is another call),
   beyond the last given one too; the same again is fine. */
hub_status feed_dequeue(store *db, int64_t party, uint64_t position, hub_fault *fault);

/* acknowledged: dequeued up to here; last: the newest position given. */
hub_status feed_state(store *db, int64_t party, uint64_t *ret_acknowledged, uint64_t *ret_last);

#endif
