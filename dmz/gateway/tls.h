/*
 * The party port's TLS: who must show what. A client's certificate must come from our authority,
 * be in time and not stand in the revocation list; both files are read again when replaced. TLS
 * 1.2 or newer. No session is resumed, so that every connection is judged anew.
 */
#ifndef GATEWAY_TLS_H
#define GATEWAY_TLS_H

#include <hub/status.h>

#include <stdbool.h>

#include "base/arena.h"

#include <openssl/ssl.h>

/* In the zone's state directory. */
#define TLS_CA "ca.pem"
#define TLS_LIST "crl.pem"
#define TLS_CERT "server.crt"
#define TLS_KEY "server.key"

typedef struct tls tls;

/* HUB_FAILED: a file is missing or is none of these. */
hub_status tls_open(const char *directory, tls **ret, hub_fault *fault);
void tls_close(tls *t); /* NULL is fine */

/* The path of one of the files above. */
void tls_file(const tls *t, const char *name, char *out, size_t size);

/* What lws does not set of its own. HUB_FAILED. */
hub_status tls_equip(tls *t, SSL_CTX *context);
/* Reads the files again if one was replaced since; a faulty one leaves the old in force. To be called now and then. */
void tls_refresh(tls *t);
/* OpenSSL's verdict on a client's certificate, mended where the list has merely grown old. */
bool tls_accepts(X509_STORE_CTX *verification, bool verdict);
/* The client's certificate as DER, in the arena. HUB_MISSING: it showed none. */
hub_status tls_peer(SSL *ssl, arena *a, const uint8_t **ret, size_t *ret_len);

#endif
