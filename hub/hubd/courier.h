/*
 * Deliveries: couriers lease what is due, compute and sign it, order egress to send it, and settle
 * what became of it. A recipient that hangs holds one order in egress, no thread here.
 */
#ifndef HUBD_COURIER_H
#define HUBD_COURIER_H

#include "hubd/core.h"

typedef struct couriers couriers;

/* egresses: names of daemons, NULL at the end; a subscription belongs to one of them by its number. */
hub_status couriers_start(const core *c, const char *const *egresses, int threads, couriers **ret, hub_fault *fault);
void couriers_stop(couriers *s); /* after core.stopping; NULL is fine */

#endif
