#include "unit.h"

#include "identity/password.h"

#include <string.h>

static void a_password_opens_its_own_hash_only(void **unused)
{
	(void)unused;
	char hash[PASSWORD_HASH], again[PASSWORD_HASH];
	assert_int_equal(password_hash("水电气三单合一", strlen("水电气三单合一"), hash, NULL), HUB_OK);
	assert_int_equal(password_hash("水电气三单合一", strlen("水电气三单合一"), again, NULL), HUB_OK);
	assert_string_not_equal(hash, again);
	assert_int_equal(password_verify(hash, "水电气三单合一", strlen("水电气三单合一")), HUB_OK);
	assert_int_equal(password_verify(hash, "水电气三单合二", strlen("水电气三单合二")), HUB_DENIED);
	assert_int_equal(password_verify(hash, "", 0), HUB_DENIED);
	assert_false(password_is_old(hash));
}

static void short_long_and_binary_passwords_are_refused(void **unused)
{
	(void)unused;
	char hash[PASSWORD_HASH] = "untouched", longer[PASSWORD_MAX + 2];
	hub_fault fault;
	memset(longer, 'x', sizeof longer);
	assert_int_equal(password_hash("123456789", 9, hash, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "password.length");
	assert_int_equal(password_hash(longer, PASSWORD_MAX + 1, hash, &fault), HUB_REJECT);
	assert_int_equal(password_hash("new\nline in it", 14, hash, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "password.text");
	assert_int_equal(password_hash("\xff\xfe broken utf-8", 15, hash, &fault), HUB_REJECT);
	assert_string_equal(hash, "untouched");
}

static void a_weaker_hash_still_opens_and_is_told(void **unused)
{
	(void)unused;
	/* Made by the reference program: argon2 "somesalt" -id -t 2 -m 16 -p 1, password "password". */
	const char *weak = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
	assert_int_equal(password_verify(weak, "password", 8), HUB_OK);
	assert_int_equal(password_verify(weak, "passwort", 8), HUB_DENIED);
	assert_true(password_is_old(weak));
}

static void what_is_no_hash_never_opens(void **unused)
{
	(void)unused;
	assert_int_equal(password_verify("", "password", 8), HUB_REJECT);
	assert_int_equal(password_verify("plain password", "plain password", 14), HUB_REJECT);
	assert_int_equal(password_verify("$argon2id$v=19$m=4$x", "password", 8), HUB_REJECT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_password_opens_its_own_hash_only),
		cmocka_unit_test(short_long_and_binary_passwords_are_refused),
		cmocka_unit_test(a_weaker_hash_still_opens_and_is_told),
		cmocka_unit_test(what_is_no_hash_never_opens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
