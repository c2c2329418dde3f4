/*
 * The server's side of HTTP/2 (RFC 9113) on one connection, by nghttp2: each stream becomes one HTTP/1.1 request on a
 * leg of its own, and the answer there a response here. So there is one reader of requests, one path, one set of
 * limits, whichever version a client speaks; nothing is decided here.
 */
#ifndef GATEWAY_H2_H
#define GATEWAY_H2_H

#include "leg.h"

typedef struct h2 h2;

typedef struct h2_calls {
	/* libwebsockets is to serve this socket, which it owns from now on. */
	bool (*enter)(void *user, int fd);
	/* Bytes for the client, to be kept until flush. */
	void (*send)(void *user, const uint8_t *bytes, size_t len);
	/* What was kept goes out, now. */
	void (*flush)(void *user);
	/* Whether more may be sent now. When it may again, h2_flush is called. */
	bool (*may_send)(void *user);
} h2_calls;

typedef struct h2_times {
	int64_t header, body; /* µs for a request's header; for taking an answer */
} h2_times;

/* `calls` and `user` outlive it. NULL: out of memory. */
h2 *h2_new(uv_loop_t *loop, const h2_calls *calls, void *user, h2_times times, int64_t now);
/* Legs that are under way end by themselves. */
void h2_free(h2 *c);
/* Bytes of the client. False: it is no HTTP/2, or it is over; what is to be said is sent, then close. */
bool h2_heard(h2 *c, const uint8_t *bytes, size_t len);
void h2_flush(h2 *c);
/* Once a second. False: nothing happens here any more; close. now: monotonic µs. */
bool h2_tick(h2 *c, int64_t now);

#endif
