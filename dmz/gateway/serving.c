#include "serving.h"

#include <openssl/err.h>
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

struct serving {
	serving_settings settings;
	char cert[640], key[640];
	SSL_CTX *context;
	stamp read[2]; /* of both files, when they were read */
};

static void stamp_files(const serving *s, stamp ret[2])
{
	const char *const paths[2] = { s->cert, s->key };
	for (size_t i = 0; i < 2; i++) {
		struct stat st;
		bool there = !stat(paths[i], &st);
		ret[i] = (stamp) { there ? st.st_ino : 0, there ? st.st_ctim : (struct timespec) { 0 } };
	}
}

static bool same(const stamp *a, const stamp *b)
{
	return a->inode == b->inode && a->changed.tv_sec == b->changed.tv_sec &&
	       a->changed.tv_nsec == b->changed.tv_nsec;
}

static int verdict(int good, X509_STORE_CTX *verification)
{
	return tls_accepts(verification, good);
}

static int choose(SSL *ssl, const unsigned char **out, unsigned char *out_len, const unsigned char *in, unsigned in_len,
		  void *user)
{
	static const unsigned char known[] = "\x02h2\x08http/1.1";
	const serving *s = user;
	unsigned skip = s->settings.http2 ? 0 : 3;
	(void)ssl;
	return SSL_select_next_proto((unsigned char **)(uintptr_t)out, out_len, known + skip, sizeof known - 1 - skip,
				     in, in_len) == OPENSSL_NPN_NEGOTIATED
		   ? SSL_TLSEXT_ERR_OK
		   : SSL_TLSEXT_ERR_NOACK;
}

static bool demand(serving *s, SSL_CTX *ctx)
{
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				  SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_alpn_select_cb(ctx, choose, s);
	if (!s->settings.clients)
		return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1;
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | (s->settings.demanded ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
			   verdict);
	return tls_equip(s->settings.clients, ctx) == HUB_OK;
}

static hub_status load(serving *s, SSL_CTX **ret, hub_fault *fault)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	bool good = ctx && SSL_CTX_use_certificate_chain_file(ctx, s->cert) == 1 &&
		    SSL_CTX_use_PrivateKey_file(ctx, s->key, SSL_FILETYPE_PEM) == 1 &&
		    SSL_CTX_check_private_key(ctx) == 1 && demand(s, ctx);
	ERR_clear_error();
	if (good) {
		*ret = ctx;
		return HUB_OK;
	}
	SSL_CTX_free(ctx);
	hub_fault_set(fault, "gateway.certificate", s->settings.option,
		      "%.150s is missing or damaged, or %.150s is not its key; both are PEM", s->cert, s->key);
	return HUB_FAILED;
}

hub_status serving_open(const serving_settings *settings, serving **ret, hub_fault *fault)
{
	serving *s = fail_calloc(1, sizeof *s);
	if (!s)
		return HUB_NOMEM;
	s->settings = *settings;
	snprintf(s->cert, sizeof s->cert, "%s", settings->cert);
	snprintf(s->key, sizeof s->key, "%s", settings->key);
	stamp_files(s, s->read);
	hub_status st = load(s, &s->context, fault);
	if (st == HUB_OK)
		*ret = s;
	else
		free(s);
	return st;
}

void serving_close(serving *s)
{
	if (!s)
		return;
	SSL_CTX_free(s->context);
	free(s);
}

SSL_CTX *serving_context(const serving *s)
{
	return s->context;
}

/* The two files are replaced one after the other: until both are of a pair, the old ones serve. */
void serving_refresh(serving *s)
{
	stamp now[2];
	SSL_CTX *fresh;
	hub_fault fault = { 0 };
	stamp_files(s, now);
	if (same(&now[0], &s->read[0]) && same(&now[1], &s->read[1]))
		return;
	memcpy(s->read, now, sizeof now);
	if (load(s, &fresh, &fault) != HUB_OK) {
		log_error("%s (%s); the old certificate stays in use", fault.message, fault.code);
		return;
	}
	SSL_CTX_free(s->context);
	s->context = fresh;
	log_info("certificate %s read again", s->cert);
}
