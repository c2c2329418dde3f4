/* Sealed bodies: opened with the key of the certificate that they carry, and with nothing else. */
#include "unit.h"

#include "base/clock.h"
#include "identity/authority.h"
#include "identity/seal.h"

#include <cjose/cjose.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

static const char body[] = "account,cycle\nh1,2026-10\n";
static authority *ca;
static arena a;

typedef struct who {
	EVP_PKEY *key;
	char *der; /* base64 */
} who;

static void encode(bool url, const void *bytes, size_t len, char **ret)
{
	size_t n;
	cjose_err err;
	assert_true(url ? cjose_base64url_encode(bytes, len, ret, &n, &err) : cjose_base64_encode(bytes, len, ret, &n, &err));
}

static who party(const char *name, const char *kind)
{
	who w = { EVP_EC_gen("P-256"), NULL };
	X509_REQ *r = X509_REQ_new();
	uint8_t *csr = NULL, *der = NULL;
	buf pem = { 0 };
	certificate c;
	hub_fault fault;
	X509_REQ_set_pubkey(r, w.key);
	X509_REQ_sign(r, w.key, EVP_sha256());
	int n = i2d_X509_REQ(r, &csr);
	const authority_grant grant = { kind, name, clock_now(), 30 };
	assert_int_equal(authority_sign(ca, csr, (size_t)n, &grant, &pem, &c, &fault), HUB_OK);
	BIO *b = BIO_new_mem_buf(pem.bytes, (int)pem.len);
	X509 *x = PEM_read_bio_X509(b, NULL, NULL, NULL);
	n = i2d_X509(x, &der);
	encode(false, der, (size_t)n, &w.der);
	OPENSSL_free(der);
	OPENSSL_free(csr);
	X509_free(x);
	BIO_free(b);
	X509_REQ_free(r);
	buf_fini(&pem);
	return w;
}

static void part(who w)
{
	EVP_PKEY_free(w.key);
	free(w.der);
}

/* `by` signs with the certificate of `said`. */
static const char *seal_text(who by, who said, const char *alg, const char *type, const char *more, const void *bytes, size_t len)
{
	char *head, *payload, *mark;
	uint8_t der[80], raw[64];
	const uint8_t *at = der;
	size_t n = sizeof der;
	encode(true, arena_printf(&a, "{\"alg\":\"%s\",\"typ\":\"%s\"%s,\"x5c\":[\"%s\"]}", alg, type, more, said.der),
	       strlen(alg) + strlen(type) + strlen(more) + strlen(said.der) + sizeof "{'alg':'','typ':'','x5c':['']}" - 1, &head);
	encode(true, bytes, len, &payload);
	const char *input = arena_printf(&a, "%s.%s", head, payload);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, by.key), 1);
	assert_int_equal(EVP_DigestSign(ctx, der, &n, (const uint8_t *)input, strlen(input)), 1);
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)n);
	BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, 32);
	BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + 32, 32);
	encode(true, raw, sizeof raw, &mark);
	const char *text = arena_printf(&a, "%s.%s", input, mark);
	ECDSA_SIG_free(sig);
	EVP_MD_CTX_free(ctx);
	free(head);
	free(payload);
	free(mark);
	return text;
}

static hub_status open(const char *text, seal *ret, hub_fault *fault)
{
	return seal_open(text, strlen(text), "uhub.bills", &a, ret, fault);
}

static void it_opens_with_its_own_key_alone(void **unused)
{
	(void)unused;
	seal s;
	hub_fault fault;
	who gas = party("gas", "party"), water = party("water", "party");
	const char *text = seal_text(gas, gas, "ES256", "uhub.bills", "", body, sizeof body - 1);
	assert_int_equal(open(text, &s, &fault), HUB_OK);
	assert_string_equal(s.by.name, "gas");
	assert_int_equal(s.len, sizeof body - 1);
	assert_memory_equal(s.body, body, s.len);
	assert_int_equal(open(seal_text(water, gas, "ES256", "uhub.bills", "", body, 5), &s, &fault), HUB_DENIED);
	assert_string_equal(fault.code, "seal.signature");
	assert_int_equal(open(seal_text(gas, gas, "ES384", "uhub.bills", "", body, 5), &s, &fault), HUB_DENIED);
	assert_int_equal(open(seal_text(gas, gas, "none", "uhub.bills", "", body, 5), &s, &fault), HUB_DENIED);
	/* Every byte of it counts. */
	for (size_t i = 0; i < strlen(text); i += 7) {
		char *other = arena_strdup(&a, text);
		other[i] = other[i] == 'A' ? 'B' : 'A';
		assert_int_not_equal(open(other, &s, &fault), HUB_OK);
	}
	part(gas);
	part(water);
}

static void what_says_something_else_is_refused(void **unused)
{
	(void)unused;
	seal s;
	hub_fault fault;
	who gas = party("gas", "party");
	assert_int_equal(open(seal_text(gas, gas, "ES256", "uhub.other", "", body, 5), &s, &fault), HUB_REJECT);
	assert_int_equal(open(seal_text(gas, gas, "ES256", "uhub.bills", ",\"crit\":[\"x\"]", body, 5), &s, &fault), HUB_REJECT);
	assert_int_equal(open(seal_text(gas, gas, "ES256", "uhub.bills", ",\"typ\":\"uhub.bills\"", body, 5), &s, &fault), HUB_REJECT);
	static const char *const wrong[] = { "", ".", "..", "a.b.c.d", "e30.e30.e30", "eyJ4NWMiOlsiIl19.e30.e30" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_int_equal(open(wrong[i], &s, &fault), HUB_REJECT);
		assert_string_equal(fault.code, "seal.form");
	}
	part(gas);
}

static int setup(void **unused)
{
	(void)unused;
	arena_init(&a, 0);
	return authority_new("Test city", 10, &ca) != HUB_OK;
}

static int teardown(void **unused)
{
	(void)unused;
	arena_fini(&a);
	authority_free(ca);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_opens_with_its_own_key_alone),
		cmocka_unit_test(what_says_something_else_is_refused),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
