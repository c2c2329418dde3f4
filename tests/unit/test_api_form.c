#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/form.h"

static arena mem;

static int setup(void **state)
{
	(void)state;
	arena_init(&mem, 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_fini(&mem);
	return 0;
}

static hub_status parse(const char *text, size_t len, const wire_field **fields, size_t *count, hub_fault *fault)
{
	return form_parse((const uint8_t *)text, len, &mem, fields, count, fault);
}

static void names_and_values_are_decoded(void **state)
{
	(void)state;
	static const char text[] = "grant_type=client_credentials&a=%E6%B0%B4+%2B%26%3d&&flag&empty=&=x";
	const wire_field *fields;
	size_t count;
	hub_fault fault = { 0 };
	assert_int_equal(parse(text, sizeof text - 1, &fields, &count, &fault), HUB_OK);
	assert_int_equal(count, 5);
	assert_string_equal(form_value(fields, count, "grant_type"), "client_credentials");
	assert_string_equal(form_value(fields, count, "a"), "水 +&=");
	assert_string_equal(form_value(fields, count, "flag"), "");
	assert_string_equal(form_value(fields, count, ""), "x");
	assert_string_equal(form_value(fields, count, "absent"), "");
	assert_int_equal(parse(NULL, 0, &fields, &count, &fault), HUB_OK);
	assert_int_equal(count, 0);
}

static void what_is_no_form_is_refused_with_its_code(void **state)
{
	(void)state;
#define T(text) text, sizeof text - 1
	static const struct {
		const char *text;
		size_t len;
		const char *code;
	} cases[] = {
		{ T("a=%"), "form.escape" }, { T("a=%4"), "form.escape" }, { T("a=%4g"), "form.escape" },
		{ T("a=%00"), "form.text" }, { T("a=\0"), "form.text" }, { T("%ff=1"), "form.text" },
		{ T("a=%c0%af"), "form.text" }, { T("a=1&%61=2"), "form.twice" },
		{ T("a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q"), "form.long" },
	};
#undef T
	const wire_field *fields;
	size_t count;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hub_fault fault = { 0 };
		if (parse(cases[i].text, cases[i].len, &fields, &count, &fault) != HUB_REJECT)
			fail_msg("%s was taken", cases[i].text);
		assert_string_equal(fault.code, cases[i].code);
	}
	static char big[FORM_MAX + 1];
	hub_fault fault = { 0 };
	memset(big, 'a', sizeof big);
	assert_int_equal(parse(big, FORM_MAX, &fields, &count, &fault), HUB_OK);
	assert_int_equal(parse(big, sizeof big, &fields, &count, &fault), HUB_REJECT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names_and_values_are_decoded, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_form_is_refused_with_its_code, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
