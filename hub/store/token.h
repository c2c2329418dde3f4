/*
 * A party's bearer tokens. The store knows only the SHA-256 of a token; the token itself is
 * shown once, when it is made.
 */
#ifndef STORE_TOKEN_H
#define STORE_TOKEN_H

#include "store/store.h"

enum { TOKEN_TEXT = 48 }; /* "hub_" + 43 characters of base64url (256 random bits) + NUL */

typedef struct token {
	int64_t id, party;
	const char *label;
	hub_time valid_from, valid_to; /* to 0: open */
	hub_time revoked;              /* 0: not */
} token;

/* Own random token; valid_from 0: now. The text is written to `ret`, never stored. */
hub_status token_new(store *db, int64_t party, const char *label, hub_time valid_from, hub_time valid_to,
		     char ret[TOKEN_TEXT], int64_t *ret_id, hub_fault *fault);
/* Who holds this token at `now`. HUB_DENIED: unknown, not yet or no longer valid, revoked. */
hub_status token_party(store *db, const char *text, hub_time now, int64_t *ret_party);
hub_status token_list(store *db, int64_t party, arena *a, token **ret, size_t *ret_count);
hub_status token_revoke(store *db, int64_t id); /* HUB_MISSING; again is fine. Bumps epoch "party". */

#endif
