/*
 * Sends requests by libcurl: no redirects, no proxies, no cookies, the pinned address only. A
 * connection is kept for the next order to the same recipient. Any number of threads.
 */
#ifndef EGRESS_SEND_H
#define EGRESS_SEND_H

#include "target.h"
#include "wire/outgoing.h"

typedef struct sender sender;

/* allow: copied. ca: PEM file of authorities for https, NULL for the system's. */
hub_status sender_new(const target_allow *allow, const char *ca, sender **ret);
void sender_free(sender *s);

/* Checks where it goes, sends it, and waits for the answer; *ret says why there is none. HUB_NOMEM. */
hub_status sender_one(sender *s, const wire_outgoing *o, arena *a, wire_outcome *ret);

/*
 * Sends the list in order over one connection and stops behind the first that has no answer of
 * 2xx; *ret_count outcomes, texts in the arena. HUB_NOMEM.
 */
hub_status sender_run(sender *s, const wire_outgoing *list, size_t count, arena *a, wire_outcome **ret, size_t *ret_count);

#endif
