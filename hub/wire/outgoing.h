/*
 * Order "http": requests that egress sends for the core, in order, to one recipient. The core has
 * signed them; egress adds nothing and keeps nothing.
 */
#ifndef WIRE_OUTGOING_H
#define WIRE_OUTGOING_H

#include "wire/call.h"

enum { OUTGOING_MAX = 256, OUTGOING_ANSWER_MAX = 4096 };

typedef struct wire_outgoing {
	const char *method; /* "POST" */
	const char *url;    /* http or https */
	const wire_field *headers;
	size_t header_count;
	const uint8_t *body;
	size_t body_len;
	int64_t timeout;    /* µs for all of it */
} wire_outgoing;

/* What became of one. Those behind one that failed are not sent, since order counts. */
typedef struct wire_outcome {
	int status;          /* HTTP's; 0: no answer, and code says why */
	const char *code;    /* "egress.refused_target", "egress.timeout", …; "" with a status */
	const char *message;
	const uint8_t *body; /* the first OUTGOING_ANSWER_MAX bytes */
	size_t body_len;
	int64_t took;        /* µs */
	int64_t retry_after; /* µs: so long it asks to be left alone, by its Retry-After; 0: it does not say */
} wire_outcome;

void wire_outgoing_pack(buf *out, const wire_outgoing *list, size_t count);
hub_status wire_outgoing_unpack(const uint8_t *bytes, size_t len, arena *a, wire_outgoing **ret, size_t *ret_count,
				hub_fault *fault);
void wire_outcome_pack(buf *out, const wire_outcome *list, size_t count);
hub_status wire_outcome_unpack(const uint8_t *bytes, size_t len, arena *a, wire_outcome **ret, size_t *ret_count,
			       hub_fault *fault);

#endif
