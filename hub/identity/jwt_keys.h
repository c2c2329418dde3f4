/* Inside of a key set, for jwt.c and jwt_keys.c only. */
#ifndef IDENTITY_JWT_KEYS_H
#define IDENTITY_JWT_KEYS_H

#include "identity/jwt.h"

#include <cjose/cjose.h>

typedef struct jwt_key {
	cjose_jwk_t *jwk;
	const char *algorithm; /* "ES256" or "RS256", by the kind of key */
	bool has_private;
} jwt_key;

enum { JWT_KEYS_MAX = 16 };

struct jwt_keys {
	jwt_key list[JWT_KEYS_MAX];
	size_t count;
};

/* NULL if no key has this kid. */
const jwt_key *jwt_key_find(const jwt_keys *keys, const char *kid);

#endif
