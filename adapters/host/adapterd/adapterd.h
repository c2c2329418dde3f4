/* The daemon: all instances, and the orders that change them. */
#ifndef ADAPTERD_ADAPTERD_H
#define ADAPTERD_ADAPTERD_H

#include "desk.h"
#include "keeper.h"

enum { TICKETS = 64 };

typedef struct adapterd {
	zone_host host; /* first: `commanded` finds the daemon by it */
	keeper **instances;
	size_t count;
	int64_t version; /* of the configuration */
	hub_time since;  /* of this process */
	desk *desk;
	wire_answerer *orders;
	wire_hearer *hints;
	struct {
		uint64_t ticket; /* 0: free */
		desk_order *order;
		bool many;
	} commands[TICKETS];
	uint64_t ticket_last;
	json_t *readers; /* as the broker was told last; NULL: not yet */
	bool untold;     /* they may be others now */
} adapterd;

/* What the state folder remembers: instances as configured, and journals that are not empty yet. */
void adapterd_restore(adapterd *d);
/* The configuration kept, once more: for those who had to stay. */
void adapterd_reapply(adapterd *d);
/* Does all orders that wait. */
void adapterd_obey(adapterd *d);
/* Tells the broker whose messages are read, and lets readers go that have kept what was promised before. */
void adapterd_readers(adapterd *d);
void adapterd_commanded(zone_host *host, uint64_t ticket, const uint8_t *states, size_t count);

#endif
