#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "limit.h"

#define SECOND INT64_C(1000000)

static void an_address_may_open_so_many(void **state)
{
	(void)state;
	limit *l = limit_new(2, 10, 10);
	limit_address *a = limit_open(l, "192.0.2.1", SECOND), *b = limit_open(l, "192.0.2.1", SECOND);
	assert_non_null(a);
	assert_ptr_equal(a, b);
	assert_null(limit_open(l, "192.0.2.1", SECOND));
	assert_non_null(limit_open(l, "192.0.2.2", SECOND));
	char last[LIMIT_KEY];
	assert_int_equal(limit_refused(l, last), 1);
	assert_string_equal(last, "192.0.2.1");
	limit_close(b);
	assert_non_null(limit_open(l, "192.0.2.1", SECOND));
	limit_free(l);
}

static void a_bucket_gives_its_burst_and_then_its_rate(void **state)
{
	(void)state;
	limit *l = limit_new(10, 2, 5);
	int64_t now = 100 * SECOND;
	limit_address *a = limit_open(l, "192.0.2.1", now);
	int taken = 0;
	for (int i = 0; i < 20; i++)
		taken += limit_request(l, a, now);
	assert_int_equal(taken, 5);
	char last[LIMIT_KEY];
	assert_int_equal(limit_refused(l, last), 15);
	assert_false(limit_request(l, a, now + SECOND / 2 - 1));
	assert_true(limit_request(l, a, now + SECOND / 2));
	taken = 0;
	for (int i = 0; i < 20; i++)
		taken += limit_request(l, a, now + 3600 * SECOND);
	assert_int_equal(taken, 5);
	limit_free(l);
}

/* Closing and opening again does not fill the bucket. */
static void an_emptied_bucket_is_remembered(void **state)
{
	(void)state;
	limit *l = limit_new(10, 1, 1);
	limit_address *a = limit_open(l, "192.0.2.1", SECOND);
	assert_true(limit_request(l, a, SECOND));
	limit_close(a);
	a = limit_open(l, "192.0.2.1", SECOND + 1);
	assert_false(limit_request(l, a, SECOND + 1));
	limit_free(l);
}

static void many_addresses_find_a_place_again(void **state)
{
	(void)state;
	limit *l = limit_new(10, 1000, 10);
	char key[LIMIT_KEY];
	for (int i = 0; i < 200000; i++) {
		snprintf(key, sizeof key, "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
		limit_address *a = limit_open(l, key, i * SECOND);
		assert_non_null(a);
		assert_true(limit_request(l, a, i * SECOND));
		limit_close(a);
	}
	limit_free(l);
}

static void a_network_of_ipv6_counts_as_one(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "192.0.2.7", "192.0.2.7" }, { "::ffff:192.0.2.7", "192.0.2.7" }, { "", "-" },
		{ "2001:db8:1:2:3::4", "2001:0db8:0001:0002::/64" }, { "2001:db8:1:2::9", "2001:0db8:0001:0002::/64" },
		{ "2001:db8:1:3::9", "2001:0db8:0001:0003::/64" }, { "::1", "0000:0000:0000:0000::/64" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char key[LIMIT_KEY];
		limit_key(cases[i][0], key);
		assert_string_equal(key, cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_may_open_so_many),
		cmocka_unit_test(a_bucket_gives_its_burst_and_then_its_rate),
		cmocka_unit_test(an_emptied_bucket_is_remembered),
		cmocka_unit_test(many_addresses_find_a_place_again),
		cmocka_unit_test(a_network_of_ipv6_counts_as_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
