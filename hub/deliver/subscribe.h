/*
 * Subscriptions with their doors, as people and programs see them. A subscription grants nothing:
 * what it tells is decided when it is sent.
 */
#ifndef DELIVER_SUBSCRIBE_H
#define DELIVER_SUBSCRIBE_H

#include "base/buf.h"
#include "store/delivery.h"
#include "store/outbox.h"
#include "store/subscription.h"

/* The names of record types in s.types; NULL ends. */
extern const char *const subscribe_types[];

/* How a subscription is served; what is 0 stands for the default. */
typedef struct subscribe_door {
	const char *target;    /* webhooks: http or https */
	uint64_t count, bytes; /* of a message: entries 1 … 1,000 (100), bytes 4,096 … 524,288 (196,608) */
	int64_t wait,
	    give_up; /* µs: for more to come, up to an hour (0); 1 s … 30 d until a refused entry is dead (3 d) */
} subscribe_door;

/* s->door says which. HUB_REJECT with *fault. Own transaction. */
hub_status subscribe_add(store *db, const subscription *s, const subscribe_door *door, int64_t *ret_id,
			 hub_fault *fault);

/* {"id","party","name","door",filters…} and, for doors that push, "target","state","positions",… ; h NULL: none. */
hub_status subscribe_json(store *db, const subscription *s, const outbox_head *h, arena *a, buf *out);
/* How it is served and where it stands, the members of an object without its braces. */
void subscribe_state_json(buf *out, const outbox_head *h);
/* One row each of what went out and of the dead. */
void delivery_json(buf *out, const delivery *d);
void dead_letter_json(buf *out, const dead_letter *d);

#endif
