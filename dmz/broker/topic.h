/*
 * The hub's topics: hub/v1/PARTY/BRANCH/REST.
 *   in   the party's readings, events and states to the hub
 *   out  what the hub delivers to the party
 *   ack  the position up to which the party has everything
 * Everything else is closed, `$` and wildcards outside the rest too.
 */
#ifndef BROKER_TOPIC_H
#define BROKER_TOPIC_H

#include <stdbool.h>
#include <stddef.h>

enum { TOPIC_MAX = 512 };

typedef struct topic {
	const char *party, *branch, *rest; /* into the text; rest may be empty */
	size_t party_len, branch_len, rest_len;
} topic;

/* A name to publish to. False: not one of ours (wildcards, empty levels, "$", control characters). */
bool topic_read(const char *text, topic *ret);
/* A filter to subscribe to: party and branch plain, wildcards in the rest only. */
bool topic_filter_read(const char *text, topic *ret);

bool topic_is(const topic *t, const char *branch);

#endif
