/*
 * Roles that do a round, rest, and do the next until hubd stops: a thread and a connection each. What a round
 * could not do, as the database was away, is there for the next.
 */
#ifndef HUBD_ROUNDS_H
#define HUBD_ROUNDS_H

#include "hubd/core.h"

typedef struct role {
	const char *name;
	int64_t rest; /* µs between two rounds */
	/* The worker is connected, its memory empty. *rest: as above; a round that went well may set another, once. */
	hub_status (*round)(worker *w, void *own, int64_t *rest);
	size_t size;		/* of the role's own, which is nought before the first round */
	void (*end)(void *own); /* NULL: it holds nothing. Also after a round that failed; then it is nought again */
} role;

typedef struct rounds rounds;
/* One list entry a thread; the roles outlive it. */
hub_status rounds_start(const core *c, const role *const *roles, size_t count, rounds **ret);
/* After core.stopping: whoever rests wakes at once. NULL is fine. */
void rounds_stop(rounds *r);

#endif
