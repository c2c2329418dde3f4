/*
 * Signed tokens: JWT (RFC 7519) as compact JWS (RFC 7515), ES256 made, ES256 and RS256 taken, and
 * nothing else ever: the algorithm is fixed by the key, not by the token (RFC 8725).
 * Access tokens follow RFC 9068, bound to a certificate by cnf.x5t#S256 (RFC 8705).
 *
 * A key set is immutable and may be shared by threads; rotation makes a new one.
 */
#ifndef IDENTITY_JWT_H
#define IDENTITY_JWT_H

#include <hub/adapter.h>

#include "base/arena.h"

typedef struct jwt_keys jwt_keys;

/* One new P-256 key, its kid the RFC 7638 thumbprint. */
hub_status jwt_keys_new(jwt_keys **ret);
/* A JWKS document, with or without private parts. HUB_REJECT: no usable key, another kind of key,
   an RSA key below 2,048 bits, two keys of one kid. */
hub_status jwt_keys_parse(const char *json, size_t len, jwt_keys **ret, hub_fault *fault);
/* The newest key first, then at most `keep` of the older: what they signed stays valid. */
hub_status jwt_keys_rotate(const jwt_keys *old, size_t keep, jwt_keys **ret);
void jwt_keys_free(jwt_keys *keys);
size_t jwt_keys_count(const jwt_keys *keys);
/* As JWKS; with_private only for the core's own key file. Texts in the arena. */
hub_status jwt_keys_json(const jwt_keys *keys, bool with_private, arena *a, const char **ret_json);

typedef struct jwt_claims {
	const char *issuer;     /* iss */
	const char *subject;    /* sub: the party's code, or a resident's id */
	const char *audience;   /* aud: one; a token with several is taken if it holds the expected one */
	const char *client;     /* client_id, "" if none */
	const char *scope;      /* "" if none */
	const char *id;         /* jti */
	const char *thumbprint; /* cnf.x5t#S256, base64url; "" if not bound */
	hub_time issued, not_before, expires; /* whole seconds; not_before 0: none */
} jwt_claims;

/* Signs with the first key. HUB_MISSING: the set holds no private part. */
hub_status jwt_sign(const jwt_keys *keys, const jwt_claims *claims, arena *a, const char **ret_token);

typedef struct jwt_expect {
	const char *issuer, *audience;
	const char *thumbprint; /* of the caller's certificate, "" if it showed none */
	hub_time now;
	int64_t leeway; /* µs that clocks may be apart */
} jwt_expect;

/*
 * Checks everything: form, algorithm, kid, signature, typ, issuer, audience, times, binding. A
 * token bound to a certificate needs just that one. HUB_DENIED with *fault ("token.expired", …).
 */
hub_status jwt_verify(const jwt_keys *keys, const char *token, size_t len, const jwt_expect *expect, arena *a,
		      jwt_claims *ret, hub_fault *fault);

enum { JWT_TOKEN_MAX = 8 * 1024 };

#endif
