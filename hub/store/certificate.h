/* Certificates that our authority gave to parties. Texts of results live in the arena. */
#ifndef STORE_CERTIFICATE_H
#define STORE_CERTIFICATE_H

#include "store/store.h"

typedef struct party_certificate {
	int64_t party;
	const char *serial;     /* lower case hex */
	const char *thumbprint; /* base64url of SHA-256 over the DER (x5t#S256) */
	const char *kind, *name;
	hub_time valid_from, valid_to;
	hub_time issued;        /* set by the store */
	hub_time revoked;       /* 0: not */
} party_certificate;

/* HUB_CONFLICT: the serial or thumbprint is known already. HUB_MISSING: no such party. Bumps epoch "party". */
hub_status certificate_add(store *db, const party_certificate *c, hub_fault *fault);
/* Whatever its state: the caller judges times and revocation. HUB_MISSING: we never issued it. */
hub_status certificate_find(store *db, const char *thumbprint, arena *a, party_certificate *ret);
/* Given to the party to show itself with, not revoked, and of now. */
hub_status certificate_stands(store *db, const char *thumbprint, int64_t party, hub_time now, bool *ret);
/* A party's, oldest first. */
hub_status certificate_list(store *db, int64_t party, arena *a, party_certificate **ret, size_t *ret_count);
/* HUB_MISSING: the party has none of this serial; again is fine and keeps the first time. Bumps epoch "party". */
hub_status certificate_revoke(store *db, int64_t party, const char *serial);
/* Those revoked and not past their end at `now`, for a revocation list, and that list's own number. */
hub_status certificate_revoked(store *db, hub_time now, arena *a, party_certificate **ret, size_t *ret_count,
			       int64_t *ret_number);

#endif
