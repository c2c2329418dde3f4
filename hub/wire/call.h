/* The call wire's messages: a caller's request as the gateway saw it, and the core's answer. */
#ifndef WIRE_CALL_H
#define WIRE_CALL_H

#include "wire/wire.h"

typedef struct wire_field {
	const char *name, *value; /* header or query, names lower case, decoded, UTF-8 without NUL */
} wire_field;

/*
 * The gateway has parsed, limited and normalised; it has decided nothing. The core verifies the
 * caller's token or certificate itself. `path` is the one decoded, collapsed path without query;
 * policies see the same one.
 */
typedef struct wire_call {
	wire_head head;
	const char *door;   /* "public", "party", "charger" */
	const char *method; /* "GET" */
	const char *path;   /* "/v1/readings" */
	const wire_field *query;
	size_t query_count;
	const char *authorization; /* the header as it came, "" if none */
	const uint8_t *cert;       /* DER of the caller's certificate that TLS verified; NULL if none */
	size_t cert_len;
	const char *address;       /* the caller's, for limits and the audit line */
	const wire_field *headers; /* the few that resources need: content-type, if-match, idempotency-key … */
	size_t header_count;
	const char *continuation;  /* the token of the answer before, "" at first */
	const uint8_t *body;
	size_t body_len; /* ≤ 1 MiB */
} wire_call;

typedef struct wire_reply {
	int status;               /* HTTP's */
	const char *content_type; /* "application/json"; "" without body */
	const wire_field *headers;
	size_t header_count;
	const uint8_t *body;
	size_t body_len;          /* ≤ 1 MiB */
	const char *continuation; /* not "": the gateway asks on and joins the bodies */
} wire_reply;

void wire_call_pack(buf *out, const wire_call *call);
hub_status wire_call_unpack(const uint8_t *msg, size_t len, arena *a, wire_call *ret, hub_fault *fault);
void wire_reply_pack(buf *out, const wire_reply *reply);
hub_status wire_reply_unpack(const uint8_t *msg, size_t len, arena *a, wire_reply *ret, hub_fault *fault);

#endif
