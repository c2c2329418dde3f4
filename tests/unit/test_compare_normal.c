/* What use is divided by, and what is told of others. */
#include "compare/normal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DAY INT64_C(86400000000)

static void is(decimal d, const char *text)
{
	char got[DECIMAL_TEXT];
	assert_string_equal(decimal_text(d, got), text);
}

static void use_is_divided_by_what_the_cycle_says(void **unused)
{
	(void)unused;
	static const struct {
		compare_per per;
		int64_t normal, factor;
	} cases[] = {
		{ { 0 }, INT64_C(10000000000), INT64_C(31000000) },		      /* 310 kWh in 31 days */
		{ { .area = true }, INT64_C(100000000), INT64_C(3100000000) },	      /* of 100 m² */
		{ { .occupants = true }, INT64_C(5000000000), INT64_C(62000000) },    /* two people */
		{ { .degree_days = true }, INT64_C(2000000000), INT64_C(155000000) }, /* five a day */
		{ { true, true, true }, INT64_C(10000000), INT64_C(31000000000) },
	};
	const compare_size size = { .covered = 31 * DAY, .area = 10000, .occupants = 2, .degree_days = 500 };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t normal, factor;
		decimal back;
		assert_int_equal(compare_normal(cases[i].per, &size, decimal_of(31000, 2), &normal, &factor), HUB_OK);
		assert_int_equal(normal, cases[i].normal);
		assert_int_equal(factor, cases[i].factor);
		assert_int_equal(compare_amount(normal, factor, &back), HUB_OK);
		is(back, "310.000");
	}
}

static void what_is_not_known_divides_nothing(void **unused)
{
	(void)unused;
	int64_t normal, factor;
	compare_size none = { .covered = 31 * DAY };
	assert_int_equal(compare_normal((compare_per) { 0 }, &none, decimal_of(1, 0), &normal, &factor), HUB_OK);
	assert_int_equal(compare_normal((compare_per) { .area = true }, &none, decimal_of(1, 0), &normal, &factor),
			 HUB_REJECT);
	assert_int_equal(compare_normal((compare_per) { .occupants = true }, &none, decimal_of(1, 0), &normal, &factor),
			 HUB_REJECT);
	assert_int_equal(
	    compare_normal((compare_per) { .degree_days = true }, &none, decimal_of(1, 0), &normal, &factor),
	    HUB_REJECT);
	none.covered = 0;
	assert_int_equal(compare_normal((compare_per) { 0 }, &none, decimal_of(1, 0), &normal, &factor), HUB_REJECT);
}

static void others_are_told_in_two_digits(void **unused)
{
	(void)unused;
	static const struct {
		decimal d;
		const char *text;
	} cases[] = { { { 0, 0 }, "0" },      { { 7, 0 }, "7" },     { { 99, 0 }, "99" },      { { 995, 1 }, "100" },
		      { { 1449, 1 }, "140" }, { { 145, 0 }, "150" }, { { 210345, 3 }, "210" }, { { 4321, 3 }, "4.3" },
		      { { 9960, 3 }, "10" },  { { 12, 3 }, "0.012" } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		is(compare_rounded(cases[i].d), cases[i].text);
}

static void degrees_and_metres(void **unused)
{
	(void)unused;
	int32_t x, y, x2, y2;
	assert_int_equal(compare_degrees(1000), 800);
	assert_int_equal(compare_degrees(1800), 0);
	assert_int_equal(compare_degrees(2600), 0);
	assert_int_equal(compare_degrees(3050), 450);
	compare_plane(300000000, 1200000000, 300000000, &x, &y);
	compare_plane(300000000, 1200100000, 300100000, &x2, &y2);
	assert_in_range(x2 - x, 963, 965); /* 0.01° at 30° north */
	assert_in_range(y2 - y, 1105, 1107);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(use_is_divided_by_what_the_cycle_says),
		cmocka_unit_test(what_is_not_known_divides_nothing),
		cmocka_unit_test(others_are_told_in_two_digits),
		cmocka_unit_test(degrees_and_metres),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
