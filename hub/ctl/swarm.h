/*
 * Many MQTT 3.1.1 clients in one thread, for benches: each publishes at QoS 1 with a window of
 * messages that are not acknowledged yet, as a gateway does, and costs little beside the broker.
 */
#ifndef CTL_SWARM_H
#define CTL_SWARM_H

#include <hub/status.h>

#include <stddef.h>
#include <stdint.h>

typedef struct swarm swarm;

/* Connects `count` clients to a broker's unix socket. HUB_FAILED: not within 10 s, or one was refused. */
hub_status swarm_connect(const char *path, size_t count, const char *user, const char *password, swarm **ret,
			 hub_fault *fault);
void swarm_close(swarm *s); /* NULL is fine */

/* Writes message `number` into out[size]; its length, below size. */
typedef size_t (*swarm_make)(void *user, uint64_t number, char *out, size_t size);

/*
 * Publishes messages 0 … count - 1 to `topic`, each client with at most `window` unacknowledged, and
 * returns when the last is acknowledged. HUB_FAILED: a connection ended, or nothing came for 30 s.
 */
hub_status swarm_publish(swarm *s, const char *topic, uint64_t count, unsigned window, swarm_make make, void *user,
			 hub_fault *fault);

#endif
