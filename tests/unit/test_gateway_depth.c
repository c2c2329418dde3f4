#include "unit.h"

#include <string.h>

#include "depth.h"

static bool fits(const char *text)
{
	depth d = { 0 };
	return depth_take(&d, (const uint8_t *)text, strlen(text));
}

static void what_stands_in_texts_does_not_count(void **state)
{
	(void)state;
	char text[4 * DEPTH_MAX];
	memset(text, '[', sizeof text - 1);
	text[sizeof text - 1] = 0;
	assert_false(fits(text));
	text[0] = '"';
	text[sizeof text - 2] = '"';
	assert_true(fits(text));
	assert_true(fits("{\"a\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\":1}"));
	assert_true(fits("\"\\\\\"[]"));
}

static void siblings_are_not_depth(void **state)
{
	(void)state;
	depth d = { 0 };
	for (int i = 0; i < 10000; i++)
		assert_true(depth_take(&d, (const uint8_t *)"[{}],", 5));
	assert_int_equal(d.level, 0);
}

static void bytes_may_come_one_by_one(void **state)
{
	(void)state;
	depth d = { 0 };
	int taken = 0;
	while (taken < 1000 && depth_take(&d, (const uint8_t *)"{\"a\":" + taken % 5, 1))
		taken++;
	/* the bracket after the deepest one allowed */
	assert_int_equal(taken, 5 * DEPTH_MAX);
}

static void what_closes_too_much_is_no_depth(void **state)
{
	(void)state;
	assert_true(fits("]]]]}}}}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stands_in_texts_does_not_count),
		cmocka_unit_test(siblings_are_not_depth),
		cmocka_unit_test(bytes_may_come_one_by_one),
		cmocka_unit_test(what_closes_too_much_is_no_depth),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
