/*
 * The private certificate authority of the city: EC P-256, two levels are not needed. Parties and
 * stations bring a signing request; what they ask to be called does not count, the operator says it.
 * The authority's key never leaves the core zone.
 */
#ifndef IDENTITY_AUTHORITY_H
#define IDENTITY_AUTHORITY_H

#include "base/buf.h"
#include "identity/certificate.h"

typedef struct authority authority;

/* A new authority, valid for `years`. */
hub_status authority_new(const char *common_name, int years, authority **ret);
/* From its certificate and key, both PEM. HUB_REJECT: not a pair, or not an authority. */
hub_status authority_load(const char *cert_pem, const char *key_pem, authority **ret, hub_fault *fault);
void authority_free(authority *a);
void authority_cert_pem(const authority *a, buf *out);
void authority_key_pem(const authority *a, buf *out);

typedef struct authority_grant {
	const char *kind;   /* "party" or "station" (clients), "server" (a listener of ours) */
	const char *name;   /* code or id; for a server its DNS name or address */
	hub_time from;      /* now */
	int days;           /* 1 … 825 */
} authority_grant;

/*
 * Signs a request (PEM or DER). The request's own signature must hold; its key must be EC P-256 or
 * P-384, or RSA of 2,048 bits or more. Appends the certificate as PEM; *ret says what is in it.
 */
hub_status authority_sign(const authority *a, const uint8_t *csr, size_t len, const authority_grant *grant, buf *out,
			  certificate *ret, hub_fault *fault);
/* The request's one common name, which it asks to be called. HUB_REJECT: no request, or not one plain name. */
hub_status authority_request_name(const uint8_t *csr, size_t len, char ret[CERTIFICATE_NAME]);
/* A key and certificate of our own, both PEM. */
hub_status authority_issue(const authority *a, const authority_grant *grant, buf *cert, buf *key, hub_fault *fault);

typedef struct authority_revoked {
	const char *serial; /* hex, as certificate.serial */
	hub_time at;
} authority_revoked;

/* The revocation list as PEM, numbered, valid from now for `days`. */
hub_status authority_crl(const authority *a, const authority_revoked *list, size_t count, uint64_t number, hub_time now,
			 int days, buf *out);

#endif
