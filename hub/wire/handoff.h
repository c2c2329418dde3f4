/*
 * What dmzd and adapterd say to each other about WebSocket sessions, over a unix socket inside the
 * outer zone: many sessions over one connection. A frame: u32le length of what follows, u8 type,
 * varint session, then the rest of the frame as the type's body. Numbers are dmzd's: the place in its
 * table in the low 16 bits, so that no number comes twice soon.
 */
#ifndef WIRE_HANDOFF_H
#define WIRE_HANDOFF_H

#include <hub/reader.h>
#include <hub/status.h>

#include "base/buf.h"

enum { HANDOFF_MESSAGE_MAX = 256 * 1024, HANDOFF_PLACES = 65536, HANDOFF_NAME = 65 };

typedef enum handoff_type {
	HANDOFF_OPEN = 1, /* dmzd to adapterd; body: the name that the core authenticated */
	HANDOFF_BYTES,	  /* both; body: one whole message */
	HANDOFF_CLOSE,	  /* both; body: the reason. Nothing of this session follows from that side */
} handoff_type;

typedef struct handoff {
	handoff_type type;
	uint64_t session;
	const uint8_t *body; /* borrowed from the buffer */
	size_t len;
} handoff;

void handoff_put(buf *out, handoff_type type, uint64_t session, const void *body, size_t len);
/* The next whole frame at *at, which moves behind it. HUB_AGAIN: not all there yet. HUB_REJECT: breaks the rules. */
hub_status handoff_next(const buf *in, size_t *at, handoff *ret);

#endif
