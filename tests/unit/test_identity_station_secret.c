/* Stations' passwords: made ones, chosen ones, and those that were kept before chosen ones were stretched. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "identity/station_secret.h"

static hub_status verify(const char *secret, const char *password, bool *weak)
{
	return station_secret_verify(secret, (const uint8_t *)password, strlen(password), weak);
}

static void a_made_one_is_taken_as_digits_and_as_bytes(void **state)
{
	(void)state;
	char password[STATION_KEY_TEXT], secret[STATION_SECRET];
	uint8_t bytes[20];
	bool weak = true;
	assert_int_equal(station_secret_make(password, secret), HUB_OK);
	assert_int_equal(strlen(password), 40);
	assert_null(strstr(secret, password));
	assert_int_equal(verify(secret, password, &weak), HUB_OK);
	assert_false(weak);
	for (size_t i = 0; i < sizeof bytes; i++)
		assert_int_equal(sscanf(password + 2 * i, "%2hhx", &bytes[i]), 1);
	assert_int_equal(station_secret_verify(secret, bytes, sizeof bytes, &weak), HUB_OK);
	bytes[0] ^= 1;
	assert_int_equal(station_secret_verify(secret, bytes, sizeof bytes, &weak), HUB_DENIED);
	assert_int_equal(verify(secret, "", &weak), HUB_DENIED);
}

static void a_chosen_one_is_stretched(void **state)
{
	(void)state;
	char secret[STATION_SECRET], again[STATION_SECRET];
	bool weak = true;
	hub_fault fault;
	assert_int_equal(station_secret_of("garage 7", secret, &fault), HUB_OK);
	assert_int_equal(station_secret_of("garage 7", again, &fault), HUB_OK);
	assert_int_equal(strncmp(secret, "$argon2id$v=19$m=19456,t=2,p=1$", 31), 0);
	assert_string_not_equal(secret, again);
	assert_int_equal(verify(secret, "garage 7", &weak), HUB_OK);
	assert_false(weak);
	assert_int_equal(verify(secret, "garage 8", &weak), HUB_DENIED);
	assert_int_equal(station_secret_of("garage", secret, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "charger.password");
}

/* As kept by earlier versions: SHA-256 of the salt's text and "password1". */
static void an_old_one_is_right_and_weak(void **state)
{
	(void)state;
	static const char old[] =
	    "1$000102030405060708090a0b0c0d0e0f$7975aeedc21ac85ec51a79b2090926cb13bded3536c43e896458f9d4c81290c5";
	bool weak = false;
	assert_int_equal(verify(old, "password1", &weak), HUB_OK);
	assert_true(weak);
	assert_int_equal(verify(old, "password2", &weak), HUB_DENIED);
	assert_int_equal(verify("", "password1", &weak), HUB_REJECT);
	assert_int_equal(verify("1$x$y", "password1", &weak), HUB_REJECT);
	assert_int_equal(verify("$argon2id$nonsense", "password1", &weak), HUB_REJECT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_made_one_is_taken_as_digits_and_as_bytes),
		cmocka_unit_test(a_chosen_one_is_stretched),
		cmocka_unit_test(an_old_one_is_right_and_weak),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
