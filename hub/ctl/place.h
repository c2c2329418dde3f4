/*
 * The data directory:
 *   core/{pg,pgrun,keys}                  the core's user alone, 0700
 *   zone/{run,spool,DAEMON}               the outer zone's user; its group may enter, which the core's user is in
 *   zone/journal                          the broker's
 *   zone/state                            the core's, for the zone to read: settings, public keys, certificates,
 *                                         the revocation list
 *   log/                                  one file a process
 *   hub.conf hub.lock hub.state           the supervisor's
 */
#ifndef CTL_PLACE_H
#define CTL_PLACE_H

#include "ctl/ctl.h"

typedef struct place {
	char *root, *core, *pg, *pgrun, *zone, *zone_run, *log;
	char *conf, *lock, *state;
	ctl_user core_user, zone_user;
} place;

/* The paths and users; makes nothing. */
hub_status place_find(const ctl *c, place *ret, hub_fault *fault);
void place_fini(place *p);
/* Makes the root alone, for the lock. */
hub_status place_root(const place *p, hub_fault *fault);
/* Makes what is missing and gives every directory its owner and mode. */
hub_status place_make(const place *p, hub_fault *fault);
/* Removes the sockets and the state that a dead hub left. The caller holds the lock. */
void place_sweep(const place *p);

#endif
