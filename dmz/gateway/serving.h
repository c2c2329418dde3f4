/*
 * A door's own certificate and what TLS there demands: 1.2 or newer, HTTP/2 before HTTP/1.1 where it is spoken, and
 * from clients what tls.h judges. The files are read again when they were replaced; connections that are there stay.
 */
#ifndef GATEWAY_SERVING_H
#define GATEWAY_SERVING_H

#include "tls.h"

typedef struct serving serving;

typedef struct serving_settings {
	const char *cert, *key; /* PEM files: the certificate with its chain, and its key. Copied */
	const char *option;	/* where they were set, for faults */
	tls *clients;		/* judges their certificates; NULL: none is asked for */
	bool demanded;		/* a client without one is refused in the handshake */
	bool http2;		/* offered by ALPN */
} serving_settings;

/* HUB_FAILED: a file is missing, damaged, or not of a pair. */
hub_status serving_open(const serving_settings *settings, serving **ret, hub_fault *fault);
void serving_close(serving *s); /* NULL is fine */
/* For the next connection; good until serving_refresh. */
SSL_CTX *serving_context(const serving *s);
/* Takes replaced files; faulty ones leave the old in force, and that is logged. To be called now and then. */
void serving_refresh(serving *s);

#endif
