/* Order "deliver": a lease's messages through the door that each names. */
#ifndef EGRESS_DELIVER_H
#define EGRESS_DELIVER_H

#include "lane.h"
#include "publish.h"
#include "send.h"

typedef struct doors {
	sender *sender;
	publisher *publisher; /* NULL: there is no broker */
	const char *drop;     /* directory */
	lanes *lanes;
} doors;

/*
 * One after the other, until one is not answered well, a newer lease waits or it is too late to
 * begin; *ret the outcomes of those begun. HUB_CONFLICT: a newer lease has been here.
 */
hub_status deliver(const doors *d, const wire_dispatch *order, arena *a, wire_outcome **ret, size_t *ret_count,
		   hub_fault *fault);

#endif
