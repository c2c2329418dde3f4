#include "unit.h"

#include "api/rate.h"

enum { SECOND = 1000000 };

static void a_burst_then_the_rate_each_party_by_itself(void **state)
{
	(void)state;
	rate *r;
	int64_t now = 0;
	assert_int_equal(rate_new(10, 20, &r), HUB_OK);
	for (int i = 0; i < 20; i++)
		assert_true(rate_take(r, 1, now));
	assert_false(rate_take(r, 1, now));
	assert_true(rate_take(r, 1 + 1024, now)); /* a neighbour in the same chain */
	now += SECOND / 10;
	assert_true(rate_take(r, 1, now));
	assert_false(rate_take(r, 1, now));
	now += 3600LL * SECOND; /* no more than a burst is saved up */
	int taken = 0;
	while (rate_take(r, 1, now))
		taken++;
	assert_int_equal(taken, 20);
	rate_set(r, 1000, 20);
	now += SECOND / 1000;
	assert_true(rate_take(r, 1, now));
	rate_refusals told[2];
	assert_int_equal(rate_refused(r, told, 2), 1);
	assert_true(told[0].party == 1 && told[0].count == 3);
	assert_int_equal(rate_refused(r, told, 2), 0);
	rate_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_burst_then_the_rate_each_party_by_itself) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
