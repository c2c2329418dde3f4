/* How an instance reaches its peers. One of each lives as long as its instance. */
#ifndef ADAPTERD_TRANSPORT_H
#define ADAPTERD_TRANSPORT_H

#include "line.h"

struct transport {
	hub_status (*start)(transport *t, hub_fault *fault); /* the child is ready */
	void (*stop)(transport *t, bool crashed);            /* lines are closed already */
	int64_t (*tick)(transport *t, int64_t now);          /* when it wants the next, 0: never */
	void (*document_done)(transport *t, line *l);        /* the child worked through it; may be NULL */
	void (*document_kept)(transport *t, void *document, bool kept);
	void (*free)(transport *t);
	/*
	 * Of a broker's journal, else NULL. Leaving: whether all messages are kept that were in it at the first
	 * call. Not leaving: no, and the next call is a first one again.
	 */
	bool (*is_through)(transport *t, bool leaving);
	keeper *in;
};

/* NULL: no memory. */
transport *transport_new(keeper *in);
transport *tcp_server_new(keeper *in);
transport *tcp_client_new(keeper *in);
transport *directory_new(keeper *in);
transport *serial_new(keeper *in);
transport *messages_new(keeper *in);
const char *messages_path(const transport *t); /* the journal it reads */
transport *websocket_new(keeper *in);

#endif
