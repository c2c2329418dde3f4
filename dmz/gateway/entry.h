/* One address that is listened at: plain, or for parties with certificates by TLS, HTTP/1.1 and HTTP/2. */
#ifndef GATEWAY_ENTRY_H
#define GATEWAY_ENTRY_H

#include "tls.h"

#include <libwebsockets.h>

typedef struct entry {
	const char *address; /* "127.0.0.1:8080", "[::1]:8080" */
	const char *option;  /* where it was set, for faults */
	tls *tls;            /* NULL: plain */
} entry;

/* The entry must outlive the context. HUB_REJECT: no address; HUB_FAILED: it cannot be listened at. */
hub_status entry_open(entry *l, struct lws_context *context, const struct lws_protocols *protocols,
			 int64_t header_time, hub_fault *fault);
/* Whose connection it is; NULL for none of ours. */
entry *entry_of(struct lws *wsi);

#endif
