/*
 * What a subscription's entries tell its party: computed when they are about to be sent, by the
 * policies, consents and registry of that moment.
 */
#ifndef API_CONTENT_H
#define API_CONTENT_H

#include "api/api.h"
#include "base/buf.h"
#include "store/outbox.h"
#include "store/party.h"
#include "store/subscription.h"

typedef struct content_ask {
	const party *to;
	const subscription *subscription;
	const outbox_entry *entries; /* rising */
	size_t count;
	uint32_t item;	    /* of the first entry, where to go on */
	size_t part_bytes;  /* a longer entry is cut into parts */
	size_t bytes, rows; /* about so much of all; the rest is left for another time */
	hub_time now;
} content_ask;

/* An entry, or a part of one. */
typedef struct content_part {
	uint64_t position;
	uint32_t rows;
	outbox_mark next;  /* where to go on behind it */
	size_t start, len; /* its JSON in content.text; len 0: nothing of it may be seen */
} content_part;

/* What the rights were decided by. */
typedef struct content_stamp {
	char policies[RULES_VERSION + 1];
	int64_t epochs[5];
} content_stamp;

typedef struct content {
	buf text;
	content_part *parts; /* in the arena; at least one if count of the ask was above 0 */
	size_t count;
	content_stamp stamp;
} content;

/* *ret is zero or of a call before; content_fini when done with it. */
hub_status content_build(const api_worker *w, const content_ask *ask, arena *a, content *ret);
/* Whether nothing that rights are decided by has changed since. */
hub_status content_holds(const api_worker *w, const content *c, bool *ret);
void content_fini(content *c);

#endif
