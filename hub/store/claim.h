/*
 * Codes by which a person claims something: a meter by the code printed on it, a place beside the people of
 * a household by an invitation. Each is used once, and ends.
 */
#ifndef STORE_CLAIM_H
#define STORE_CLAIM_H

#include "store/secret.h"

/* "ABCD-EFGH-JKMN": 60 random bits in Crockford's alphabet, as people can read it out. */
enum { POINT_CODE_TEXT = 15 };

/* A new code of the point; those before it, not used yet, end. */
hub_status point_code_new(store *db, int64_t point, hub_time now, hub_time expires, char ret[POINT_CODE_TEXT]);

typedef struct point_claim {
	int64_t point;
	const char *code;  /* the point's */
	bool mine;         /* the party has it already */
	bool taken;        /* another party is its occupant */
	bool done;         /* this very code was used by this party before */
} point_claim;

/* What was typed, as it was made, without hyphens. false: it cannot be one. */
bool point_code_read(const char *text, char ret[POINT_CODE_TEXT]);
/* What the code would do for the party; typed as people type it: case, spaces and hyphens do not count, O is 0.
   HUB_DENIED: unknown, used or over. */
hub_status point_code_find(store *db, const char *text, int64_t party, hub_time now, arena *a, point_claim *ret);
/*
 * Uses it: the party becomes the point's occupant from now on, whoever was it before ends now and is told.
 * HUB_DENIED as above, also when somebody was faster.
 */
hub_status point_code_use(store *db, const char *text, int64_t party, hub_time now, arena *a, point_claim *ret);

/* Its text, shown this once. */
hub_status invitation_new(store *db, int64_t party, int64_t inviter, hub_time expires, char ret[SECRET_TEXT]);
/* Uses it: whose people it joins. Within the caller's transaction, so that it is not lost if joining fails. HUB_DENIED. */
hub_status invitation_use(store *db, const char *text, hub_time now, int64_t *ret_party);

#endif
