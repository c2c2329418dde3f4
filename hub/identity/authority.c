#include "identity/authority.h"

#include "base/fail.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct authority {
	X509 *cert;
	EVP_PKEY *key;
};

/* What a certificate of each kind may be used for, and how its name is written. */
static const struct grant_kind {
	const char *kind, *san, *usage;
} kinds[] = {
	{ "party", "URI:urn:uhub:party:%s", "clientAuth" },
	{ "station", "URI:urn:uhub:station:%s", "clientAuth" },
	{ "server", "DNS:%s", "serverAuth" },
	{ "server-ip", "IP:%s", "serverAuth" },
};

static bool extend(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	bool done = e && X509_add_ext(x, e, -1) == 1;
	X509_EXTENSION_free(e);
	return done;
}

static bool time_set(ASN1_TIME *t, hub_time when)
{
	return ASN1_TIME_set(t, (time_t)(when / 1000000)) != NULL;
}

/* 127 random bits, so that a serial tells nothing and never repeats. */
static bool serial_set(X509 *x)
{
	unsigned char bytes[16];
	if (RAND_bytes(bytes, sizeof bytes) != 1)
		return false;
	bytes[0] = (unsigned char)((bytes[0] & 0x7f) | 0x40);
	BIGNUM *n = BN_bin2bn(bytes, sizeof bytes, NULL);
	bool done = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
	BN_free(n);
	return done;
}

static bool name_set(X509_NAME *name, const char *common_name)
{
	return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1, 0) == 1;
}

hub_status authority_new(const char *common_name, int years, authority **ret)
{
	authority *a = fail_calloc(1, sizeof *a);
	if (!a)
		return HUB_NOMEM;
	a->key = EVP_EC_gen("P-256");
	a->cert = X509_new();
	X509 *x = a->cert;
	bool ok = a->key && x && X509_set_version(x, 2) && serial_set(x) && name_set(X509_get_subject_name(x), common_name) &&
		  X509_set_issuer_name(x, X509_get_subject_name(x)) && X509_gmtime_adj(X509_getm_notBefore(x), -3600) &&
		  X509_time_adj_ex(X509_getm_notAfter(x), 365 * years, 0, NULL) && X509_set_pubkey(x, a->key) &&
		  extend(x, x, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
		  extend(x, x, NID_key_usage, "critical,keyCertSign,cRLSign") &&
		  extend(x, x, NID_subject_key_identifier, "hash") && X509_sign(x, a->key, EVP_sha256()) > 0;
	if (!ok) {
		authority_free(a);
		return HUB_FAILED;
	}
	*ret = a;
	return HUB_OK;
}

hub_status authority_load(const char *cert_pem, const char *key_pem, authority **ret, hub_fault *fault)
{
	authority *a = fail_calloc(1, sizeof *a);
	if (!a)
		return HUB_NOMEM;
	BIO *c = BIO_new_mem_buf(cert_pem, -1), *k = BIO_new_mem_buf(key_pem, -1);
	a->cert = c ? PEM_read_bio_X509(c, NULL, NULL, NULL) : NULL;
	a->key = k ? PEM_read_bio_PrivateKey(k, NULL, NULL, NULL) : NULL;
	BIO_free(c);
	BIO_free(k);
	if (!a->cert || !a->key || X509_check_private_key(a->cert, a->key) != 1 || X509_check_ca(a->cert) != 1) {
		authority_free(a);
		return hub_fault_set(fault, "authority.pair", "authority",
				     "certificate and key must be PEM, belong together, and be an authority's");
	}
	*ret = a;
	return HUB_OK;
}

void authority_free(authority *a)
{
	if (!a)
		return;
	X509_free(a->cert);
	EVP_PKEY_free(a->key);
	free(a);
}

static void pem_take(BIO *b, buf *out)
{
	char *bytes;
	long len = BIO_get_mem_data(b, &bytes);
	if (len > 0)
		buf_put(out, bytes, (size_t)len);
	else
		out->bad = true;
	BIO_free(b);
}

static void cert_pem(X509 *x, buf *out)
{
	BIO *b = BIO_new(BIO_s_mem());
	if (b)
		PEM_write_bio_X509(b, x);
	pem_take(b, out);
}

static void key_pem(EVP_PKEY *key, buf *out)
{
	BIO *b = BIO_new(BIO_s_mem());
	if (b)
		PEM_write_bio_PrivateKey(b, key, NULL, NULL, 0, NULL, NULL);
	pem_take(b, out);
}

void authority_cert_pem(const authority *a, buf *out)
{
	cert_pem(a->cert, out);
}

void authority_key_pem(const authority *a, buf *out)
{
	key_pem(a->key, out);
}

/* The name as an extension value; only plain characters, so that nothing can be slipped in. */
static hub_status san_make(const authority_grant *g, char *out, size_t size, const char **ret_usage, hub_fault *fault)
{
	const char *plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:";
	size_t n = strspn(g->name, plain);
	if (!n || g->name[n] || n >= CERTIFICATE_NAME || (strchr(g->name, ':') && strcmp(g->kind, "server-ip") != 0))
		return hub_fault_set(fault, "certificate.name", "name", "1 to %d of [A-Za-z0-9._-]", CERTIFICATE_NAME - 1);
	if (g->days < 1 || g->days > 825)
		return hub_fault_set(fault, "certificate.days", "days", "1 to 825 days, asked for %d", g->days);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (strcmp(kinds[i].kind, g->kind) != 0)
			continue;
		const char *at = strstr(kinds[i].san, "%s");
		snprintf(out, size, "%.*s%s", (int)(at - kinds[i].san), kinds[i].san, g->name);
		*ret_usage = kinds[i].usage;
		return HUB_OK;
	}
	return hub_fault_set(fault, "certificate.kind", "kind", "party, station, server or server-ip, not '%.32s'", g->kind);
}

/* A certificate for a public key, under the names and times of the grant. */
static hub_status certify(const authority *a, EVP_PKEY *key, const authority_grant *g, X509 **ret, hub_fault *fault)
{
	char san[CERTIFICATE_NAME + 32];
	const char *usage;
	hub_status st = san_make(g, san, sizeof san, &usage, fault);
	if (st != HUB_OK)
		return st;
	X509 *x = X509_new();
	hub_time to = g->from + (hub_time)g->days * 86400000000;
	bool ok = x && X509_set_version(x, 2) && serial_set(x) && name_set(X509_get_subject_name(x), g->name) &&
		  X509_set_issuer_name(x, X509_get_subject_name(a->cert)) &&
		  time_set(X509_getm_notBefore(x), g->from - 60000000) && time_set(X509_getm_notAfter(x), to) &&
		  X509_set_pubkey(x, key) && extend(x, a->cert, NID_basic_constraints, "critical,CA:FALSE") &&
		  extend(x, a->cert, NID_key_usage, "critical,digitalSignature") &&
		  extend(x, a->cert, NID_ext_key_usage, usage) && extend(x, a->cert, NID_subject_alt_name, san) &&
		  extend(x, a->cert, NID_subject_key_identifier, "hash") &&
		  extend(x, a->cert, NID_authority_key_identifier, "keyid:always") && X509_sign(x, a->key, EVP_sha256()) > 0;
	if (!ok) {
		X509_free(x);
		return HUB_FAILED;
	}
	*ret = x;
	return HUB_OK;
}

static bool key_is_strong(EVP_PKEY *key)
{
	char group[32] = "";
	if (EVP_PKEY_is_a(key, "RSA"))
		return EVP_PKEY_get_bits(key) >= 2048 && EVP_PKEY_get_bits(key) <= 8192;
	if (!EVP_PKEY_is_a(key, "EC") || EVP_PKEY_get_group_name(key, group, sizeof group, NULL) != 1)
		return false;
	return !strcmp(group, "prime256v1") || !strcmp(group, "secp384r1");
}

static X509_REQ *request_read(const uint8_t *csr, size_t len)
{
	if (!len || len > 64 * 1024)
		return NULL;
	const uint8_t *p = csr;
	X509_REQ *r = d2i_X509_REQ(NULL, &p, (long)len);
	BIO *b = r ? NULL : BIO_new_mem_buf(csr, (int)len);
	if (b)
		r = PEM_read_bio_X509_REQ(b, NULL, NULL, NULL);
	BIO_free(b);
	return r;
}

hub_status authority_request_name(const uint8_t *csr, size_t len, char ret[CERTIFICATE_NAME])
{
	X509_REQ *request = request_read(csr, len);
	X509_NAME *subject = request ? X509_REQ_get_subject_name(request) : NULL;
	int at = subject ? X509_NAME_get_index_by_NID(subject, NID_commonName, -1) : -1;
	bool one = at >= 0 && X509_NAME_get_index_by_NID(subject, NID_commonName, at) < 0;
	unsigned char *text = NULL;
	int n = one ? ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))) : -1;
	bool plain = n > 0 && n < CERTIFICATE_NAME && !memchr(text, 0, (size_t)n);
	if (plain) {
		memcpy(ret, text, (size_t)n);
		ret[n] = 0;
	}
	OPENSSL_free(text);
	X509_REQ_free(request);
	return plain ? HUB_OK : HUB_REJECT;
}

hub_status authority_sign(const authority *a, const uint8_t *csr, size_t len, const authority_grant *grant, buf *out,
			  certificate *ret, hub_fault *fault)
{
	X509_REQ *request = request_read(csr, len);
	EVP_PKEY *key = request ? X509_REQ_get0_pubkey(request) : NULL;
	X509 *x = NULL;
	hub_status st;
	if (!key)
		st = hub_fault_set(fault, "csr.form", "csr", "not a PKCS#10 request in PEM or DER; make one with openssl req -new");
	else if (X509_REQ_verify(request, key) != 1)
		st = hub_fault_set(fault, "csr.signature", "csr", "not signed by its own key");
	else if (!key_is_strong(key))
		st = hub_fault_set(fault, "csr.key", "csr", "EC P-256 or P-384, or RSA of 2048 bits or more");
	else
		st = certify(a, key, grant, &x, fault);
	X509_REQ_free(request);
	if (st != HUB_OK)
		return st;
	uint8_t *der = NULL;
	int size = i2d_X509(x, &der);
	st = size > 0 ? certificate_read(der, (size_t)size, ret, fault) : HUB_NOMEM;
	if (st == HUB_OK)
		cert_pem(x, out);
	OPENSSL_free(der);
	X509_free(x);
	return st == HUB_OK && out->bad ? HUB_NOMEM : st;
}

hub_status authority_issue(const authority *a, const authority_grant *grant, buf *cert, buf *key, hub_fault *fault)
{
	EVP_PKEY *own = EVP_EC_gen("P-256");
	X509 *x = NULL;
	hub_status st = own ? certify(a, own, grant, &x, fault) : HUB_FAILED;
	if (st == HUB_OK) {
		cert_pem(x, cert);
		key_pem(own, key);
		st = cert->bad || key->bad ? HUB_NOMEM : HUB_OK;
	}
	X509_free(x);
	EVP_PKEY_free(own);
	return st;
}

static bool revoke(X509_CRL *crl, const authority_revoked *one)
{
	X509_REVOKED *r = X509_REVOKED_new();
	BIGNUM *n = NULL;
	ASN1_INTEGER *serial = BN_hex2bn(&n, one->serial) ? BN_to_ASN1_INTEGER(n, NULL) : NULL;
	ASN1_TIME *at = ASN1_TIME_set(NULL, (time_t)(one->at / 1000000));
	bool ok = r && serial && at && X509_REVOKED_set_serialNumber(r, serial) && X509_REVOKED_set_revocationDate(r, at) &&
		  X509_CRL_add0_revoked(crl, r);
	if (!ok)
		X509_REVOKED_free(r);
	ASN1_INTEGER_free(serial);
	ASN1_TIME_free(at);
	BN_free(n);
	return ok;
}

hub_status authority_crl(const authority *a, const authority_revoked *list, size_t count, uint64_t number, hub_time now,
			 int days, buf *out)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)(now / 1000000));
	ASN1_TIME *to = ASN1_TIME_set(NULL, (time_t)(now / 1000000 + (int64_t)days * 86400));
	ASN1_INTEGER *serial = ASN1_INTEGER_new();
	bool ok = crl && from && to && serial && X509_CRL_set_version(crl, 1) &&
		  X509_CRL_set_issuer_name(crl, X509_get_subject_name(a->cert)) && X509_CRL_set1_lastUpdate(crl, from) &&
		  X509_CRL_set1_nextUpdate(crl, to) && ASN1_INTEGER_set_uint64(serial, number) &&
		  X509_CRL_add1_ext_i2d(crl, NID_crl_number, serial, 0, 0) == 1;
	for (size_t i = 0; ok && i < count; i++)
		ok = revoke(crl, &list[i]);
	ok = ok && X509_CRL_sort(crl) && X509_CRL_sign(crl, a->key, EVP_sha256()) > 0;
	BIO *b = ok ? BIO_new(BIO_s_mem()) : NULL;
	if (b) {
		PEM_write_bio_X509_CRL(b, crl);
		pem_take(b, out);
	}
	X509_CRL_free(crl);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	ASN1_INTEGER_free(serial);
	return !b ? HUB_FAILED : out->bad ? HUB_NOMEM : HUB_OK;
}
