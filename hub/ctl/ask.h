/* Asking the hub's processes over the doors they answer: the order wire of a zone daemon, the HTTP door. */
#ifndef CTL_ASK_H
#define CTL_ASK_H

#include "base/arena.h"
#include "ctl/place.h"

enum { ASK_TIMEOUT = 4000000, ASK_READING = 10000000 }; /* µs: what does not answer by then does not answer */

/* The daemon's `state`, JSON, in the arena. HUB_AGAIN: no answer in time. */
hub_status ask_state(const place *p, const char *daemon, arena *a, const char **ret_json, hub_fault *fault);
/*
 * Waits until the zone daemon runs that version of its instances (store/instance.h), or a later one, and has told
 * the broker that it reads the party's messages. HUB_AGAIN: not within ASK_READING, or the daemon does not answer.
 */
hub_status ask_reading(const place *p, const char *daemon, int64_t version, const char *party, arena *a, hub_fault *fault);
/* GET http://listen/path: the HTTP status. HUB_AGAIN: no answer in time. */
hub_status ask_http(const char *listen, const char *path, long *ret_status, hub_fault *fault);

#endif
