#include "base/decimal.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static const __int128 MAX = (__int128)(((unsigned __int128)1 << 127) - 1);

static decimal of(const char *text)
{
	decimal d;
	assert_int_equal(decimal_parse(text, strlen(text), &d), HUB_OK);
	return d;
}

static void assert_text(decimal d, const char *text)
{
	char out[DECIMAL_TEXT];
	assert_string_equal(decimal_text(d, out), text);
}

static void text_round_trips(void **state)
{
	static const char *const texts[] = { "0",
					     "-1",
					     "12.50",
					     "-0.05",
					     "0.00",
					     "100",
					     "170141183460469231731687303715884105727",
					     "-170141183460469231731687303715884105727",
					     "170141183.460469231731687303715884105727",
					     "0.000000000000000000000000000001" };
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_text(of(texts[i]), texts[i]);
	assert_text(of("+007.10"), "7.10");
	assert_text(of("-0"), "0");
}

static void what_is_no_number_is_rejected(void **state)
{
	static const char *const texts[] = { "",    "-",   "+",	  ".",	 ".5", "5.",  "1.2.3", " 1", "1 ",
					     "1e3", "0x1", "--1", "1,5", "１", "NaN", "-.5",   "1-", "+-1" };
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		decimal d = { 42, 7 };
		assert_int_equal(decimal_parse(texts[i], strlen(texts[i]), &d), HUB_REJECT);
		assert_true(d.digits == 42 && d.scale == 7);
	}
	decimal d;
	assert_int_equal(decimal_parse("1\0"
				       "2",
				       3, &d),
			 HUB_REJECT);
	assert_int_equal(decimal_parse("12", 1, &d), HUB_OK);
	assert_text(d, "1");
}

static void too_many_digits_are_out_of_range(void **state)
{
	static const char *const texts[] = { "170141183460469231731687303715884105728",
					     "-170141183460469231731687303715884105728",
					     "99999999999999999999999999999999999999999999999999999999999999",
					     "0.0000000000000000000000000000000" };
	(void)state;
	decimal d;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_int_equal(decimal_parse(texts[i], strlen(texts[i]), &d), HUB_RANGE);
	/* still no number, however long */
	assert_int_equal(decimal_parse("999999999999999999999999999999999999999999999x", 46, &d), HUB_REJECT);
}

static void values_keep_their_scale(void **state)
{
	(void)state;
	hub_value v;
	char out[DECIMAL_TEXT];
	assert_int_equal(hub_value_parse("-12.50", 6, &v), HUB_OK);
	assert_int_equal(v.digits, -1250);
	assert_int_equal(v.scale, 2);
	assert_string_equal(hub_value_text(v, out), "-12.50");
	assert_int_equal(hub_value_parse("-9223372036854775808", 20, &v), HUB_OK);
	assert_true(v.digits == INT64_MIN);
	assert_string_equal(hub_value_text(v, out), "-9223372036854775808");
	assert_int_equal(hub_value_parse("9223372036854775808", 19, &v), HUB_RANGE);
	assert_int_equal(hub_value_parse("0.0000000000000000000", 21, &v), HUB_RANGE);
	assert_int_equal(hub_value_parse("1..2", 4, &v), HUB_REJECT);

	assert_int_equal(decimal_to_value(of("12.50"), &v), HUB_OK);
	assert_int_equal(v.scale, 2);
	assert_int_equal(decimal_to_value(of("1.0000000000000000000000"), &v), HUB_OK);
	assert_int_equal(v.digits, 1000000000000000000);
	assert_int_equal(v.scale, 18);
	assert_int_equal(decimal_to_value(of("10000000000.0000000000"), &v), HUB_OK);
	assert_true(v.digits == 1000000000000000000 && v.scale == 8);
	assert_int_equal(decimal_to_value(of("0.0000000000000000001"), &v), HUB_RANGE);
	assert_int_equal(decimal_to_value(of("10000000000000000000"), &v), HUB_RANGE);
}

static void sums_and_products_are_exact(void **state)
{
	(void)state;
	decimal d;
	assert_int_equal(decimal_add(of("0.1"), of("0.02"), &d), HUB_OK);
	assert_text(d, "0.12");
	assert_int_equal(decimal_sub(of("1.00"), of("0.999"), &d), HUB_OK);
	assert_text(d, "0.001");
	assert_int_equal(decimal_mul(of("-1.50"), of("0.20"), &d), HUB_OK);
	assert_text(d, "-0.3000");
	assert_int_equal(decimal_mul(of("1.0000000000000000"), of("0.500000000000000"), &d), HUB_OK);
	assert_text(d, "0.5");
	/* aligned they would pass 128 bits; without idle zeros they do not */
	assert_int_equal(decimal_add(of("100000000000000000000"), of("1.000000000000000000000000000000"), &d), HUB_OK);
	assert_text(d, "100000000000000000001");
}

static void overflow_is_an_error(void **state)
{
	(void)state;
	decimal d = { 42, 0 }, max = { MAX, 0 }, min = { -MAX, 0 };
	assert_int_equal(decimal_add(max, decimal_of(1, 0), &d), HUB_RANGE);
	assert_int_equal(decimal_sub(min, decimal_of(1, 0), &d), HUB_RANGE);
	assert_int_equal(decimal_sub(min, decimal_of(2, 0), &d), HUB_RANGE);
	assert_int_equal(decimal_add(max, of("0.1"), &d), HUB_RANGE);
	assert_int_equal(decimal_mul(max, decimal_of(2, 0), &d), HUB_RANGE);
	assert_int_equal(decimal_mul((decimal) { (__int128)1 << 126, 0 }, decimal_of(-2, 0), &d), HUB_RANGE);
	assert_int_equal(decimal_mul(of("0.0000000000000001"), of("0.000000000000001"), &d), HUB_RANGE);
	assert_int_equal(decimal_div(max, of("0.1"), 0, DECIMAL_DOWN, &d), HUB_RANGE);
	assert_int_equal(decimal_div(max, of("0.000000000000000000000000000001"), 30, DECIMAL_DOWN, &d), HUB_RANGE);
	assert_int_equal(decimal_div(max, decimal_of(1, 0), 1, DECIMAL_DOWN, &d), HUB_RANGE);
	assert_int_equal(decimal_div(max, decimal_of(1, 0), 31, DECIMAL_DOWN, &d), HUB_RANGE);
	assert_int_equal(decimal_div(max, decimal_of(0, 0), 0, DECIMAL_DOWN, &d), HUB_REJECT);
	assert_int_equal(decimal_round(max, 2, DECIMAL_DOWN, &d), HUB_RANGE);
	int64_t i = 42;
	assert_int_equal(decimal_to_int64(of("92233720368547758.08"), 2, DECIMAL_DOWN, &i), HUB_RANGE);
	assert_int_equal(i, 42);
	assert_true(d.digits == 42);
	assert_int_equal(decimal_to_int64(of("92233720368547758.074"), 2, DECIMAL_DOWN, &i), HUB_OK);
	assert_true(i == INT64_MAX);
	assert_int_equal(decimal_add(max, min, &d), HUB_OK);
	assert_text(d, "0");
}

static void modes_round_as_named(void **state)
{
	static const struct {
		const char *in, *half_up, *half_even, *down, *up, *floor, *ceiling;
	} rows[] = {
		{ "2.5", "3", "2", "2", "3", "2", "3" },	 { "3.5", "4", "4", "3", "4", "3", "4" },
		{ "-2.5", "-3", "-2", "-2", "-3", "-3", "-2" },	 { "2.49", "2", "2", "2", "3", "2", "3" },
		{ "-2.51", "-3", "-3", "-2", "-3", "-3", "-2" }, { "7", "7", "7", "7", "7", "7", "7" },
		{ "-0.4", "0", "0", "0", "-1", "-1", "0" },	 { "0.000", "0", "0", "0", "0", "0", "0" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *const *want = &rows[i].half_up;
		for (int mode = DECIMAL_HALF_UP; mode <= DECIMAL_CEILING; mode++) {
			decimal d;
			assert_int_equal(decimal_round(of(rows[i].in), 0, (decimal_mode)mode, &d), HUB_OK);
			assert_text(d, want[mode]);
		}
	}
	decimal d;
	assert_int_equal(decimal_round(of("1.5"), 3, DECIMAL_HALF_UP, &d), HUB_OK);
	assert_text(d, "1.500");
	decimal_mode mode;
	assert_true(decimal_mode_parse("half_even", &mode) && mode == DECIMAL_HALF_EVEN);
	assert_true(decimal_mode_parse("ceiling", &mode) && mode == DECIMAL_CEILING);
	assert_false(decimal_mode_parse("HALF_UP", &mode));
}

static void units_other_than_powers_of_ten_round(void **state)
{
	(void)state;
	decimal d;
	assert_int_equal(decimal_round_unit(of("12.374"), of("0.05"), DECIMAL_HALF_UP, &d), HUB_OK);
	assert_text(d, "12.35");
	assert_int_equal(decimal_round_unit(of("12.375"), of("0.05"), DECIMAL_HALF_UP, &d), HUB_OK);
	assert_text(d, "12.40");
	assert_int_equal(decimal_round_unit(of("1234"), of("100"), DECIMAL_UP, &d), HUB_OK);
	assert_text(d, "1300");
	assert_int_equal(decimal_round_unit(of("1"), of("0"), DECIMAL_UP, &d), HUB_REJECT);
	assert_int_equal(decimal_round_unit(of("1"), of("-1"), DECIMAL_UP, &d), HUB_REJECT);
}

static void division_needs_all_256_bits(void **state)
{
	(void)state;
	decimal d;
	assert_int_equal(decimal_div(of("1"), of("3"), 30, DECIMAL_HALF_UP, &d), HUB_OK);
	assert_text(d, "0.333333333333333333333333333333");
	assert_int_equal(decimal_div(of("2"), of("-3"), 5, DECIMAL_HALF_UP, &d), HUB_OK);
	assert_text(d, "-0.66667");
	assert_int_equal(decimal_div((decimal) { MAX, 0 }, (decimal) { MAX, 30 }, 0, DECIMAL_DOWN, &d), HUB_OK);
	assert_text(d, "1000000000000000000000000000000");
	assert_int_equal(decimal_div((decimal) { MAX, 30 }, (decimal) { MAX, 0 }, 30, DECIMAL_DOWN, &d), HUB_OK);
	assert_text(d, "0.000000000000000000000000000001");
	assert_int_equal(decimal_div((decimal) { MAX, 30 }, (decimal) { MAX, 0 }, 0, DECIMAL_UP, &d), HUB_OK);
	assert_text(d, "1");
}

static void order_is_total(void **state)
{
	(void)state;
	assert_int_equal(decimal_cmp(of("1.0"), of("1.000")), 0);
	assert_int_equal(decimal_cmp(of("-1"), of("0.5")), -1);
	assert_int_equal(decimal_cmp(of("-1"), of("-1.01")), 1);
	assert_int_equal(decimal_cmp((decimal) { MAX, 0 }, (decimal) { MAX, 30 }), 1);
	assert_int_equal(decimal_cmp((decimal) { -MAX, 0 }, (decimal) { -MAX, 30 }), -1);
	assert_int_equal(decimal_cmp((decimal) { 0, 0 }, (decimal) { 0, 30 }), 0);
	assert_text(decimal_trim(of("-12.5000")), "-12.5");
	assert_text(decimal_trim(of("100")), "100");
	assert_text(decimal_neg(of("-3.10")), "3.10");
}

/* Random small operands against plain 128-bit arithmetic at one common scale. */
static void small_numbers_agree_with_integers(void **state)
{
	static const int64_t pow10[] = { 1, 10, 100, 1000, 10000, 100000, 1000000 };
	(void)state;
	uint64_t seed = 1;
	for (int i = 0; i < 20000; i++) {
		decimal a = decimal_of(unit_between(&seed, 1000000000), (uint8_t)(unit_random(&seed) % 7));
		decimal b = decimal_of(unit_between(&seed, 1000000), (uint8_t)(unit_random(&seed) % 7)), d;
		__int128 x = a.digits * pow10[6 - a.scale], y = b.digits * pow10[6 - b.scale];
		assert_int_equal(decimal_cmp(a, b), (x > y) - (x < y));
		assert_int_equal(decimal_add(a, b, &d), HUB_OK);
		assert_true(d.digits * pow10[6 - d.scale] == x + y);
		assert_int_equal(decimal_sub(a, b, &d), HUB_OK);
		assert_true(d.digits * pow10[6 - d.scale] == x - y);
		assert_int_equal(decimal_mul(a, b, &d), HUB_OK);
		assert_true(d.digits * pow10[6 - a.scale] * pow10[6 - b.scale] == x * y);
		if (!y) {
			assert_int_equal(decimal_div(a, b, 3, DECIMAL_DOWN, &d), HUB_REJECT);
			continue;
		}
		assert_int_equal(decimal_div(a, b, 3, DECIMAL_DOWN, &d), HUB_OK);
		assert_true(d.digits == x * 1000 / y);
		assert_int_equal(decimal_div(a, b, 3, DECIMAL_FLOOR, &d), HUB_OK);
		__int128 q = x * 1000 / y;
		assert_true(d.digits == q - (q * y != x * 1000 && (x < 0) != (y < 0)));
	}
}

/* (a / b) rounded down, times b, plus the rest gives a back, for operands of any size. */
static void large_divisions_undo(void **state)
{
	(void)state;
	uint64_t seed = 2;
	for (int i = 0; i < 5000; i++) {
		__int128 x = (__int128)(((unsigned __int128)unit_random(&seed) << 64 | unit_random(&seed)) >> 1);
		__int128 y = (__int128)(((unsigned __int128)unit_random(&seed) << 64 | unit_random(&seed)) >>
					(1 + unit_random(&seed) % 120));
		uint8_t sa = (uint8_t)(unit_random(&seed) % 31);
		decimal q, back, rest, b = { y ? y : 1, sa };
		decimal a = { i & 1 ? x : -x, sa };
		assert_int_equal(decimal_div(a, b, 0, DECIMAL_DOWN, &q), HUB_OK);
		assert_true(q.digits == a.digits / b.digits);
		assert_int_equal(decimal_mul(q, b, &back), HUB_OK);
		assert_int_equal(decimal_sub(a, back, &rest), HUB_OK);
		decimal limit = b, left = rest;
		left = decimal_sign(left) < 0 ? decimal_neg(left) : left;
		assert_int_equal(decimal_cmp(left, limit), -1);
	}
}

static void text_of_any_number_parses_back(void **state)
{
	(void)state;
	uint64_t seed = 3;
	for (int i = 0; i < 20000; i++) {
		unsigned __int128 bits = (unsigned __int128)unit_random(&seed) << 64 | unit_random(&seed);
		decimal d = { (__int128)(bits >> (1 + unit_random(&seed) % 127)), (uint8_t)(unit_random(&seed) % 31) };
		if (i & 1)
			d = decimal_neg(d);
		char out[DECIMAL_TEXT];
		decimal back = of(decimal_text(d, out));
		assert_true(back.digits == d.digits && back.scale == d.scale);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_round_trips),
		cmocka_unit_test(what_is_no_number_is_rejected),
		cmocka_unit_test(too_many_digits_are_out_of_range),
		cmocka_unit_test(values_keep_their_scale),
		cmocka_unit_test(sums_and_products_are_exact),
		cmocka_unit_test(overflow_is_an_error),
		cmocka_unit_test(modes_round_as_named),
		cmocka_unit_test(units_other_than_powers_of_ten_round),
		cmocka_unit_test(division_needs_all_256_bits),
		cmocka_unit_test(order_is_total),
		cmocka_unit_test(small_numbers_agree_with_integers),
		cmocka_unit_test(large_divisions_undo),
		cmocka_unit_test(text_of_any_number_parses_back),
	};
	return cmocka_run_group_tests_name("base_decimal", tests, NULL, NULL);
}
