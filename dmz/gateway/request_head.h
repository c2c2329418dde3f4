/*
 * A request of another version written as HTTP/1.1, for our own listener. What would be read there as anything but one
 * request with one framed body is refused: line breaks, spaces in the path, fields of the connection, lengths that are
 * none.
 */
#ifndef GATEWAY_REQUEST_HEAD_H
#define GATEWAY_REQUEST_HEAD_H

#include "base/buf.h"

typedef struct request_head {
	buf method, path, authority, host, fields, cookie;
	size_t size;	 /* of all names and values */
	uint64_t length; /* Content-Length */
	bool framed;	 /* it was given */
	bool bad;	 /* it is no request */
} request_head;

void request_head_fini(request_head *h); /* zero-initialised needs no init */
/* One field, pseudo-fields with their colon. */
void request_head_add(request_head *h, const char *name, size_t name_len, const char *value, size_t value_len);
/* All of it, up to the empty line; the connection is to end with the answer. False: it is bad. */
bool request_head_write(request_head *h, buf *out);

#endif
