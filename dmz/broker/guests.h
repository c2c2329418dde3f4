/*
 * Who is connected, and until when: a token or certificate ends, and a certificate may be revoked.
 * One thread.
 */
#ifndef BROKER_GUESTS_H
#define BROKER_GUESTS_H

#include <hub/adapter.h>
#include <stdbool.h>
#include <stddef.h>

#include "identity/certificate.h"

enum { GUESTS_MAX = 65536 };

struct mosquitto;

typedef struct guest {
	const struct mosquitto *client;
	hub_time expires;
	char serial[CERTIFICATE_SERIAL]; /* of the certificate; "": a token */
} guest;

typedef struct guests {
	guest *list; /* in no order */
	size_t count, cap;
} guests;

void guests_fini(guests *g);
/* False: too many, or no memory. A second time replaces the first. */
bool guests_add(guests *g, const struct mosquitto *client, hub_time expires, const char *serial);
void guests_forget(guests *g, const struct mosquitto *client);

#endif
