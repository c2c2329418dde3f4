/* Shares of a common sum, and of the loss behind a master meter. */
#include "billing/apportion.h"
#include "billing_helper.h"

static decimal dec(const char *text)
{
	decimal d;
	assert_int_equal(decimal_parse(text, strlen(text), &d), HUB_OK);
	return d;
}

static void the_remainder_goes_to_the_largest_and_ties_to_the_first(void **state)
{
	(void)state;
	arena a;
	arena_init(&a, 0);
	int64_t shares[3];
	decimal ones[] = { decimal_of(1, 0), decimal_of(1, 0), decimal_of(1, 0) };
	assert_int_equal(apportion(100, ones, 3, &a, shares, NULL), HUB_OK);
	assert_true(shares[0] == 34 && shares[1] == 33 && shares[2] == 33);
	decimal bills[] = { decimal_of(9766, 0), decimal_of(5000, 0), decimal_of(3000, 0) };
	assert_int_equal(apportion(10000, bills, 3, &a, shares, NULL), HUB_OK);
	assert_true(shares[0] == 5497 && shares[1] == 2814 && shares[2] == 1689);
	arena_fini(&a);
}

static void nobody_used_anything_so_all_share_alike(void **state)
{
	(void)state;
	arena a;
	arena_init(&a, 0);
	int64_t shares[2];
	decimal none[] = { decimal_of(0, 0), decimal_of(0, 0) };
	assert_int_equal(apportion(100, none, 2, &a, shares, NULL), HUB_OK);
	assert_true(shares[0] == 50 && shares[1] == 50);
	decimal wrong[] = { decimal_of(1, 0), decimal_of(-1, 0) };
	hub_fault fault = { 0 };
	assert_int_equal(apportion(100, wrong, 2, &a, shares, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "apportion.weight");
	arena_fini(&a);
}

static void shares_add_up_and_are_within_one_unit(void **state)
{
	(void)state;
	arena a;
	arena_init(&a, 0);
	uint32_t x = 1;
	for (int n = 0; n < 2000; n++) {
		decimal w[9];
		int64_t shares[9], sum = 0, weights = 0;
		size_t count = 1 + n % 9;
		for (size_t i = 0; i < count; i++) {
			x = x * 1664525u + 1013904223u;
			w[i] = decimal_of(1 + x % 100000, 2);
			weights += 1 + x % 100000;
		}
		int64_t total = (int64_t)(x % 1000000) - 300000;
		assert_int_equal(apportion(total, w, count, &a, shares, NULL), HUB_OK);
		for (size_t i = 0; i < count; i++) {
			__int128 exact = (__int128)total * (int64_t)w[i].digits, got = (__int128)shares[i] * weights;
			assert_true(got - exact < weights && exact - got < weights);
			sum += shares[i];
		}
		assert_int_equal(sum, total);
		arena_reset(&a);
	}
	arena_fini(&a);
}

static void a_common_sum_is_shared_by_kind_of_property(void **state)
{
	(void)state;
	arena a;
	arena_init(&a, 0);
	apportion_plan plan = { .rule = { APPORTION_AREA, APPORTION_USE, APPORTION_EQUAL, APPORTION_FIXED },
				.factor = { decimal_of(1, 0), decimal_of(2, 0), decimal_of(1, 0), decimal_of(0, 0) } };
	apportion_member members[] = {
		{ "home1", APPORTION_HOME, .area = decimal_of(100, 0) },
		{ "home2", APPORTION_HOME, .area = decimal_of(50, 0) },
		{ "shop", APPORTION_SHOP, .area = decimal_of(50, 0), .use = decimal_of(7, 0) },
		{ "garage", APPORTION_PARKING, .fixed = 500 },
	};
	apportion_part parts[4];
	int64_t owner, sum = 0;
	assert_int_equal(apportion_common(10500, &plan, members, 4, &a, parts, &owner, NULL), HUB_OK);
	assert_true(parts[0].amount == 4000 && parts[1].amount == 2000 && parts[2].amount == 4000 &&
		    parts[3].amount == 500);
	assert_int_equal(parts[0].pool, 6000);
	for (int i = 0; i < 4; i++)
		sum += parts[i].amount;
	assert_int_equal(sum + owner, 10500);
	members[3].fixed = 20000;
	assert_int_equal(apportion_common(10500, &plan, members, 4, &a, parts, &owner, NULL), HUB_REJECT);
	arena_fini(&a);
}

static void a_loss_is_shared_by_use_or_alike_and_adds_up(void **state)
{
	(void)state;
	arena a;
	arena_init(&a, 0);
	decimal subs[] = { dec("400.00"), dec("350.00"), dec("200.00") }, parts[3], sum = decimal_of(0, 0);
	apportion_loss loss;
	assert_int_equal(
	    apportion_losses(dec("1000.00"), subs, 3, dec("0.06"), dec("0.01"), false, 4, &a, &loss, parts, NULL),
	    HUB_OK);
	assert_decimal(loss.loss, "50");
	assert_decimal(loss.abnormal, "0");
	assert_decimal(parts[0], "21.0526");
	assert_decimal(parts[1], "18.4211");
	assert_decimal(parts[2], "10.5263");
	assert_int_equal(
	    apportion_losses(dec("1000.00"), subs, 3, dec("0.06"), dec("0.01"), true, 4, &a, &loss, parts, NULL),
	    HUB_OK);
	for (int i = 0; i < 3; i++)
		decimal_add(sum, parts[i], &sum);
	assert_decimal(sum, "50");
	arena_fini(&a);
}

static void what_passes_the_normal_loss_is_not_shared(void **state)
{
	(void)state;
	arena a;
	arena_init(&a, 0);
	decimal subs[] = { dec("600"), dec("200") }, parts[2];
	apportion_loss loss;
	hub_fault fault = { 0 };
	assert_int_equal(
	    apportion_losses(dec("1000"), subs, 2, dec("0.06"), dec("0.01"), false, 2, &a, &loss, parts, NULL), HUB_OK);
	assert_decimal(loss.shared, "60");
	assert_decimal(loss.abnormal, "140");
	assert_decimal(parts[0], "45");
	assert_int_equal(
	    apportion_losses(dec("700"), subs, 2, dec("0.06"), dec("0.01"), false, 2, &a, &loss, parts, &fault),
	    HUB_REJECT);
	assert_string_equal(fault.code, "apportion.master");
	arena_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_remainder_goes_to_the_largest_and_ties_to_the_first),
		cmocka_unit_test(nobody_used_anything_so_all_share_alike),
		cmocka_unit_test(shares_add_up_and_are_within_one_unit),
		cmocka_unit_test(a_common_sum_is_shared_by_kind_of_property),
		cmocka_unit_test(a_loss_is_shared_by_use_or_alike_and_adds_up),
		cmocka_unit_test(what_passes_the_normal_loss_is_not_shared),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
