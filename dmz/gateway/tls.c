#include "tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fail.h"
#include "base/log.h"

typedef struct stamp {
	ino_t inode;
	struct timespec changed;
} stamp;

struct tls {
	char directory[512];
	X509_STORE *trusted;
	SSL_CTX *context; /* a reference of its own; NULL until equipped */
	stamp read[2];    /* of the authority's certificate and the list, when they were read */
};

void tls_file(const tls *t, const char *name, char *out, size_t size)
{
	snprintf(out, size, "%s/%s", t->directory, name);
}

static void stamp_files(const tls *t, stamp ret[2])
{
	static const char *const names[2] = { TLS_CA, TLS_LIST };
	for (size_t i = 0; i < 2; i++) {
		char path[640];
		struct stat st;
		tls_file(t, names[i], path, sizeof path);
		bool there = !stat(path, &st);
		ret[i] = (stamp){ there ? st.st_ino : 0, there ? st.st_ctim : (struct timespec){ 0 } };
	}
}

static bool same(const stamp a[2], const stamp b[2])
{
	for (size_t i = 0; i < 2; i++)
		if (a[i].inode != b[i].inode || a[i].changed.tv_sec != b[i].changed.tv_sec ||
		    a[i].changed.tv_nsec != b[i].changed.tv_nsec)
			return false;
	return true;
}

static void *read_pem(const tls *t, const char *name, void *(*take)(FILE *in))
{
	char path[640];
	tls_file(t, name, path, sizeof path);
	FILE *in = fopen(path, "r");
	void *got = in ? take(in) : NULL;
	if (in)
		fclose(in);
	ERR_clear_error();
	return got;
}

static void *take_cert(FILE *in)
{
	return PEM_read_X509(in, NULL, NULL, NULL);
}

static void *take_list(FILE *in)
{
	return PEM_read_X509_CRL(in, NULL, NULL, NULL);
}

/* A list that the authority did not sign would refuse every client at its first handshake; refuse it here instead. */
static hub_status load(const tls *t, X509_STORE **ret, hub_fault *fault)
{
	X509 *ca = read_pem(t, TLS_CA, take_cert);
	X509_CRL *list = read_pem(t, TLS_LIST, take_list);
	X509_STORE *fresh = X509_STORE_new();
	bool good = ca && list && fresh && X509_check_ca(ca) == 1 && X509_CRL_verify(list, X509_get0_pubkey(ca)) == 1 &&
		    X509_STORE_add_cert(fresh, ca) == 1 && X509_STORE_add_crl(fresh, list) == 1 &&
		    X509_STORE_set_flags(fresh, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_X509_STRICT) == 1 &&
		    X509_STORE_set_purpose(fresh, X509_PURPOSE_SSL_CLIENT) == 1;
	X509_free(ca);
	X509_CRL_free(list);
	if (good) {
		*ret = fresh;
		return HUB_OK;
	}
	X509_STORE_free(fresh);
	hub_fault_set(fault, "gateway.trust", "party_listen",
		      "%.200s/%s or %s is missing, damaged, or not of one authority; "
		      "hubctl ca publish writes them",
		      t->directory, TLS_CA, TLS_LIST);
	return HUB_FAILED;
}

hub_status tls_open(const char *directory, tls **ret, hub_fault *fault)
{
	tls *t = fail_calloc(1, sizeof *t);
	if (!t)
		return HUB_NOMEM;
	snprintf(t->directory, sizeof t->directory, "%s", directory);
	stamp_files(t, t->read);
	hub_status st = load(t, &t->trusted, fault);
	if (st == HUB_OK)
		*ret = t;
	else
		tls_close(t);
	return st;
}

void tls_close(tls *t)
{
	if (!t)
		return;
	X509_STORE_free(t->trusted);
	SSL_CTX_free(t->context);
	free(t);
}

hub_status tls_equip(tls *t, SSL_CTX *context)
{
	X509 *ca = read_pem(t, TLS_CA, take_cert);
	/* Named in the request for a certificate, so that a client with several chooses well. */
	bool good = ca && SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
		    SSL_CTX_add_client_CA(context, ca) == 1;
	X509_free(ca);
	if (!good)
		return HUB_FAILED;
	SSL_CTX_set1_cert_store(context, t->trusted);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_num_tickets(context, 0);
	SSL_CTX_up_ref(context);
	SSL_CTX_free(t->context);
	t->context = context;
	return HUB_OK;
}

void tls_refresh(tls *t)
{
	stamp now[2];
	hub_fault fault = { 0 };
	X509_STORE *fresh;
	stamp_files(t, now);
	if (same(now, t->read))
		return;
	memcpy(t->read, now, sizeof now);
	if (load(t, &fresh, &fault) != HUB_OK) {
		log_error("%s (%s); the old list stays in force", fault.message, fault.code);
		return;
	}
	X509_STORE_free(t->trusted);
	t->trusted = fresh;
	if (t->context)
		SSL_CTX_set1_cert_store(t->context, fresh);
	log_info("revocation list read again");
}

bool tls_accepts(X509_STORE_CTX *verification, bool verdict)
{
	/* The core asks its own table at every call: an old list is no reason to shut the door on everybody. */
	if (!verdict && X509_STORE_CTX_get_error(verification) == X509_V_ERR_CRL_HAS_EXPIRED) {
		X509_STORE_CTX_set_error(verification, X509_V_OK);
		return true;
	}
	return verdict;
}

hub_status tls_peer(SSL *ssl, arena *a, const uint8_t **ret, size_t *ret_len)
{
	uint8_t *der = NULL;
	X509 *x = ssl ? SSL_get1_peer_certificate(ssl) : NULL;
	if (!x)
		return HUB_MISSING;
	int len = i2d_X509(x, &der);
	X509_free(x);
	const uint8_t *copy = len > 0 ? arena_memdup(a, der, (size_t)len) : NULL;
	OPENSSL_free(der);
	if (!copy)
		return HUB_NOMEM;
	*ret = copy;
	*ret_len = (size_t)len;
	return HUB_OK;
}
