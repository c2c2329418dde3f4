/*
 * The packet that mosquitto works on while it asks its plug-in, found in the broker's own memory:
 * its interface (2.0.11, Debian 12) shows neither a will nor the packet that brings one.
 */
#ifndef BROKER_PACKET_H
#define BROKER_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct mosquitto;

/* What the broker itself tells of the client; the pointers are looked for, not what they point at. */
typedef struct packet_marks {
	const char *address, *id, *username, *password;
} packet_marks;

/*
 * A copy of the CONNECT packet behind its fixed header. False: the client does not look as 2.0.11
 * lays it out (another version or build), so nothing can be said.
 */
bool packet_connect(const struct mosquitto *client, const packet_marks *marks, buf *out);

#endif
