/*
 * One segment file of the journal, read: layout and search behind damage.
 * docs/decisions/0004-journal.md
 */
#ifndef WIRE_SEGMENT_H
#define WIRE_SEGMENT_H

#include <hub/adapter.h>

#include "base/buf.h"

enum {
	SEGMENT_HEAD = 32,              /* magic, epoch, first, made */
	SEGMENT_RECORD_HEAD = 24,       /* length, checksum, sequence, time */
	SEGMENT_RECORD_MAX = 64 * 1024, /* bytes of one record */
};

typedef struct segment {
	int fd;         /* owned; -1: none */
	uint64_t first; /* by its name */
	uint64_t size;  /* when last looked */
	uint64_t synced; /* bytes known to be on the disk */
	buf window;     /* file bytes [window_at, window_at + window.len) */
	uint64_t window_at;
} segment;

typedef struct segment_record {
	uint64_t seq;
	hub_time time;
	const uint8_t *bytes; /* until the next call */
	size_t len;
} segment_record;

void segment_head_pack(buf *out, uint64_t epoch, uint64_t first, hub_time made);
/* HUB_MISSING: shorter than a head. HUB_REJECT: damaged. */
hub_status segment_head_read(int fd, uint64_t *ret_epoch);
void segment_record_pack(buf *out, uint64_t seq, hub_time time, const uint8_t *bytes, size_t len);

/* Takes fd over. */
void segment_attach(segment *s, int fd, uint64_t first);
void segment_detach(segment *s);
/* Looks at the size again: HUB_FAILED. */
hub_status segment_refresh(segment *s);

/*
 * The record at *offset, which should carry number *seq. HUB_OK: it is there, both move on.
 * HUB_REJECT: it is damaged, but a later one follows: offset and number are moved to that one, and
 * the numbers between are lost. HUB_MISSING: nothing whole from here to the end of the file.
 * HUB_FAILED: cannot be read. HUB_NOMEM.
 */
hub_status segment_step(segment *s, uint64_t *offset, uint64_t *seq, segment_record *ret);

#endif
