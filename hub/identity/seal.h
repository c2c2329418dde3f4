/*
 * What a party seals: a compact JWS (RFC 7515: HEADER.BODY.SIGNATURE) made with the key of the party's own certificate, which
 * the header carries (x5c, one). ES256 with P-256 or RS256 with 2,048 bits and more, as the key is; "typ" says what is
 * sealed, so that no other signature of the party will do. Whether the certificate is ours and still stands is the
 * caller's to ask, by its thumbprint.
 */
#ifndef IDENTITY_SEAL_H
#define IDENTITY_SEAL_H

#include "base/arena.h"
#include "identity/certificate.h"

typedef struct seal {
	certificate by;
	const uint8_t *body; /* in the arena */
	size_t len;
} seal;

/* HUB_REJECT with *fault: not such a text; HUB_DENIED with *fault: not made by that certificate's key. */
hub_status seal_open(const char *text, size_t len, const char *type, arena *a, seal *ret, hub_fault *fault);

#endif
