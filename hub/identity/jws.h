/*
 * Detached signatures (RFC 7515, appendix F): HEADER..SIGNATURE over a body that travels beside
 * them. ES256 with the key set's first key; whoever verifies takes the body, encodes it base64url
 * and puts it between the dots. The header says what is signed: typ, iat (whole seconds), jti and
 * aud, so that a copy is known by its age, its id and its recipient.
 */
#ifndef IDENTITY_JWS_H
#define IDENTITY_JWS_H

#include "identity/jwt.h"

/* One thread's. */
typedef struct jws_signer jws_signer;

/* HUB_MISSING: the set's first key is no P-256 key with its private part. */
hub_status jws_signer_new(const jwt_keys *keys, jws_signer **ret);
void jws_signer_free(jws_signer *s);

typedef struct jws_head {
	const char *type; /* typ; plain ASCII without quotes, as the others */
	const char *id;	  /* jti */
	const char *audience;
	hub_time issued;
} jws_head;

/* The text in the arena. */
hub_status jws_sign(jws_signer *s, const jws_head *head, const void *body, size_t len, arena *a, const char **ret);
/* HUB_DENIED: no key of the set has made it over this body. *ret as in the header, in the arena. */
hub_status jws_check(const jwt_keys *keys, const char *signature, const void *body, size_t len, arena *a,
		     jws_head *ret);

#endif
