/* What the intake leaves for the sequencer, in the transaction that stored the batch. */
#ifndef STORE_ANNOUNCEMENT_H
#define STORE_ANNOUNCEMENT_H

#include "store/store.h"

typedef struct announcement {
	int64_t party;       /* of the source */
	const char *source;
	uint64_t receipt;
	uint32_t types;      /* bit (1 << hub_record_type) of what was stored newly */
	const int64_t *points; /* without repeats */
	size_t point_count;
	const uint16_t *quantities; /* without repeats */
	size_t quantity_count;
	const char *const *kinds; /* of events, without repeats */
	size_t kind_count;
	const char *event; /* JSON of the only event, whose code is its kind; NULL: kinds says it */
} announcement;

/* In the caller's transaction. NOTIFY hub_announcement goes out at COMMIT. */
hub_status announcement_insert(store *db, const announcement *a);
/* How many wait, and since when the oldest does (0: none), for status and metrics. */
hub_status announcement_backlog(store *db, uint64_t *ret_count, hub_time *ret_oldest);

#endif
