/* Baselines, what an event teaches, and what it pays. */
#include "unit.h"

#include "demand/baseline.h"
#include "demand/learn.h"

static demand_history days(const int64_t *window, size_t count)
{
	demand_history h = { .has_today = false };
	for (size_t i = 0; i < count; i++) {
		h.has[i] = true;
		h.window[i] = window[i];
		h.before[i] = 1000;
	}
	return h;
}

static const int64_t ten[] = { 100, 900, 200, 800, 300, 700, 400, 600, 500, 550 };

static void the_five_highest_of_ten_days_count(void **unused)
{
	int64_t got, raw;
	demand_history h = days(ten, 10);
	(void)unused;
	assert_int_equal(demand_baseline(DEMAND_5_OF_10, &h, &got, &raw), HUB_OK);
	assert_int_equal(got, (900 + 800 + 700 + 600 + 550) / 5);
	assert_int_equal(raw, got);
	assert_int_equal(demand_baseline(DEMAND_10_OF_10, &h, &got, NULL), HUB_OK);
	assert_int_equal(got, 505);
}

static void today_moves_it_by_a_fifth_at_most(void **unused)
{
	int64_t got;
	demand_history h = days(ten, 10);
	(void)unused;
	h.has_today = true;
	h.today = 1050;
	assert_int_equal(demand_baseline(DEMAND_5_OF_10, &h, &got, NULL), HUB_OK);
	assert_int_equal(got, 760);
	h.today = 9000;
	assert_int_equal(demand_baseline(DEMAND_5_OF_10, &h, &got, NULL), HUB_OK);
	assert_int_equal(got, 710 + 142);
	h.today = 0;
	assert_int_equal(demand_baseline(DEMAND_5_OF_10, &h, &got, NULL), HUB_OK);
	assert_int_equal(got, 710 - 142);
}

static void four_days_are_too_few(void **unused)
{
	int64_t got = -1;
	demand_history h = days(ten, 4);
	(void)unused;
	assert_int_equal(demand_baseline(DEMAND_5_OF_10, &h, &got, NULL), HUB_MISSING);
	assert_int_equal(got, -1);
	h = days(ten, 5);
	assert_int_equal(demand_baseline(DEMAND_10_OF_10, &h, &got, NULL), HUB_OK);
	assert_int_equal(got, 460);
	assert_int_equal(demand_baseline_error(DEMAND_5_OF_10, &h, &got), HUB_MISSING); /* one left out leaves four */
}

static void its_error_is_told_on_the_days_without_event(void **unused)
{
	const int64_t same[] = { 500, 500, 500, 500, 500, 500 }, odd[] = { 500, 500, 500, 500, 500, 1000 };
	int64_t got;
	demand_history h = days(same, 6);
	(void)unused;
	assert_int_equal(demand_baseline_error(DEMAND_5_OF_10, &h, &got), HUB_OK);
	assert_int_equal(got, 0);
	h = days(odd, 6);
	assert_int_equal(demand_baseline_error(DEMAND_5_OF_10, &h, &got), HUB_OK);
	/* Five days foretold as 600, one as 500: 5 × 100 + 500 of 3,500. */
	assert_int_equal(got, 1000000 * INT64_C(1000) / 3500);
}

static void means_round_halves_up(void **unused)
{
	(void)unused;
	assert_int_equal(demand_mean(5, 2), 3);
	assert_int_equal(demand_mean(4, 3), 1);
	assert_int_equal(demand_mean(-5, 2), -2);
	assert_int_equal(demand_mean(-7, 3), -2);
}

static void a_rate_follows_what_was_delivered(void **unused)
{
	(void)unused;
	assert_int_equal(demand_learn(DEMAND_RATE_ONE, 0, 1000, 0), DEMAND_RATE_ONE / 2);
	assert_int_equal(demand_learn(DEMAND_RATE_ONE, 0, 1000, -300), DEMAND_RATE_ONE / 2);
	assert_int_equal(demand_learn(500000, 100, 1000, 5000), 562500);
	assert_int_equal(demand_learn(500000, 3, 0, 0), 500000);
	uint32_t rate = DEMAND_RATE_ONE;
	for (uint32_t i = 0; i < 60; i++)
		rate = demand_learn(rate, i, 100, 40);
	assert_in_range(rate, 399000, 401000);
}

static void who_is_called_becomes_dearer(void **unused)
{
	(void)unused;
	assert_int_equal(demand_debt(0, 30000, 500, 1000), 1500);
	assert_int_equal(demand_debt(1500, 30000, 5000, 1000), 4500);
	assert_int_equal(demand_debt(4000, 30000, 0, 1000), 3000);
	assert_true(demand_obeyed(100, 50));
	assert_false(demand_obeyed(100, 49));
}

static void credit_is_paid_down_to_the_cent(void **unused)
{
	(void)unused;
	assert_int_equal(demand_credit(3600000, 35000), 350); /* a kWh at 3.50 */
	assert_int_equal(demand_credit(3600000 - 1, 35000), 349);
	assert_int_equal(demand_credit(-5, 35000), 0);
	assert_int_equal(demand_credit(INT64_C(3600000) * 100000000, 1000000000), INT64_C(1000000000000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_five_highest_of_ten_days_count),
		cmocka_unit_test(today_moves_it_by_a_fifth_at_most),
		cmocka_unit_test(four_days_are_too_few),
		cmocka_unit_test(its_error_is_told_on_the_days_without_event),
		cmocka_unit_test(means_round_halves_up),
		cmocka_unit_test(a_rate_follows_what_was_delivered),
		cmocka_unit_test(who_is_called_becomes_dearer),
		cmocka_unit_test(credit_is_paid_down_to_the_cent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
