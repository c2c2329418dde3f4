#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "identity/jwt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static jwt_keys *keys;

/* No token that a fuzzer makes holds, as it has no key; key sets are read or refused. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	arena a;
	jwt_claims claims;
	jwt_keys *others = NULL;
	hub_fault fault;
	const jwt_expect expect = {
		.issuer = "hub", .audience = "mqtt", .thumbprint = "", .now = INT64_C(1700000000000000)
	};
	if (!keys && jwt_keys_new(&keys) != HUB_OK)
		abort();
	arena_init(&a, 0);
	if (jwt_verify(keys, (const char *)data, size, &expect, &a, &claims, &fault) == HUB_OK)
		abort();
	if (jwt_keys_parse((const char *)data, size, &others, &fault) == HUB_OK && !jwt_keys_count(others))
		abort();
	jwt_keys_free(others);
	arena_fini(&a);
	return 0;
}
