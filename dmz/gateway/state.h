/* The order wire of the gateway: it tells the core how it is, and takes no other order. */
#ifndef GATEWAY_STATE_H
#define GATEWAY_STATE_H

#include "http.h"

typedef struct state_door state_door;
/* Both must outlive it. */
hub_status state_open(const char *url, const wire_tls *tls, const forwarder *f, http *h, state_door **ret, hub_fault *fault);
void state_close(state_door *s); /* NULL is fine */

#endif
