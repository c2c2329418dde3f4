/* Who sends a notice or takes a step of a request: at the API and at the command line by the same rules. */
#ifndef EXCHANGE_SIDE_H
#define EXCHANGE_SIDE_H

#include "rights/message.h"

/* Where what is exchanged stands in feeds. */
#define EXCHANGE_SOURCE "hub.exchange"

typedef struct exchange_side {
	const party *party;
	const ruleset *rules; /* NULL: nothing is permitted */
	const char *by;	      /* the person who acts for it; "": a system of the party's */
	hub_time now;
} exchange_side;

/* A text within its bytes, without control characters; needed: not empty. HUB_REJECT: "exchange.text". */
hub_status exchange_text(const char *field, const char *text, size_t most, bool needed, hub_fault *fault);
/* The same message into the feeds of several parties. */
hub_status exchange_tell(store *db, const int64_t *to, size_t count, const char *key, const char *body);

#endif
