/*
 * Empties one journal into the intake wire: a thread that reads a batch, asks until the core
 * answers, acknowledges. Batches of one source go one after the other, so their order stands.
 */
#ifndef ADAPTERD_SENDER_H
#define ADAPTERD_SENDER_H

#include <hub/adapter.h>

#include "wire/wire.h"

typedef struct sender sender;

typedef struct sender_state {
	uint64_t acked;      /* everything up to here is committed */
	hub_time last_ack;   /* 0: never */
	uint64_t stored, duplicates, quarantined;
	hub_status refused;  /* DENIED, CONFLICT, …: it stopped; OK while it works */
	char message[256];   /* the core's words, or of the last failure */
} sender_state;

/* event: an eventfd written after each change. source and dir are copied. */
hub_status sender_open(const char *source, const char *dir, wire_asker *intake, int event, sender **ret,
		       hub_fault *fault);
void sender_kick(sender *s); /* more was flushed, or the core is back */
void sender_look(sender *s, sender_state *ret);
/* A question still open is abandoned; its answer, should it come, changes nothing. */
void sender_close(sender *s);

#endif
