/*
 * Giving a consent and taking it back: what was agreed to is written out in both languages, numbered and
 * digested, so that either side can prove it. Whether the caller may speak for the grantor is the caller's to
 * decide; that the grantor is owner or occupant of the point is checked here.
 */
#ifndef CONSENT_GRANT_H
#define CONSENT_GRANT_H

#include "store/consent.h"

/* µs: for a wish without an end, and the longest there is. */
#define GRANT_DEFAULT (90 * 86400 * INT64_C(1000000))
#define GRANT_LONGEST (1827 * 86400 * INT64_C(1000000))

typedef struct grant_wish {
	int64_t point;
	const char *grantor, *grantee; /* parties' codes */
	const char *commodity;	       /* NULL or "": all of the point */
	consent_grain grain;
	const char *purpose;
	hub_time valid_from, valid_to; /* 0: now; GRANT_DEFAULT later */
	hub_time data_from, data_to;   /* 0: open */
	const char *by;		       /* the grantor's code, or "operator" */
	const char *key;	       /* idempotency key, NULL: none */
	const uint8_t *body;	       /* what came under the key */
	size_t body_len;
} grant_wish;

/*
 * *ret_repeated: the key came before with the same body, and *ret is what was made then. HUB_REJECT: a rule;
 * HUB_MISSING: no such point or party; HUB_CONFLICT: the key came with another body.
 */
hub_status grant_make(store *db, const grant_wish *w, hub_time now, arena *a, consent *ret, bool *ret_repeated,
		      hub_fault *fault);
/* From then on nothing goes out by it. Again is fine. HUB_MISSING. */
hub_status grant_withdraw(store *db, uint64_t id, const char *by, arena *a, consent *ret);

#endif
