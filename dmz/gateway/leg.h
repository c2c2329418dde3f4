/*
 * A way from the TLS front into libwebsockets: HTTP/1.1 in clear over a pair of sockets within the process. Over it
 * goes a whole HTTP/1.1 connection, or a single request of an HTTP/2 one. One thread, libuv's.
 */
#ifndef GATEWAY_LEG_H
#define GATEWAY_LEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

typedef struct leg leg;
struct leg {
	uv_pipe_t pipe;
	size_t queued; /* bytes that the other end has not taken yet */
	bool closing, paused;
	void (*on_bytes)(leg *l, const uint8_t *bytes, size_t len); /* len 0: the other end has closed */
	void (*on_taken)(leg *l, size_t len);			    /* of what was written; not once it is closing */
	void (*on_free)(leg *l);				    /* closed: the memory is the owner's again */
};

/*
 * The callbacks are set by the caller before. *ret_other is the socket that libwebsockets is to serve, which is the
 * caller's. False: there is none; on_free follows.
 */
bool leg_open(leg *l, uv_loop_t *loop, int *ret_other);
/* Copies. False: out of memory, or it is closed. */
bool leg_write(leg *l, const void *bytes, size_t len);
/* Reads no more until it is called with false. */
void leg_pause(leg *l, bool paused);
/* on_free follows, never from inside. Again is fine. */
void leg_close(leg *l);

#endif
