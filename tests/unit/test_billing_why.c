/* Why is it higher: causes add up to the change, whatever the numbers are. */
#include "billing/level.h"
#include "billing/why.h"

#include "unit.h"

static int64_t sum(const int64_t causes[WHY_CAUSES])
{
	int64_t all = 0;
	for (int i = 0; i < WHY_CAUSES; i++)
		all += causes[i];
	return all;
}

static void what_is_known_is_named_and_the_rest_is_use(void **state)
{
	(void)state;
	int64_t c[WHY_CAUSES];
	/* 300 kWh in 30 days for 150.00; now 31 days, 20 kWh more for weather, 10 into a car, 15 estimated */
	const why_input in = { .was = { .amount = 15000, .days = 30, .quantity = decimal_of(300, 0), .degrees = decimal_of(300, 0) },
			       .is = { .amount = 18900, .days = 31, .quantity = decimal_of(360, 0), .degrees = decimal_of(350, 0),
				       .charging = decimal_of(10, 0), .estimated = decimal_of(15, 0) },
			       .price = 700, .tier = 300, .slope = decimal_of(5, 1) };
	assert_int_equal(why_split(&in, c), HUB_OK);
	assert_int_equal(c[WHY_DAYS], 500);
	assert_int_equal(c[WHY_WEATHER], 1000); /* 350 − 310 degree-days × 0.5 kWh × 0.50 */
	assert_int_equal(c[WHY_CHARGING], 500);
	assert_int_equal(c[WHY_ESTIMATE], 750);
	assert_int_equal(c[WHY_PRICE], 700);
	assert_int_equal(c[WHY_TIER], 300);
	assert_int_equal(c[WHY_USE], 150);
	assert_int_equal(sum(c), 3900);
}

static void a_part_that_begins_or_ends_is_its_days(void **state)
{
	(void)state;
	int64_t c[WHY_CAUSES];
	why_input in = { .is = { .amount = 700, .days = 12, .quantity = decimal_of(7, 0) }, .price = 3 };
	assert_int_equal(why_split(&in, c), HUB_OK);
	assert_int_equal(c[WHY_DAYS], 700);
	assert_int_equal(sum(c), 700);
	in.vehicle = true; /* a charger's: somebody began to charge */
	assert_int_equal(why_split(&in, c), HUB_OK);
	assert_int_equal(c[WHY_CHARGING], 700);
	assert_int_equal(sum(c), 700);
	in = (why_input){ .was = { .amount = 700, .days = 12, .quantity = decimal_of(7, 0) } };
	assert_int_equal(why_split(&in, c), HUB_OK);
	assert_int_equal(sum(c), -700);
}

static void causes_add_up_exactly(void **state)
{
	(void)state;
	uint64_t r = 88172645463325252u;
	for (int i = 0; i < 20000; i++) {
		int64_t c[WHY_CAUSES], v[12];
		for (int k = 0; k < 12; k++) {
			r ^= r << 13, r ^= r >> 7, r ^= r << 17;
			v[k] = (int64_t)(r % 200003) - (k > 9 ? 100000 : 0);
		}
		const why_input in = { .was = { .amount = v[0], .days = v[1] % 40, .quantity = decimal_of(v[2], 3), .degrees = decimal_of(v[3], 2) },
				       .is = { .amount = v[4], .days = v[5] % 40, .quantity = decimal_of(v[6], 3),
					       .degrees = decimal_of(v[7], 2), .charging = decimal_of(v[8], 3), .estimated = decimal_of(v[9], 3) },
				       .price = v[10], .tier = v[11], .slope = decimal_of(v[3], 6) };
		assert_int_equal(why_split(&in, c), HUB_OK);
		assert_int_equal(sum(c), v[4] - v[0]);
	}
}

static void use_that_follows_the_cold_has_a_slope(void **state)
{
	(void)state;
	decimal use[10], degrees[10], slope;
	for (int i = 0; i < 10; i++) {
		degrees[i] = decimal_of(i, 0);
		use[i] = decimal_of(40 + 25 * i, 1); /* 4 + 2.5 a degree */
	}
	assert_int_equal(why_slope(use, degrees, 10, &slope), HUB_OK);
	assert_int_equal(decimal_cmp(slope, decimal_of(25, 1)), 0);
	for (int i = 0; i < 10; i++)
		use[i] = decimal_of(40 - i, 1);
	assert_int_equal(why_slope(use, degrees, 10, &slope), HUB_OK);
	assert_int_equal(decimal_sign(slope), 0);
	assert_int_equal(why_slope(use, degrees, 0, &slope), HUB_OK);
	assert_int_equal(decimal_sign(slope), 0);
}

/* 30 days of hours; from one day on everything is 1/35 of what it was. */
static bool breaks(int from, int noise, int64_t mean)
{
	static int64_t values[720];
	uint64_t r = 7;
	for (int i = 0; i < 720; i++) {
		values[i] = 35000 + (int64_t)(unit_random(&r) % (unsigned)(noise + 1)) * 350;
		if (i / 24 >= from)
			values[i] /= 35;
	}
	const usage_series s = { .quantity = "gas_energy", .unit = "kWh", .meter = "", .scale = 3, .start = 0, .step = INT64_C(3600000000),
				 .values = values, .count = 720 };
	return level_breaks(&s, 0, 30 * INT64_C(86400000000), decimal_of(mean, 0));
}

static void a_step_to_another_unit_is_seen_on_any_day_but_the_last_two(void **state)
{
	(void)state;
	assert_false(breaks(30, 100, 0));
	assert_false(breaks(30, 100, 840));
	for (int day = 3; day <= 27; day++)
		assert_true(breaks(day, 100, 0));
	for (int day = 0; day <= 27; day++)
		assert_true(breaks(day, 100, 840));
	assert_false(breaks(28, 0, 840));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_known_is_named_and_the_rest_is_use),
		cmocka_unit_test(a_part_that_begins_or_ends_is_its_days),
		cmocka_unit_test(causes_add_up_exactly),
		cmocka_unit_test(a_step_to_another_unit_is_seen_on_any_day_but_the_last_two),
		cmocka_unit_test(use_that_follows_the_cold_has_a_slope),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
