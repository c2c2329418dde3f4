#include "unit.h"

#include "base/clock.h"
#include "identity/authority.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

static authority *ca;

static int setup(void **unused)
{
	(void)unused;
	return authority_new("Test city", 10, &ca) != HUB_OK;
}

static int teardown(void **unused)
{
	(void)unused;
	authority_free(ca);
	return 0;
}

/* A request that asks to be somebody else. */
static buf request(EVP_PKEY *key, EVP_PKEY *signer)
{
	X509_REQ *r = X509_REQ_new();
	buf out = { 0 };
	char *bytes;
	X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(r), "CN", MBSTRING_UTF8, (const unsigned char *)"grid", -1, -1, 0);
	X509_REQ_set_pubkey(r, key);
	X509_REQ_sign(r, signer, EVP_sha256());
	BIO *b = BIO_new(BIO_s_mem());
	PEM_write_bio_X509_REQ(b, r);
	long n = BIO_get_mem_data(b, &bytes);
	buf_put(&out, bytes, (size_t)n);
	BIO_free(b);
	X509_REQ_free(r);
	return out;
}

static X509 *pem_cert(const buf *pem)
{
	BIO *b = BIO_new_mem_buf(pem->bytes, (int)pem->len);
	X509 *x = PEM_read_bio_X509(b, NULL, NULL, NULL);
	BIO_free(b);
	assert_non_null(x);
	return x;
}

/* What TLS does: is this certificate good for a client, by our authority and its list? */
static bool trusted(X509 *x, const buf *crl, int purpose)
{
	buf pem = { 0 };
	authority_cert_pem(ca, &pem);
	X509 *root = pem_cert(&pem);
	X509_STORE *store = X509_STORE_new();
	X509_STORE_add_cert(store, root);
	if (crl) {
		BIO *b = BIO_new_mem_buf(crl->bytes, (int)crl->len);
		X509_CRL *list = PEM_read_bio_X509_CRL(b, NULL, NULL, NULL);
		assert_non_null(list);
		X509_STORE_add_crl(store, list);
		X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
		X509_CRL_free(list);
		BIO_free(b);
	}
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_STORE_CTX_init(ctx, store, x, NULL);
	X509_STORE_CTX_set_purpose(ctx, purpose);
	bool ok = X509_verify_cert(ctx) == 1;
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	X509_free(root);
	buf_fini(&pem);
	return ok;
}

static void a_party_is_named_by_the_operator_not_by_its_request(void **unused)
{
	(void)unused;
	EVP_PKEY *key = EVP_EC_gen("P-256");
	buf csr = request(key, key), pem = { 0 };
	certificate c;
	authority_grant g = { "party", "water", clock_now(), 90 };
	assert_int_equal(authority_sign(ca, csr.bytes, csr.len, &g, &pem, &c, NULL), HUB_OK);
	assert_string_equal(c.kind, "party");
	assert_string_equal(c.name, "water");
	assert_int_equal(strlen(c.thumbprint), 43);
	assert_in_range((c.not_after - clock_now()) / 86400000000, 89, 90);
	X509 *x = pem_cert(&pem);
	assert_true(trusted(x, NULL, X509_PURPOSE_SSL_CLIENT));
	assert_false(trusted(x, NULL, X509_PURPOSE_SSL_SERVER));
	X509_free(x);
	EVP_PKEY_free(key);
	buf_fini(&csr);
	buf_fini(&pem);
}

static void weak_broken_and_foreign_requests_are_refused(void **unused)
{
	(void)unused;
	EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256"), *weak = EVP_RSA_gen(1024);
	buf stolen = request(key, other), small = request(weak, weak), pem = { 0 };
	certificate c;
	hub_fault fault;
	authority_grant g = { "party", "water", clock_now(), 90 };
	assert_int_equal(authority_sign(ca, stolen.bytes, stolen.len, &g, &pem, &c, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "csr.signature");
	assert_int_equal(authority_sign(ca, small.bytes, small.len, &g, &pem, &c, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "csr.key");
	assert_int_equal(authority_sign(ca, (const uint8_t *)"hello", 5, &g, &pem, &c, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "csr.form");
	assert_int_equal(pem.len, 0);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
	EVP_PKEY_free(weak);
	buf_fini(&stolen);
	buf_fini(&small);
}

static void a_name_that_would_say_more_is_refused(void **unused)
{
	(void)unused;
	static const char *const bad[] = { "", "water,URI:urn:uhub:party:grid", "a b", "water\n", "水务", "urn:uhub:party:grid" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		buf cert = { 0 }, key = { 0 };
		hub_fault fault;
		authority_grant g = { "party", bad[i], clock_now(), 90 };
		assert_int_equal(authority_issue(ca, &g, &cert, &key, &fault), HUB_REJECT);
		assert_string_equal(fault.code, "certificate.name");
		buf_fini(&cert);
		buf_fini(&key);
	}
}

static void a_revoked_certificate_is_no_longer_trusted(void **unused)
{
	(void)unused;
	buf cert = { 0 }, key = { 0 }, empty = { 0 }, list = { 0 };
	authority_grant g = { "station", "CP-0001", clock_now(), 30 };
	assert_int_equal(authority_issue(ca, &g, &cert, &key, NULL), HUB_OK);
	X509 *x = pem_cert(&cert);
	uint8_t *der = NULL;
	int n = i2d_X509(x, &der);
	certificate c;
	assert_int_equal(certificate_read(der, (size_t)n, &c, NULL), HUB_OK);
	assert_int_equal(authority_crl(ca, NULL, 0, 1, clock_now(), 7, &empty), HUB_OK);
	assert_true(trusted(x, &empty, X509_PURPOSE_SSL_CLIENT));
	authority_revoked gone = { c.serial, clock_now() };
	assert_int_equal(authority_crl(ca, &gone, 1, 2, clock_now(), 7, &list), HUB_OK);
	assert_false(trusted(x, &list, X509_PURPOSE_SSL_CLIENT));
	OPENSSL_free(der);
	X509_free(x);
	buf_fini(&cert);
	buf_fini(&key);
	buf_fini(&empty);
	buf_fini(&list);
}

static void the_authority_is_kept_as_two_files(void **unused)
{
	(void)unused;
	buf cert = { 0 }, key = { 0 }, foreign = { 0 };
	authority *again = NULL, *other;
	hub_fault fault;
	authority_cert_pem(ca, &cert);
	authority_key_pem(ca, &key);
	assert_int_equal(authority_load(buf_cstr(&cert), buf_cstr(&key), &again, NULL), HUB_OK);
	authority_free(again);
	again = NULL;
	assert_int_equal(authority_new("Another", 1, &other), HUB_OK);
	authority_key_pem(other, &foreign);
	assert_int_equal(authority_load(buf_cstr(&cert), buf_cstr(&foreign), &again, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "authority.pair");
	assert_null(again);
	authority_free(other);
	buf_fini(&cert);
	buf_fini(&key);
	buf_fini(&foreign);
}

static void every_cut_of_a_certificate_is_refused(void **unused)
{
	(void)unused;
	buf cert = { 0 }, key = { 0 };
	authority_grant g = { "party", "gas", clock_now(), 30 };
	assert_int_equal(authority_issue(ca, &g, &cert, &key, NULL), HUB_OK);
	X509 *x = pem_cert(&cert);
	uint8_t *der = NULL;
	int n = i2d_X509(x, &der);
	for (int cut = 0; cut < n; cut++) {
		uint8_t *part = malloc((size_t)cut ? (size_t)cut : 1);
		certificate c;
		memcpy(part, der, (size_t)cut);
		assert_int_equal(certificate_read(part, (size_t)cut, &c, NULL), HUB_REJECT);
		free(part);
	}
	OPENSSL_free(der);
	X509_free(x);
	buf_fini(&cert);
	buf_fini(&key);
}

static void a_server_certificate_is_no_party(void **unused)
{
	(void)unused;
	buf cert = { 0 }, key = { 0 };
	authority_grant g = { "server", "hub.city.example", clock_now(), 30 };
	assert_int_equal(authority_issue(ca, &g, &cert, &key, NULL), HUB_OK);
	X509 *x = pem_cert(&cert);
	assert_true(trusted(x, NULL, X509_PURPOSE_SSL_SERVER));
	assert_int_equal(X509_check_host(x, "hub.city.example", 0, 0, NULL), 1);
	uint8_t *der = NULL;
	int n = i2d_X509(x, &der);
	certificate c;
	hub_fault fault;
	assert_int_equal(certificate_read(der, (size_t)n, &c, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "certificate.name");
	OPENSSL_free(der);
	X509_free(x);
	buf_fini(&cert);
	buf_fini(&key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_party_is_named_by_the_operator_not_by_its_request),
		cmocka_unit_test(weak_broken_and_foreign_requests_are_refused),
		cmocka_unit_test(a_name_that_would_say_more_is_refused),
		cmocka_unit_test(a_revoked_certificate_is_no_longer_trusted),
		cmocka_unit_test(the_authority_is_kept_as_two_files),
		cmocka_unit_test(every_cut_of_a_certificate_is_refused),
		cmocka_unit_test(a_server_certificate_is_no_party),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
