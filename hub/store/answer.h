/* What calls that changed something were answered, so that a call that comes again changes nothing more. */
#ifndef STORE_ANSWER_H
#define STORE_ANSWER_H

#include "store/store.h"

typedef struct answer {
	int64_t party;
	uint8_t key[32];    /* of the operation and the caller's Idempotency-Key */
	uint8_t digest[32]; /* of what was asked */
	int status;	    /* HTTP's */
	const char *tag;    /* the answer's ETag, "" if none */
	const uint8_t *body;
	size_t body_len;
} answer;

/*
 * In the caller's transaction: takes the key. HUB_OK: it is new, and whoever comes with it waits until
 * this transaction ends. HUB_CONFLICT: it came before; *ret is what was kept, in the arena. Answers of
 * more than two days ago are removed, a few with each call.
 */
hub_status answer_claim(store *db, const answer *wanted, arena *a, answer *ret);
/* In the same transaction: status, tag and body of the key. */
hub_status answer_keep(store *db, const answer *given);

#endif
