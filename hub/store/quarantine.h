/* Records that were refused, with their original, reason and what became of them. */
#ifndef STORE_QUARANTINE_H
#define STORE_QUARANTINE_H

#include "store/store.h"

typedef enum quarantine_state { QUARANTINE_OPEN, QUARANTINE_REPLAYED, QUARANTINE_DROPPED } quarantine_state;

typedef struct quarantine {
	uint64_t id;
	int64_t party;
	uint64_t receipt;
	const char *source;
	uint64_t sequence;            /* of the record at its source */
	const char *code, *field, *message; /* of the fault */
	const uint8_t *record;        /* packed, as it came; only from quarantine_get */
	size_t record_len;
	const uint8_t *raw;           /* the frame or row; only from quarantine_get */
	size_t raw_len;
	quarantine_state state;
	uint64_t replay;              /* the receipt that stored it; 0: none */
	hub_time made;
} quarantine;

/* Many in one statement, in the caller's transaction. id, state, replay, made are not read. */
hub_status quarantine_put(store *db, const quarantine *rows, size_t count);

typedef struct quarantine_filter {
	int64_t party;      /* 0: any */
	const char *source; /* NULL: any */
	const char *code;   /* NULL: any */
	uint64_t receipt;   /* 0: any */
	bool all;           /* not only open ones */
} quarantine_filter;
/* By id above `after`. */
hub_status quarantine_list(store *db, const quarantine_filter *f, uint64_t after, size_t limit, arena *a,
			   quarantine **ret, size_t *ret_count);
/* With record and raw. `lock`: for update, in a transaction, so that it is replayed once. HUB_MISSING. */
hub_status quarantine_get(store *db, uint64_t id, bool lock, arena *a, quarantine *ret);
/* HUB_CONFLICT: it is no longer open. receipt is read for REPLAYED. */
hub_status quarantine_close(store *db, uint64_t id, quarantine_state state, uint64_t receipt);
hub_status quarantine_count(store *db, uint64_t *ret_open);

#endif
