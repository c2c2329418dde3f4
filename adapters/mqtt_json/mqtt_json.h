/* Inside of the adapter: one message is one JSON document (schemas/mqtt.schema.json). */
#ifndef MQTT_JSON_H
#define MQTT_JSON_H

#include <hub/adapter.h>

#include <jansson.h>

typedef struct session {
	const hub_host_api *api;
	hub_link *link;
	size_t index, taken; /* of the document's records; those below `taken` the host has */
	const uint8_t *raw;  /* the part of the document that speaks, for the record's original */
	size_t raw_len;
} session;

/* Both count records; what the host took before a HUB_AGAIN is not handed over twice. */
hub_status session_emit(session *s, hub_record *r);
hub_status session_refuse(session *s, const hub_fault *fault);

/* One object of a message: a reading, a block, a state, an event or a command's result, by its members. */
hub_status object_emit(session *s, const json_t *object);

/* A member's value as an exact decimal: a string, an integer, or a number of at most 15 digits. */
hub_status member_value(const json_t *v, hub_value *ret, hub_fault *fault);

#endif
