/* One caller at the party port: HTTP/1.1 over TLS with a client certificate, one connection, blocking. For benches. */
#ifndef CTL_CALLER_H
#define CTL_CALLER_H

#include <openssl/ssl.h>

#include <hub/status.h>

#include "base/buf.h"

typedef struct caller {
	SSL *ssl;
	buf in; /* the last answer, head and body */
	int status;
	const char *body; /* in `in`, not terminated */
	size_t body_len;
} caller;

/* What callers share: the authority (PEM file) and their own certificate and key (PEM). NULL: no good. */
SSL_CTX *caller_context(const char *ca_file, const buf *cert, const buf *key);
/* HUB_FAILED: refused, or not whom the certificate of "localhost" names. */
hub_status caller_open(caller *c, SSL_CTX *context, int port);
/* Sends a whole request and reads its answer, which must say its length. HUB_FAILED: the connection is of no more use.
 */
hub_status caller_ask(caller *c, const char *request, size_t len);
void caller_close(caller *c);

#endif
