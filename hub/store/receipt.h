/* What a source was promised: where it stands, and one receipt per stored batch. */
#ifndef STORE_RECEIPT_H
#define STORE_RECEIPT_H

#include "base/log.h"
#include "store/store.h"

/*
 * The number expected next of (source, epoch), 1 at first, locked until the transaction ends, so
 * two who store for one source wait for each other. In a transaction.
 */
hub_status source_lock(store *db, int64_t party, const char *source, uint64_t epoch, uint64_t *ret_next);
hub_status source_advance(store *db, int64_t party, const char *source, uint64_t epoch, uint64_t next);

typedef struct receipt {
	uint64_t id;
	int64_t party;
	const char *source;
	uint64_t epoch, first; /* first: of the records stored, those below were stored before */
	uint32_t count;        /* records from `first` on */
	uint8_t digest[32];    /* of the batch they came in */
	trace_id trace;
	uint32_t stored, duplicates, quarantined;
	hub_time received, committed;
} receipt;

/* A number for a receipt that is to be written: rows refer to it before the counts are known. */
hub_status receipt_number(store *db, uint64_t *ret);
/* With r->id from receipt_number. `committed` is not read: the database's clock. */
hub_status receipt_insert(store *db, const receipt *r);

hub_status receipt_by_id(store *db, uint64_t id, arena *a, receipt *ret); /* HUB_MISSING */
/* The receipt that holds this record of the source, to answer a repeat as the first time. HUB_MISSING. */
hub_status receipt_of_record(store *db, int64_t party, const char *source, uint64_t epoch, uint64_t sequence,
			     arena *a, receipt *ret);
hub_status receipt_by_trace(store *db, const trace_id *trace, arena *a, receipt **ret, size_t *ret_count);
/* The newest of a party, of its source (NULL: of all), below `before` (0: from the newest). */
hub_status receipt_of_party(store *db, int64_t party, const char *source, uint64_t before, size_t limit, arena *a, receipt **ret,
			    size_t *ret_count);
/* The newest of a source (NULL: of all) below `before` (0: from the newest). */
hub_status receipt_list(store *db, const char *source, uint64_t before, size_t limit, arena *a, receipt **ret,
			size_t *ret_count);

#endif
