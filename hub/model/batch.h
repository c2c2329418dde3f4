/*
 * A run of records from one source, with consecutive sequence numbers: what the intake wire
 * carries and what one transaction stores. docs/decisions/0003-wires.md
 */
#ifndef MODEL_BATCH_H
#define MODEL_BATCH_H

#include "base/log.h"
#include "model/record.h"

typedef struct batch_id {
	const char *source; /* the adapter instance, [a-z0-9_-]{1,64} */
	uint64_t epoch;     /* of the source's journal: a new one never repeats an old one */
	uint64_t first;     /* sequence number of the first record; numbers start at 1 */
} batch_id;

typedef struct batch {
	batch_id id;
	trace_id trace;
	record *records;
	size_t count;
	uint8_t digest[32]; /* SHA-256 of the packed records, for the receipt */
} batch;

enum { BATCH_BYTES_MAX = 1024 * 1024, BATCH_RECORDS_MAX = 8192 };

/* Writing: head, then every record already packed (as the journal holds them). */
void batch_head_pack(buf *out, const batch_id *id, const trace_id *trace, size_t count);
void batch_record_pack(buf *out, const uint8_t *packed, size_t len);

/* Reading: everything into the arena. A record that cannot be unpacked becomes a HUB_RECORD_FAULT
   ("record.malformed") in its place, so its neighbours are stored. HUB_REJECT: the head is bad. */
hub_status batch_unpack(const uint8_t *bytes, size_t len, arena *a, batch *ret, hub_fault *fault);

/* What became of it: the answer on the intake wire. */
typedef struct batch_answer {
	batch_id id;
	hub_status status;   /* OK: committed (now or before). AGAIN: send again later. DENIED, CONFLICT: never */
	uint64_t receipt;    /* number of the receipt; `hubctl trace` takes it */
	uint32_t stored, duplicates, quarantined;
	const char *message; /* for the log, "" if fine */
} batch_answer;

void batch_answer_pack(buf *out, const batch_answer *answer);
hub_status batch_answer_unpack(const uint8_t *bytes, size_t len, arena *a, batch_answer *ret);

#endif
