/* A door as libwebsockets serves it: in clear at an address, or behind a TLS front that hands sockets on. */
#ifndef GATEWAY_ENTRY_H
#define GATEWAY_ENTRY_H

#include <hub/status.h>

#include <libwebsockets.h>
#include <stdbool.h>

typedef struct entry {
	const char *address; /* "127.0.0.1:8080", "[::1]:8080"; NULL: it does not listen, a front does */
	const char *option;  /* where it was set, for faults */
	const char *door;    /* as the core is told it: "party", "public" */
	bool certified;	     /* its clients have shown a certificate */
	struct lws_vhost *vhost;
} entry;

/* The entry must outlive the context. HUB_REJECT: no address; HUB_FAILED: it cannot be listened at. */
hub_status entry_open(entry *l, struct lws_context *context, const struct lws_protocols *protocols,
			 int64_t header_time, hub_fault *fault);
/*
 * Whose connection it is; NULL for none of ours. Only while it is new: once a request has named a Host, libwebsockets
 * has chosen among all that share a port, or have none, by that name.
 */
entry *entry_of(struct lws *wsi);

#endif
