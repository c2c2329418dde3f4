/*
 * The order wire's messages: what the core tells a zone daemon to do, and hints.
 *   configure  body: JSON of the instances (adapterd) or listeners (dmzd) and their version
 *   table      body: JSON object key → value, replaces the replicated small table `subject`
 *   keep       body: JSON for the broker beside the daemon, kept as file `subject`: "policies" (rules_bundle) (adapterd)
 *   command    body: packed hub_command for instance `subject`
 *   commands   body: varint count, packed hub_commands as blobs; the answer's body is a hub_status byte for each
 *   http       body: packed outgoing request (egress)
 *   deliver    body: packed wire_dispatch, the messages of a lease (egress)
 *   acks       no body; the answer's body is what recipients said over MQTT, when there is some (egress)
 *   state      no body; the answer's body is the daemon's state as JSON, for status and doctor
 * Orders repeat until answered: (head.source, epoch, sequence) tells a repeat, which is answered
 * as the first time and done once.
 */
#ifndef WIRE_ORDER_H
#define WIRE_ORDER_H

#include "wire/wire.h"

typedef struct wire_order {
	wire_head head;
	const char *what;    /* see above */
	const char *subject; /* instance, table, "" */
	const uint8_t *body;
	size_t body_len;
} wire_order;

typedef struct wire_report {
	hub_status status;
	const char *code, *message; /* of the fault, "" if OK */
	const uint8_t *body;
	size_t body_len;
} wire_report;

void wire_order_pack(buf *out, const wire_order *order);
hub_status wire_order_unpack(const uint8_t *msg, size_t len, arena *a, wire_order *ret, hub_fault *fault);
void wire_report_pack(buf *out, const wire_report *report);
hub_status wire_report_unpack(const uint8_t *msg, size_t len, arena *a, wire_report *ret, hub_fault *fault);

void command_pack(buf *out, const hub_command *command);
hub_status command_unpack(const uint8_t *bytes, size_t len, arena *a, hub_command *ret, hub_fault *fault);

#endif
