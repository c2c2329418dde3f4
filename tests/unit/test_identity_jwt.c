#include "unit.h"

#include "base/clock.h"
#include "identity/jwt.h"

#include <cjose/cjose.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static arena a;
static jwt_keys *keys;

static const hub_time NOW = 1795000000000000;

static jwt_claims good(void)
{
	return (jwt_claims){ .issuer = "hub", .subject = "water", .audience = "api", .client = "meter-reader",
			     .scope = "read", .id = "t1", .thumbprint = "", .issued = NOW, .expires = NOW + 600000000 };
}

static const jwt_expect EXPECT = { .issuer = "hub", .audience = "api", .thumbprint = "", .now = NOW + 1000000,
				   .leeway = 5000000 };

static int setup(void **unused)
{
	(void)unused;
	arena_init(&a, 0);
	return jwt_keys_new(&keys) != HUB_OK;
}

static int teardown(void **unused)
{
	(void)unused;
	jwt_keys_free(keys);
	arena_fini(&a);
	return 0;
}

static const char *sign(jwt_claims c)
{
	const char *token;
	assert_int_equal(jwt_sign(keys, &c, &a, &token), HUB_OK);
	return token;
}

static void refused(const char *token, const jwt_expect *expect, const char *code)
{
	jwt_claims c = { .subject = "untouched" };
	hub_fault fault = { 0 };
	assert_int_equal(jwt_verify(keys, token, strlen(token), expect, &a, &c, &fault), HUB_DENIED);
	assert_string_equal(fault.code, code);
	assert_string_equal(c.subject, "untouched");
}

static void what_was_signed_is_read_back(void **unused)
{
	(void)unused;
	const char *token = sign(good());
	jwt_claims c;
	assert_int_equal(jwt_verify(keys, token, strlen(token), &EXPECT, &a, &c, NULL), HUB_OK);
	assert_string_equal(c.subject, "water");
	assert_string_equal(c.client, "meter-reader");
	assert_string_equal(c.scope, "read");
	assert_string_equal(c.id, "t1");
	assert_int_equal(c.expires, good().expires);
}

static void times_audience_and_issuer_are_checked(void **unused)
{
	(void)unused;
	jwt_claims c = good();
	c.expires = NOW - 10000000;
	refused(sign(c), &EXPECT, "token.expired");
	c = good();
	c.not_before = NOW + 60000000;
	refused(sign(c), &EXPECT, "token.early");
	c = good();
	c.issuer = "another hub";
	refused(sign(c), &EXPECT, "token.issuer");
	c = good();
	c.audience = "mqtt";
	refused(sign(c), &EXPECT, "token.audience");
	c = good();
	c.subject = "";
	refused(sign(c), &EXPECT, "token.subject");
}

static void a_bound_token_needs_its_certificate(void **unused)
{
	(void)unused;
	jwt_claims c = good(), got;
	c.thumbprint = "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2";
	const char *token = sign(c);
	refused(token, &EXPECT, "token.binding");
	jwt_expect with = EXPECT;
	with.thumbprint = "awcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2";
	refused(token, &with, "token.binding");
	with.thumbprint = c.thumbprint;
	assert_int_equal(jwt_verify(keys, token, strlen(token), &with, &a, &got, NULL), HUB_OK);
}

static void every_changed_byte_is_refused(void **unused)
{
	(void)unused;
	const char *token = sign(good());
	size_t len = strlen(token);
	for (size_t i = 0; i < len; i++) {
		char *bad = arena_strdup(&a, token);
		bad[i] = bad[i] == 'A' ? 'B' : 'A';
		jwt_claims c;
		/* The last character of a base64url part may hold bits that do not count. */
		hub_status st = jwt_verify(keys, bad, len, &EXPECT, &a, &c, NULL);
		if (st == HUB_OK)
			assert_true(i + 1 == len || token[i + 1] == '.');
	}
	for (size_t cut = 0; cut < len; cut++) {
		char *shorter = malloc(cut ? cut : 1);
		jwt_claims c;
		memcpy(shorter, token, cut);
		assert_int_equal(jwt_verify(keys, shorter, cut, &EXPECT, &a, &c, NULL), HUB_DENIED);
		free(shorter);
	}
}

/* A token with a header of the attacker's, signed with what he has: the public key as a secret. */
static const char *forge(const char *alg, bool with_kid)
{
	const char *jwks;
	cjose_err err;
	assert_int_equal(jwt_keys_json(keys, false, &a, &jwks), HUB_OK);
	json_t *all = json_loads(jwks, 0, NULL);
	const char *kid = json_string_value(json_object_get(json_array_get(json_object_get(all, "keys"), 0), "kid"));
	char *head = NULL, *body = NULL;
	size_t n;
	const char *h = arena_printf(&a, "{\"alg\":\"%s\",\"typ\":\"at+jwt\"%s%s%s}", alg, with_kid ? ",\"kid\":\"" : "",
				     with_kid ? kid : "", with_kid ? "\"" : "");
	const char *b = arena_printf(&a, "{\"iss\":\"hub\",\"sub\":\"water\",\"aud\":\"api\",\"exp\":%lld}",
				     (long long)(NOW / 1000000 + 600));
	assert_true(cjose_base64url_encode((const uint8_t *)h, strlen(h), &head, &n, &err));
	assert_true(cjose_base64url_encode((const uint8_t *)b, strlen(b), &body, &n, &err));
	const char *token;
	if (!strcmp(alg, "none")) {
		token = arena_printf(&a, "%s.%s.", head, body);
	} else {
		cjose_jwk_t *secret = cjose_jwk_create_oct_spec((const uint8_t *)jwks, strlen(jwks), &err);
		cjose_header_t *header = cjose_header_new(&err);
		cjose_header_set(header, "alg", alg, &err);
		cjose_header_set(header, "typ", "at+jwt", &err);
		if (with_kid)
			cjose_header_set(header, "kid", kid, &err);
		cjose_jws_t *jws = cjose_jws_sign(secret, header, (const uint8_t *)b, strlen(b), &err);
		const char *compact;
		assert_non_null(jws);
		assert_true(cjose_jws_export(jws, &compact, &err));
		token = arena_strdup(&a, compact);
		cjose_jws_release(jws);
		cjose_header_release(header);
		cjose_jwk_release(secret);
	}
	free(head);
	free(body);
	json_decref(all);
	return token;
}

static void tricks_with_the_algorithm_are_refused(void **unused)
{
	(void)unused;
	jwt_claims c;
	const char *none = forge("none", true);
	assert_int_equal(jwt_verify(keys, none, strlen(none), &EXPECT, &a, &c, NULL), HUB_DENIED);
	refused(forge("HS256", true), &EXPECT, "token.algorithm");
	refused(forge("HS256", false), &EXPECT, "token.key");
}

static void another_hubs_key_is_not_ours(void **unused)
{
	(void)unused;
	jwt_keys *other, *mine = keys;
	const char *token;
	jwt_claims c = good();
	assert_int_equal(jwt_keys_new(&other), HUB_OK);
	assert_int_equal(jwt_sign(other, &c, &a, &token), HUB_OK);
	keys = mine;
	refused(token, &EXPECT, "token.key");
	jwt_keys_free(other);
}

static void rotation_keeps_what_the_old_key_signed(void **unused)
{
	(void)unused;
	const char *token = sign(good());
	jwt_keys *second, *third;
	jwt_claims c;
	assert_int_equal(jwt_keys_rotate(keys, 1, &second), HUB_OK);
	assert_int_equal(jwt_keys_rotate(second, 1, &third), HUB_OK);
	assert_int_equal(jwt_keys_count(second), 2);
	assert_int_equal(jwt_verify(second, token, strlen(token), &EXPECT, &a, &c, NULL), HUB_OK);
	assert_int_equal(jwt_verify(third, token, strlen(token), &EXPECT, &a, &c, NULL), HUB_DENIED);
	jwt_keys_free(second);
	jwt_keys_free(third);
}

static void a_key_file_is_written_and_read(void **unused)
{
	(void)unused;
	const char *secret, *open_part, *token = sign(good());
	jwt_keys *whole, *half;
	jwt_claims c;
	assert_int_equal(jwt_keys_json(keys, true, &a, &secret), HUB_OK);
	assert_int_equal(jwt_keys_json(keys, false, &a, &open_part), HUB_OK);
	assert_null(strstr(open_part, "\"d\""));
	assert_int_equal(jwt_keys_parse(secret, strlen(secret), &whole, NULL), HUB_OK);
	assert_int_equal(jwt_keys_parse(open_part, strlen(open_part), &half, NULL), HUB_OK);
	assert_int_equal(jwt_verify(half, token, strlen(token), &EXPECT, &a, &c, NULL), HUB_OK);
	c = good();
	assert_int_equal(jwt_sign(whole, &c, &a, &token), HUB_OK);
	assert_int_equal(jwt_sign(half, &c, &a, &token), HUB_MISSING);
	jwt_keys_free(whole);
	jwt_keys_free(half);
}

static void key_sets_of_other_kinds_are_refused(void **unused)
{
	(void)unused;
	static const struct { const char *json, *code; } bad[] = {
		{ "", "keys.document" },
		{ "{\"keys\":[]}", "keys.document" },
		{ "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"a\",\"k\":\"c2VjcmV0\"}]}", "keys.algorithm" },
		{ "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-384\",\"kid\":\"a\"}]}", "keys.algorithm" },
		{ "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"a\",\"x\":\"AA\",\"y\":\"AA\"}]}", "keys.value" },
		{ "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"a\",\"x\":\"f83OJ3D2xF1Bg8vub=tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"AA\"}]}", "keys.value" }, /* cjose ends the process over it */
		{ "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\"}]}", "keys.kid" },
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		jwt_keys *none = NULL;
		hub_fault fault = { 0 };
		assert_int_equal(jwt_keys_parse(bad[i].json, strlen(bad[i].json), &none, &fault), HUB_REJECT);
		assert_string_equal(fault.code, bad[i].code);
		assert_null(none);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_signed_is_read_back, setup, teardown),
		cmocka_unit_test_setup_teardown(times_audience_and_issuer_are_checked, setup, teardown),
		cmocka_unit_test_setup_teardown(a_bound_token_needs_its_certificate, setup, teardown),
		cmocka_unit_test_setup_teardown(every_changed_byte_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(tricks_with_the_algorithm_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(another_hubs_key_is_not_ours, setup, teardown),
		cmocka_unit_test_setup_teardown(rotation_keeps_what_the_old_key_signed, setup, teardown),
		cmocka_unit_test_setup_teardown(a_key_file_is_written_and_read, setup, teardown),
		cmocka_unit_test_setup_teardown(key_sets_of_other_kinds_are_refused, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
