/* One HTTP connection and the request it is at; internal to the listener. */
#ifndef GATEWAY_REQUEST_H
#define GATEWAY_REQUEST_H

#include "depth.h"
#include "http.h"
#include "route/route.h"

#include <libwebsockets.h>

typedef enum request_state { REQUEST_IDLE, REQUEST_BODY, REQUEST_ASKED, REQUEST_ANSWER } request_state;

typedef struct request {
	forward_owner owner; /* first: the tag of its calls */
	http *h;
	struct lws *wsi;
	limit_address *address;
	char peer[LIMIT_KEY];
	const char *door;        /* by which the connection came, whatever Host its requests name */
	request_state state;
	arena memory;
	buf body;
	depth depth; /* of a JSON body so far */
	wire_call call;
	const route *route;      /* NULL: the gateway's own /healthz */
	char allow[ROUTE_ALLOW]; /* methods that the path has */
	forward *asked;          /* REQUEST_ASKED: under way; REQUEST_ANSWER: holds the reply, may be NULL */
	const wire_reply *reply; /* REQUEST_ANSWER */
	size_t sent;             /* of the reply's body */
	uint8_t *cert;           /* that TLS verified, before the front handed the connection on; NULL: none */
	size_t cert_len;
	bool secure;             /* it came through TLS */
	bool portal;             /* the answer is a file of the portal */
	bool head_sent, close;   /* close: the connection ends after this answer */
} request;

/*
 * Reads line and header into r->call and finds the operation; *ret_body how long the body will be.
 * HUB_REJECT with *ret_status: no operation, or a body of another size or type than it takes.
 */
hub_status request_read(request *r, size_t *ret_body, int *ret_status, hub_fault *fault);

bool request_is_health(const request *r);
/* What the client takes: its Accept-Encoding, "" if none. */
const char *request_encodings(request *r);

/* Writes as much of the answer as may be written now. -1: close the connection. */
int request_write(request *r);

#endif
