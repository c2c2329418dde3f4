/* What a home's own hours say: the load that never rests, the water that never stops. */
#include "compare/advice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void fill(advice_day *days, size_t count, int64_t low, int64_t high)
{
	for (size_t d = 0; d < count; d++)
		for (int h = 0; h < 24; h++)
			days[d].hour[h] = h >= 18 && h < 22 ? high : low;
}

static void the_always_on_load_is_the_median_of_the_days_least_hours(void **unused)
{
	(void)unused;
	advice_day days[30];
	advice_load load;
	fill(days, 30, 150000, 900000);
	days[29].hour[3] = 0; /* one night everything was off */
	days[28].hour[3] = 10000;
	for (int h = 0; h < 24; h++)
		days[27].hour[h] = 2000000; /* one day the heating ran through */
	assert_true(advice_always_on(days, 30, &load));
	assert_int_equal(load.days, ADVICE_DAYS);
	assert_int_equal(load.always_on, 150000);
	assert_true(load.percent > 30 && load.percent < 60);
	assert_true(load.act);
	fill(days, 30, 20000, 2000000); /* 20 W is little, whatever part it is */
	assert_true(advice_always_on(days, 30, &load));
	assert_false(load.act);
	fill(days, 30, 100000, 3000000); /* 100 W is little beside so much use */
	assert_true(advice_always_on(days, 30, &load));
	assert_int_equal(load.percent, 17);
	assert_false(load.act);
}

static void days_with_a_gap_do_not_count(void **unused)
{
	(void)unused;
	advice_day days[10];
	advice_load load;
	fill(days, 10, 100000, 200000);
	for (int d = 0; d < 4; d++)
		days[2 * d].hour[12] = -1;
	assert_false(advice_always_on(days, 10, &load));
	assert_int_equal(load.days, 6);
	assert_false(advice_always_on(days, 0, &load));
}

static void five_nights_without_rest_are_a_leak(void **unused)
{
	(void)unused;
	advice_day days[14];
	advice_flow flow;
	fill(days, 14, 4000, 90000);
	days[9].hour[2] = 3000;
	assert_true(advice_night_flow(days, 14, &flow));
	assert_int_equal(flow.nights, 14);
	assert_int_equal(flow.least, 3000);
	assert_true(flow.act);
	days[9].hour[2] = 0; /* four nights ago it stood still */
	assert_true(advice_night_flow(days, 14, &flow));
	assert_int_equal(flow.nights, 4);
	assert_int_equal(flow.least, 4000);
	assert_false(flow.act);
	days[9].hour[2] = 3000;
	days[10].hour[4] = -1; /* a night that is not known proves nothing */
	assert_true(advice_night_flow(days, 14, &flow));
	assert_int_equal(flow.nights, 3);
	assert_false(flow.act);
	days[13].hour[3] = 0;
	assert_true(advice_night_flow(days, 14, &flow));
	assert_int_equal(flow.nights, 0);
	assert_int_equal(flow.least, 0);
	for (int d = 0; d < 14; d++)
		days[d].hour[3] = -1;
	assert_false(advice_night_flow(days, 14, &flow));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_always_on_load_is_the_median_of_the_days_least_hours),
		cmocka_unit_test(days_with_a_gap_do_not_count),
		cmocka_unit_test(five_nights_without_rest_are_a_leak),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
