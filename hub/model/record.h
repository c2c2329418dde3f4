/*
 * The canonical record's one binary encoding, and its one JSON shape.
 * docs/decisions/0002-record.md
 */
#ifndef MODEL_RECORD_H
#define MODEL_RECORD_H

#include <hub/adapter.h>

#include "base/arena.h"
#include "base/buf.h"

/* A record as it travels in the hub: what the adapter said, or what it refused, and whence. */
typedef struct record {
	hub_record body;      /* HUB_RECORD_FAULT: `fault` and raw are set, the union is not */
	hub_fault fault;      /* code and field point into the arena */
	const char *peer;     /* hub_peer.address of its session */
	hub_time received;    /* the zone host's clock when the bytes came */
	bool raw_cut;         /* raw was shortened to fit RECORD_MAX */
} record;

enum { RECORD_MAX = 64 * 1024 }; /* packed bytes; raw is cut to fit, with `raw_cut` kept in the record */

/* The ABI's rules: meter 1–64 bytes, known kind, scale, start < time for intervals, … A time of 0 is
   fine, except in an interval. HUB_REJECT with *fault; faults themselves are never wrong. */
hub_status record_check(const hub_record *r, hub_fault *fault);

/* Appends one packed record. The caller checked it. Raw is cut to what fits; peer and a fault's
   message, which may quote strangers, become clean UTF-8 of at most 255 bytes. */
void record_pack(buf *out, const record *r);
/* Texts and raw are copied to the arena. HUB_REJECT: not a record, bytes behind it, or against
   record_check; HUB_NOMEM. */
hub_status record_unpack(const uint8_t *bytes, size_t len, arena *a, record *ret);

/* `hubctl decode`'s shape of one reading; see design, "Reading". Appends. */
void reading_json(buf *out, const hub_reading *r);
/* `,"reasons":[…]` of a flagged reading; nothing if there are none. Appends. */
void reasons_json(buf *out, const char *const *reasons, size_t count);

#endif
