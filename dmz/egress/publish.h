/*
 * MQTT: publishes at QoS 1 through our own broker and hears what parties say on their topic "ack".
 * The connection is made when it is needed; one that broke is never mended, as libmosquitto would
 * send its old messages behind newer ones. Any number of threads.
 */
#ifndef EGRESS_PUBLISH_H
#define EGRESS_PUBLISH_H

#include "wire/dispatch.h"

typedef struct publisher publisher;

/* broker: a unix socket's path, or HOST:PORT. */
hub_status publisher_new(const char *broker, publisher **ret);
void publisher_free(publisher *p); /* NULL is fine */

/*
 * Publishes the list in order and waits for the broker's PUBACKs until `timeout` µs. *ret_done: how
 * many are acknowledged, from the first on. HUB_AGAIN with *fault: the broker is away or slow.
 */
hub_status publisher_run(publisher *p, const char *token, const wire_outgoing *list, size_t count, int64_t timeout,
			 size_t *ret_done, hub_fault *fault);

/* What parties have said since the last call; waits for some until `timeout` µs. The arena's. */
hub_status publisher_hear(publisher *p, int64_t timeout, arena *a, wire_said **ret, size_t *ret_count);

#endif
