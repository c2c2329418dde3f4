/*
 * Secrets that are shown once and known by their SHA-256 ever after: 256 random bits behind a prefix that says
 * what they are, and, where the rows belong to a party's family, whose.
 */
#ifndef STORE_SECRET_H
#define STORE_SECRET_H

#include "store/store.h"

enum { SECRET_TEXT = 96, SECRET_DIGEST = 32 };

/* prefix + party + "_" + 43 characters of base64url; party 0: prefix + the characters. HUB_FAILED: no randomness. */
hub_status secret_new(const char *prefix, int64_t party, char ret[SECRET_TEXT]);
/* Whose it says it is, for those made with a party. HUB_DENIED: not of this form. */
hub_status secret_party(const char *prefix, const char *text, int64_t *ret_party);
void secret_digest(const char *text, uint8_t ret[SECRET_DIGEST]);

#endif
