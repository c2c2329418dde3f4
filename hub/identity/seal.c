#include "identity/seal.h"

#include "identity/base64.h"

#include <cjose/cjose.h>
#include <jansson.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

enum { HALF = 32, RAW = 2 * HALF, RSA_BITS = 2048, HEAD_MAX = 8192 };

/* Where the parts of the text are. */
typedef struct parts {
	const char *head, *body, *mark;
	size_t head_len, body_len, mark_len;
} parts;

static hub_status malformed(hub_fault *fault, const char *what)
{
	return hub_fault_set(fault, "seal.form", "", "what is signed is a compact JWS HEADER.BODY.SIGNATURE with alg, typ and one "
			     "certificate in x5c: %s", what);
}

static bool split(const char *text, size_t len, parts *ret)
{
	const char *end = text + len, *dot = memchr(text, '.', len), *last = dot ? memchr(dot + 1, '.', (size_t)(end - dot - 1)) : NULL;
	if (!last || memchr(last + 1, '.', (size_t)(end - last - 1)))
		return false;
	*ret = (parts){ text, dot + 1, last + 1, (size_t)(dot - text), (size_t)(last - dot - 1), (size_t)(end - last - 1) };
	return ret->head_len <= HEAD_MAX && ret->mark_len <= HEAD_MAX;
}

/* Into the arena; NULL: not base64, or empty. */
static uint8_t *decode(const char *text, size_t len, bool url, arena *a, size_t *ret_len)
{
	uint8_t *bytes = NULL, *kept = NULL;
	cjose_err err;
	bool ok = len && (url ? base64_is_url(text, len) : base64_is_padded(text, len));
	ok = ok && (url ? cjose_base64url_decode(text, len, &bytes, ret_len, &err) : cjose_base64_decode(text, len, &bytes, ret_len, &err));
	if (ok && *ret_len)
		kept = arena_memdup(a, bytes, *ret_len);
	free(bytes);
	return kept;
}

/* The certificate's bytes out of a header that says just what we know. */
static uint8_t *certificate_of(const json_t *head, const char *type, arena *a, size_t *ret_len)
{
	const char *said = json_string_value(json_object_get(head, "typ"));
	const json_t *chain = json_object_get(head, "x5c");
	const char *text = json_string_value(json_array_get(chain, 0));
	if (!said || strcmp(said, type) || json_object_get(head, "crit") || json_object_get(head, "b64") || json_array_size(chain) != 1 || !text)
		return NULL;
	return decode(text, strlen(text), false, a, ret_len);
}

/* r and s side by side, as JOSE has them, as the DER that OpenSSL takes. */
static uint8_t *ecdsa_der(const uint8_t *raw, size_t len, size_t *ret_len)
{
	uint8_t *der = NULL;
	ECDSA_SIG *sig = len == RAW ? ECDSA_SIG_new() : NULL;
	BIGNUM *r = sig ? BN_bin2bn(raw, HALF, NULL) : NULL, *s = sig ? BN_bin2bn(raw + HALF, HALF, NULL) : NULL;
	bool set = r && s && ECDSA_SIG_set0(sig, r, s) == 1;
	int n = set ? i2d_ECDSA_SIG(sig, &der) : 0;
	if (!set) {
		BN_free(r);
		BN_free(s);
	}
	ECDSA_SIG_free(sig);
	*ret_len = n > 0 ? (size_t)n : 0;
	return n > 0 ? der : NULL;
}

/* The key decides the algorithm; what the header says has to be the same. */
static bool verified(EVP_PKEY *key, const char *algorithm, const parts *p, const uint8_t *mark, size_t len)
{
	bool ec = EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_bits(key) == 256;
	bool rsa = EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= RSA_BITS;
	if (!algorithm || !(ec ? !strcmp(algorithm, "ES256") : rsa && !strcmp(algorithm, "RS256")))
		return false;
	size_t der_len = 0;
	uint8_t *der = ec ? ecdsa_der(mark, len, &der_len) : NULL;
	EVP_MD_CTX *ctx = ec && !der ? NULL : EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		  EVP_DigestVerify(ctx, ec ? der : mark, ec ? der_len : len, (const uint8_t *)p->head, p->head_len + 1 + p->body_len) == 1;
	EVP_MD_CTX_free(ctx);
	OPENSSL_free(der);
	return ok;
}

static hub_status check(const parts *p, const json_t *head, const uint8_t *der, size_t der_len, arena *a, hub_fault *fault)
{
	size_t mark_len = 0;
	const uint8_t *mark = decode(p->mark, p->mark_len, true, a, &mark_len);
	X509 *x = d2i_X509(NULL, &der, (long)der_len);
	EVP_PKEY *key = x ? X509_get_pubkey(x) : NULL;
	hub_status st = mark && key ? HUB_OK : malformed(fault, "its signature cannot be read");
	if (st == HUB_OK && !verified(key, json_string_value(json_object_get(head, "alg")), p, mark, mark_len)) {
		hub_fault_set(fault, "seal.signature", "", "the certificate's key has not signed this; ES256 with a P-256 key, RS256 with RSA");
		st = HUB_DENIED;
	}
	EVP_PKEY_free(key);
	X509_free(x);
	return st;
}

hub_status seal_open(const char *text, size_t len, const char *type, arena *a, seal *ret, hub_fault *fault)
{
	parts p;
	size_t head_len = 0, der_len = 0;
	if (!split(text, len, &p))
		return malformed(fault, "it has not three parts");
	const uint8_t *bytes = decode(p.head, p.head_len, true, a, &head_len);
	json_t *head = bytes ? json_loadb((const char *)bytes, head_len, JSON_REJECT_DUPLICATES, NULL) : NULL;
	const uint8_t *der = head ? certificate_of(head, type, a, &der_len) : NULL;
	hub_status st = der ? certificate_read(der, der_len, &ret->by, fault) : malformed(fault, "its header is another");
	if (st == HUB_OK)
		st = check(&p, head, der, der_len, a, fault);
	if (st == HUB_OK && !(ret->body = decode(p.body, p.body_len, true, a, &ret->len)))
		st = malformed(fault, "its body cannot be read");
	json_decref(head);
	return st;
}
