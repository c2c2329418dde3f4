/*
 * A connection of the charger port or of a TLS front: bytes in, bytes out, over TCP or TLS 1.2 and newer. One thread,
 * libuv's. Reading is by callback; what is written waits in `out` until stream_flush.
 */
#ifndef GATEWAY_STREAM_H
#define GATEWAY_STREAM_H

#include <uv.h>

#include "base/buf.h"
#include "tls.h"

enum { STREAM_OUT_MAX = 1 << 20 };

typedef struct stream stream;
struct stream {
	uv_tcp_t tcp;
	SSL *ssl;	/* NULL: plain */
	BIO *from, *to; /* of ssl, towards the wire */
	buf out;	/* plain bytes to be written */
	buf wire;	/* bytes on their way, while `writing` */
	uv_write_t write;
	bool writing, closing, finished, shut;
	bool linger; /* at the end it waits for the peer's, so that what was written is not lost by a reset */
	void (*on_bytes)(stream *s, const uint8_t *bytes, size_t len); /* len 0: the peer has gone */
	void (*on_free)(stream *s);				       /* closed: the memory is the owner's again */
	void (*on_drained)(stream *s); /* what had to wait is written; may be NULL */
};

/* Accepts from the listener. ctx NULL: plain. The callbacks are set by the caller before. False: close it. */
bool stream_accept(stream *s, uv_stream_t *listener, SSL_CTX *ctx);
/* Writes what may be written now. False: the peer reads too slowly, or broke TLS. */
bool stream_flush(stream *s);
/* How many bytes wait to be written. */
size_t stream_waiting(const stream *s);
/* Reads no more until it is called with false. */
void stream_pause(stream *s, bool paused);
/* Closes once what waits is written; on_free follows, never from inside. */
void stream_finish(stream *s);
/* Closes at once. */
void stream_close(stream *s);
/* The certificate that TLS verified, DER in the arena; HUB_MISSING. */
hub_status stream_peer(const stream *s, arena *a, const uint8_t **ret, size_t *ret_len);

#endif
