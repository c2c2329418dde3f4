/*
 * Calls to the core over the call wire: any number at once, joined continuations, answers handed
 * back on the thread that asks for them.
 */
#ifndef GATEWAY_FORWARD_H
#define GATEWAY_FORWARD_H

#include "wire/call.h"

typedef struct forwarder forwarder;
typedef struct forward forward; /* one call */

/* Who waits for a call: the tag of those that share a forwarder. */
typedef struct forward_owner {
	void (*answered)(struct forward_owner *owner, forward *w); /* takes w over */
} forward_owner;

/*
 * Listens at base/name.call. wake is called on another thread when forward_next has something.
 * timeout: µs for the whole call; answer_max: bytes of the joined body.
 */
hub_status forwarder_open(const char *url, const wire_tls *tls, const char *name, int64_t timeout, size_t answer_max,
			  void (*wake)(void *user), void *user, forwarder **ret, hub_fault *fault);
/* Open calls end; none is handed back any more. */
void forwarder_close(forwarder *f);
bool forwarder_connected(const forwarder *f);

/*
 * Sends the call; its head is filled in but for the trace. tag is handed back by forward_next.
 * HUB_AGAIN: no core is there. HUB_NOMEM.
 */
hub_status forward_start(forwarder *f, const wire_call *call, void *tag, forward **ret);
/* Nobody waits for it any more: it is not handed back. From the thread of forward_next. */
void forward_drop(forward *w);

/* A finished call, or NULL. *ret_tag as given. Free it with forward_free. */
forward *forward_next(forwarder *f, void **ret_tag);
/* The core's answer, body joined; HUB_AGAIN: it did not come; HUB_RANGE: longer than answer_max. */
hub_status forward_reply(const forward *w, const wire_reply **ret);
void forward_free(forward *w);

#endif
