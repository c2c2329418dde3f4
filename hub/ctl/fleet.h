/*
 * A fleet of charging stations for benches: as many WebSockets as wanted to one port, in one thread,
 * each with the simulated charge point's messages. Plain or TLS.
 */
#ifndef CTL_FLEET_H
#define CTL_FLEET_H

#include <hub/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct fleet fleet;

/* Connects `count` stations "B0" … at once; HUB_FAILED with *fault when one is refused or it takes too long. */
hub_status fleet_connect(int port, size_t count, bool tls, fleet **ret, hub_fault *fault);
void fleet_close(fleet *f);

/* Every station says Heartbeat again and again, as soon as it is answered, for that long; *ret_calls answers came. */
hub_status fleet_beat(fleet *f, int64_t duration, uint64_t *ret_calls, hub_fault *fault);
/*
 * Answers what the central system asks with "Accepted" until `count` were answered or the time is over;
 * *ret_last: monotonic µs of the last answer.
 */
hub_status fleet_obey(fleet *f, size_t count, int64_t until, int64_t *ret_last, hub_fault *fault);

#endif
