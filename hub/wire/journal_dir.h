/* The journal's folder: which segments there are, what is acknowledged, which epoch it is. */
#ifndef WIRE_JOURNAL_DIR_H
#define WIRE_JOURNAL_DIR_H

#include <hub/adapter.h>

typedef struct journal_segments {
	uint64_t *first; /* rising */
	size_t count;
	uint64_t bytes;  /* of all files */
} journal_segments;

/* Reads the folder; the caller frees `first`. */
hub_status journal_dir_list(int dir, journal_segments *ret);
void journal_segments_free(journal_segments *s);
/* The last segment that begins at or below seq; the first of all if none does; count must not be 0. */
size_t journal_segments_find(const journal_segments *s, uint64_t seq);

/* Opens the segment's file with the flags of open(2); -1 and errno. */
int journal_dir_segment(int dir, uint64_t first, int flags);
hub_status journal_dir_delete(int dir, uint64_t first);

/* The number in `acked`, 0 if there is none for this epoch or it is damaged. */
uint64_t journal_dir_acked(int dir, uint64_t epoch);
hub_status journal_dir_ack(int dir, uint64_t epoch, uint64_t seq);
/* The epoch of `epoch`, else of the first segment with a whole head; 0: none. */
uint64_t journal_dir_epoch(int dir, const journal_segments *s);
hub_status journal_dir_epoch_set(int dir, uint64_t epoch);

/* The time of record seq, or of the first whole one behind it; 0 if there is none. */
hub_time journal_dir_time(int dir, const journal_segments *s, uint64_t seq);

#endif
