/*
 * The roles that answer: intake (batches of the zone's daemons) and call (requests of its
 * gateways). One answerer per daemon, so that the handler knows at whose address it was dialled.
 */
#ifndef HUBD_DOORS_H
#define HUBD_DOORS_H

#include "hubd/core.h"

typedef struct door door;

/* kind: WIRE_INTAKE or WIRE_CALL. name must outlive the door. */
hub_status door_open(const core *c, wire_kind kind, const char *name, int threads, door **ret, hub_fault *fault);
void door_close(door *d); /* waits for what is under way; NULL is fine */

#endif
