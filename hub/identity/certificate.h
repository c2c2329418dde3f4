/*
 * What the hub reads from a certificate that TLS has verified: who it was issued to and how a
 * token may be bound to it. Names come from the subject alternative name
 * "urn:uhub:party:CODE" (or urn:uhub:station:ID), never from the free text of a subject.
 */
#ifndef IDENTITY_CERTIFICATE_H
#define IDENTITY_CERTIFICATE_H

#include <hub/adapter.h>

enum { CERTIFICATE_NAME = 129, CERTIFICATE_SERIAL = 41, CERTIFICATE_THUMBPRINT = 44 };

typedef struct certificate {
	char kind[16];                           /* "party", "station" */
	char name[CERTIFICATE_NAME];             /* the code or id, [A-Za-z0-9._-]{1,128} */
	char serial[CERTIFICATE_SERIAL];         /* lower case hex */
	char thumbprint[CERTIFICATE_THUMBPRINT]; /* base64url of SHA-256 over the DER (x5t#S256) */
	hub_time not_before, not_after;
} certificate;

/* DER, exactly one certificate. HUB_REJECT: not one, or without our name. Trust is not checked here. */
hub_status certificate_read(const uint8_t *der, size_t len, certificate *ret, hub_fault *fault);

#endif
