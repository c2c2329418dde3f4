/*
 * Sessions handed to adapterd: one connection per instance to its socket in the zone's run folder
 * (wire/handoff.h), made when the first session needs it and again when it was lost.
 */
#ifndef GATEWAY_HANDOVER_H
#define GATEWAY_HANDOVER_H

#include <uv.h>

#include "wire/handoff.h"

typedef struct handover handover;
typedef struct handovers handovers;

typedef struct handover_calls {
	/* The instance can be spoken to (true), or cannot, or no more (false): every session of it ends. */
	void (*changed)(void *user, const handover *h, bool there);
	void (*heard)(void *user, const handoff *frame); /* BYTES, CLOSE */
} handover_calls;

/* directory: of the sockets; kept, not copied. */
handovers *handovers_new(uv_loop_t *loop, const char *directory, const handover_calls *calls, void *user);
/* Closes all; the loop must turn before handovers_free. */
void handovers_close(handovers *all);
void handovers_free(handovers *all);

/* The instance's; connecting begins if it is not there. NULL: no memory, too many, or no name of an instance. */
handover *handover_of(handovers *all, const char *instance);
bool handover_there(const handover *h);
bool handover_coming(const handover *h); /* `changed` follows */
/* Waits until handovers_flush. False: adapterd does not take what it is sent. */
bool handover_put(handover *h, handoff_type type, uint64_t session, const void *body, size_t len);
void handovers_flush(handovers *all);

#endif
