/* One address that is listened at: plain, or by TLS with HTTP/1.1 and HTTP/2. */
#ifndef GATEWAY_ENTRY_H
#define GATEWAY_ENTRY_H

#include "tls.h"

#include <libwebsockets.h>

typedef struct entry {
	const char *address; /* "127.0.0.1:8080", "[::1]:8080" */
	const char *option;  /* where it was set, for faults */
	const char *door;    /* as the core is told it: "party", "public" */
	const char *cert, *key; /* PEM files; NULL: plain */
	tls *tls;            /* clients must show a certificate that it judges; NULL: none is asked for */
} entry;

/* The entry must outlive the context. HUB_REJECT: no address; HUB_FAILED: it cannot be listened at. */
hub_status entry_open(entry *l, struct lws_context *context, const struct lws_protocols *protocols,
			 int64_t header_time, hub_fault *fault);
/* Whose connection it is; NULL for none of ours. */
entry *entry_of(struct lws *wsi);

#endif
