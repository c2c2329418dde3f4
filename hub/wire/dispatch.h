/*
 * Order "deliver": messages of one lease that egress sends for the core, in order, to one recipient,
 * and order "acks": what recipients have said over MQTT since the last.
 *
 * The lane is the subscription. Egress works on one lease of a lane at a time and never on an older
 * one after a newer, so a lease that was given to somebody else cannot mix its messages in.
 */
#ifndef WIRE_DISPATCH_H
#define WIRE_DISPATCH_H

#include "wire/outgoing.h"

typedef struct wire_dispatch {
	const char *lane; /* "" : in no order with anything, as tests are */
	uint64_t lease;
	hub_time not_after; /* no message is begun later: its right was decided before */
	const wire_outgoing *list;
	size_t count;
} wire_dispatch;

/*
 * The methods of outgoing: POST to a URL; PUBLISH to a topic, the token in the header
 * "authorization"; DROP into a file, the url being PARTY/NAME. The outcomes are as many as were
 * begun; what a PUBLISH or DROP did well has status 200.
 */
void wire_dispatch_pack(buf *out, const wire_dispatch *d);
hub_status wire_dispatch_unpack(const uint8_t *bytes, size_t len, arena *a, wire_dispatch *ret, hub_fault *fault);

enum { SAID_MAX = 1024, SAID_PAYLOAD_MAX = 512 };

/* What a party published on its topic "ack": not read by egress, not to be believed by the core. */
typedef struct wire_said {
	const char *party;
	const uint8_t *payload;
	size_t payload_len; /* ≤ SAID_PAYLOAD_MAX */
} wire_said;

void wire_said_pack(buf *out, const wire_said *list, size_t count);
hub_status wire_said_unpack(const uint8_t *bytes, size_t len, arena *a, wire_said **ret, size_t *ret_count,
			    hub_fault *fault);

#endif
