/*
 * One lease of a lane at a time, and never an older one after a newer: the fence that keeps a
 * recipient's messages in order, whoever holds which lease in the core. Any number of threads.
 */
#ifndef EGRESS_LANE_H
#define EGRESS_LANE_H

#include <hub/status.h>

#include <stdbool.h>
#include <stdint.h>

typedef struct lanes lanes;

hub_status lanes_new(lanes **ret);
void lanes_free(lanes *l); /* NULL is fine */

/*
 * Waits until whoever works on an older lease of the lane has ended its message, then the lane is
 * the caller's until lane_leave. HUB_CONFLICT: a newer lease has been here. HUB_NOMEM.
 */
hub_status lane_enter(lanes *l, const char *name, uint64_t lease);
/* Whether no newer lease waits. */
bool lane_current(lanes *l, const char *name, uint64_t lease);
void lane_leave(lanes *l, const char *name);

#endif
