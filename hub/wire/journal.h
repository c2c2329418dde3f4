/*
 * The zone's journal: records in order, on disk before the promise, deleted after COMMIT.
 * One writer process and one reader process (may be the same); docs/decisions/0004-journal.md.
 *
 * A directory holds segments "<first seq, 20 digits>.jnl" and "acked". Appended bytes are in the
 * kernel after journal_append, so they survive the death of any process; with `sync` also the
 * machine's.
 */
#ifndef WIRE_JOURNAL_H
#define WIRE_JOURNAL_H

#include <hub/adapter.h>

#include "base/buf.h"

typedef struct journal_limits {
	uint64_t bytes;        /* all segments together; beyond it append answers HUB_AGAIN */
	uint64_t segment_bytes;
	int64_t age;           /* µs; an unacknowledged record older than this closes the door too; 0: no bound */
	bool sync;             /* fdatasync in journal_flush */
} journal_limits;

typedef struct journal journal;               /* the writing side */
typedef struct journal_reader journal_reader; /* the reading side */

/*
 * Opens or makes the directory and takes its lock (HUB_CONFLICT: another writer has it). A torn
 * last record is cut off. A new journal gets a new epoch (µs of its making, above any it had).
 */
hub_status journal_open(const char *dir, const journal_limits *limits, hub_time now, journal **ret, hub_fault *fault);
void journal_close(journal *j);

/* Appends one packed record; *ret_seq its number. HUB_AGAIN: full or too old. HUB_FAILED: disk. */
hub_status journal_append(journal *j, const uint8_t *packed, size_t len, hub_time now, uint64_t *ret_seq);
/* What was appended reaches the file (one write for many appends), and the disk if `sync`. Only
   now may the promise be given. HUB_FAILED: none of the appends since the last flush counts. */
hub_status journal_flush(journal *j);
/* Whether a record of this size would be taken now: for doors that ask before they accept. */
bool journal_has_room(const journal *j, size_t len, hub_time now);
uint64_t journal_epoch(const journal *j);

/* Reading from the first record not yet acknowledged. Own position; sees what was flushed. */
hub_status journal_reader_open(const char *dir, journal_reader **ret, hub_fault *fault);
void journal_reader_close(journal_reader *r);
/*
 * The records from `from` on (0: the first unacknowledged): appends each, as batch_record_pack
 * does, until max_bytes or max_records. *ret_first, *ret_count say which; HUB_MISSING: nothing yet.
 * A record with a wrong checksum comes as an empty one, so that its number is accounted for.
 */
hub_status journal_read(journal_reader *r, uint64_t from, size_t max_bytes, size_t max_records, buf *out,
			uint64_t *ret_first, size_t *ret_count);
/* Everything up to and including seq is committed: remembered durably, whole segments deleted. */
hub_status journal_ack(journal_reader *r, uint64_t seq);
uint64_t journal_reader_epoch(const journal_reader *r);

typedef struct journal_state {
	uint64_t epoch, first, next; /* unacknowledged are [first, next) */
	uint64_t bytes;
	hub_time oldest;             /* of the first unacknowledged record; 0: none */
} journal_state;
hub_status journal_stat(const char *dir, journal_state *ret); /* any process, no lock */

#endif
