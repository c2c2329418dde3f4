/*
 * A listener with TLS before libwebsockets: it ends TLS, counts connections, and hands on what it hears in clear, an
 * HTTP/1.1 connection as it is, an HTTP/2 one request by request (h2.h). Time limits of requests are libwebsockets';
 * what a client does not take is dropped here.
 */
#ifndef GATEWAY_FRONT_H
#define GATEWAY_FRONT_H

#include <uv.h>

#include "limit.h"
#include "serving.h"

/* On whose behalf a socket is handed on. All of it lives as long as its connection; what is kept is copied. */
typedef struct front_guest {
	const char *peer;	/* the client's address, as limit_key writes it */
	limit_address *address; /* to be held */
	const uint8_t *cert;	/* that TLS verified, DER; len 0: none was shown */
	size_t cert_len;
} front_guest;

typedef struct front_settings {
	const char *address, *option; /* "127.0.0.1:8443", "[::1]:8443", and where it was set */
	serving *serving;
	limit *limit;
	int64_t header_time, body_time; /* µs, see http.h */
	/* Serve this socket, whose it becomes, speaking HTTP/1.1. False: it was closed. */
	bool (*admit)(void *user, const front_guest *guest, int fd);
	void *user;
} front_settings;

typedef struct front front;

/* HUB_REJECT: no address; HUB_FAILED: it cannot be listened at. */
hub_status front_open(uv_loop_t *loop, const front_settings *settings, front **ret, hub_fault *fault);
void front_tick(front *f); /* once a second */
/* Closes everything; then the loop turns, and front_free. NULL is fine. */
void front_stop(front *f);
void front_free(front *f);

#endif
