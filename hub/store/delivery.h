/*
 * What went out, for those who ask: a row per lease that sent something, per test and per
 * challenge, and the dead letters.
 */
#ifndef STORE_DELIVERY_H
#define STORE_DELIVERY_H

#include "store/store.h"

typedef struct delivery {
	uint64_t id;
	int64_t party, subscription;
	const char *kind;	     /* "batch", "test", "challenge" */
	const char *state;	     /* "queued", "leased", "sent", "acknowledged", "failed" */
	uint64_t lease, first, last; /* positions; 0 for a test */
	int status;		     /* HTTP's */
	const char *code, *message;  /* what the recipient answered, or why there is no answer */
	hub_time made, done;
} delivery;

/* In the caller's transaction or alone; made and done are the database's clock. */
hub_status delivery_put(store *db, const delivery *d, uint64_t *ret_id);
/* The newest first, below `before` (0: from the newest). subscription 0: all of the party, party 0: all. */
hub_status delivery_list(store *db, int64_t party, int64_t subscription, uint64_t before, size_t limit, arena *a,
			 delivery **ret, size_t *ret_count);
hub_status delivery_get(store *db, int64_t party, uint64_t id, arena *a,
			delivery *ret); /* party 0: whosever; HUB_MISSING */

/* A sample message through the subscription's own door, done by whoever takes it first. */
hub_status delivery_test_ask(store *db, int64_t party, int64_t subscription, uint64_t *ret_id);
hub_status delivery_test_take(store *db, size_t limit, arena *a, delivery **ret, size_t *ret_count);
hub_status delivery_done(store *db, const delivery *d); /* state, status, code, message of (party, id) */

typedef struct dead_letter {
	int64_t party, subscription;
	uint64_t position, receipt;
	hub_time died;
	int status;
	const char *code, *message; /* the last refusal */
} dead_letter;
hub_status dead_letter_list(store *db, int64_t party, int64_t subscription, uint64_t after, size_t limit, arena *a,
			    dead_letter **ret, size_t *ret_count);

/* Where a batch stands with those it goes to, for trace and receipts. */
typedef struct delivery_of {
	const char *party; /* code */
	int64_t subscription;
	const char *door;
	uint64_t position;
	const char *state;	    /* "queued", "leased", "sent", "acknowledged", "dead" */
	const char *code, *message; /* of the last refusal, if it is not delivered */
	hub_time at, done;	    /* numbered; sent or acknowledged, 0: not yet */
} delivery_of;
hub_status delivery_of_receipt(store *db, uint64_t receipt, arena *a, delivery_of **ret, size_t *ret_count);

#endif
