/*
 * A CONNECT packet's will (MQTT 3.1, 3.1.1 and 5.0; section 3.1 of each), read from the packet
 * itself: mosquitto shows a plug-in everything of a client but that.
 */
#ifndef BROKER_CONNECT_H
#define BROKER_CONNECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topic.h"

typedef struct connect_will {
	bool set, retain;
	char topic[TOPIC_MAX + 1]; /* "#" for one that is too long or holds NUL */
} connect_will;

/*
 * The packet behind its fixed header, sent by `client` (its id; "" may stand for one that the
 * broker gave). False: not such a packet, or another client's.
 */
bool connect_read(const uint8_t *bytes, size_t len, const char *client, connect_will *ret);

#endif
