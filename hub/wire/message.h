/*
 * One MQTT message as the broker's journal holds it: what adapterd hands to the adapter, and who
 * sent it. docs/decisions/0008-mqtt.md
 */
#ifndef WIRE_MESSAGE_H
#define WIRE_MESSAGE_H

#include <hub/status.h>

#include "base/arena.h"
#include "base/buf.h"

enum { WIRE_PAYLOAD_MAX = 256 * 1024 };

typedef struct wire_message {
	const char *topic;    /* "hub/v1/water/in/…" */
	const char *identity; /* the party that the broker authenticated */
	const char *client;   /* its MQTT client id */
	const uint8_t *payload;
	size_t payload_len;   /* ≤ WIRE_PAYLOAD_MAX */
} wire_message;

void wire_message_pack(buf *out, const wire_message *m);
/* Copied into the arena. HUB_REJECT: not such a record. */
hub_status wire_message_unpack(const uint8_t *bytes, size_t len, arena *a, wire_message *ret, hub_fault *fault);

#endif
