#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/arena.h"
#include "identity/base64.h"
#include "identity/jwt.h"
#include "identity/seal.h"

typedef struct sample {
	const char *text;
	bool good;
} sample;

static void what_can_be_decoded_is_told(void **state)
{
	(void)state;
	static const sample url[] = { { "", true },	{ "A", false },	   { "AA", true },    { "AAA", true }, { "AAAA", true },
				      { "AAAAA", false }, { "-_zZ0w", true }, { "AB", false }, { "AAB", false }, { "AA=", false }, { "A+", false }, { "A`", false } };
	static const sample padded[] = { { "", true },	     { "AA==", true }, { "AAA=", true },  { "AAAA", true }, { "A===", false },
					 { "AAA", false }, { "=AAA", false }, { "A-AA", false }, { "AB==", false }, { "+/+/", true } };
	static const sample compact[] = { { "..", true },     { "AA.AA.AA", true }, { "AA.AA", false }, { "A.AA.AA", false },
					  { "AA.A.AA", false }, { "AA.AA.A", false }, { "AA.AA.AA.AA", false }, { "", false } };
	for (size_t i = 0; i < sizeof url / sizeof *url; i++)
		assert_int_equal(base64_is_url(url[i].text, strlen(url[i].text)), url[i].good);
	for (size_t i = 0; i < sizeof padded / sizeof *padded; i++)
		assert_int_equal(base64_is_padded(padded[i].text, strlen(padded[i].text)), padded[i].good);
	for (size_t i = 0; i < sizeof compact / sizeof *compact; i++)
		assert_int_equal(base64_is_compact(compact[i].text, strlen(compact[i].text)), compact[i].good);
}

/* What would have cjose end the process comes back as a refusal. */
static void what_cannot_is_refused_by_those_who_ask(void **state)
{
	(void)state;
	static const char *const texts[] = { "eyJhb=`.GciOiJFUzI1NiIsInR.5cK", "A.AA.AA", "eyJhbGciOiJFUzI1NiJ9.AA.A", "AA.A.AA",
					     "eyJhbGciOiJFUzI1NiJ9.e30.AAAAA" };
	arena a;
	arena_init(&a, 0);
	hub_fault fault;
	jwt_keys *keys;
	/* RFC 7515, A.3.1 */
	static const char set[] = "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"k\",\"alg\":\"ES256\",\"use\":\"sig\","
				  "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
				  "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";
	assert_int_equal(jwt_keys_parse(set, sizeof set - 1, &keys, &fault), HUB_OK);
	const jwt_expect expect = { .issuer = "i", .audience = "a", .thumbprint = "" };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		jwt_claims claims;
		seal opened;
		assert_int_not_equal(jwt_verify(keys, texts[i], strlen(texts[i]), &expect, &a, &claims, &fault), HUB_OK);
		assert_int_not_equal(seal_open(texts[i], strlen(texts[i]), "t", &a, &opened, &fault), HUB_OK);
	}
	jwt_keys_free(keys);
	arena_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_can_be_decoded_is_told),
		cmocka_unit_test(what_cannot_is_refused_by_those_who_ask),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
