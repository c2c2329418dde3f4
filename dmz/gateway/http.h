/*
 * The listeners, HTTP/1.1 and behind TLS HTTP/2 too: read a request within its limits, hand it on, write the answer. They
 * decide nothing. libwebsockets and libuv stay behind this header.
 */
#ifndef GATEWAY_HTTP_H
#define GATEWAY_HTTP_H

#include "forward.h"
#include "limit.h"

typedef struct http_settings {
	const char *listen;     /* "127.0.0.1:8080", "[::1]:8080" */
	const char *party_listen; /* the same for TLS with certificates; "": none */
	const char *public_listen; /* the same for TLS without, with the portal; "": none */
	const char *public_cert, *public_key; /* PEM of its certificate; "": the party port's */
	const char *state;      /* directory of the party port's certificate, authority and revocation list */
	int64_t header_time;    /* µs from connection or last answer to the end of the header */
	int64_t body_time;      /* µs for the body, and again for taking the answer */
	int64_t call_time;      /* µs that the forwarder waits for the core */
	unsigned connections, rate, burst; /* of one address */
} http_settings;

enum { HTTP_HEADER_MAX = 16 * 1024, HTTP_BODY_MAX = 1024 * 1024 };

typedef struct http http;

/* HUB_FAILED: the address cannot be listened at. */
hub_status http_open(const http_settings *settings, http **ret, hub_fault *fault);
/* Where calls go; before http_run. wake belongs to forwarder_open, user is the http. */
void http_use(http *h, forwarder *f);
void http_wake(void *user);
/* The uv_loop_t that it runs, for other doors of the same thread. */
void *http_loop(http *h);
/* Whom it refused for coming too often (limit_refused). Any thread. */
uint64_t http_refused(http *h, char ret_last[LIMIT_KEY]);
/* Until SIGTERM or SIGINT. */
void http_run(http *h);
/* Ends every connection and drops its call; then the forwarder may be closed, and then the http. */
void http_stop(http *h);
void http_close(http *h); /* NULL is fine */

#endif
