/* Bundles: limits, order, silent entries, and the back-off's bounds. */
#include "unit.h"

#include "deliver/bundle.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { PARTS = 10 };

static buf text;
static bundle_part parts[PARTS];

/* "" tells nothing. */
static void parts_of(const char *const *ids)
{
	buf_clear(&text);
	for (size_t i = 0; i < PARTS; i++) {
		parts[i] = (bundle_part) { .position = i + 1, .start = text.len };
		if (ids[i][0])
			buf_printf(&text, "{\"id\":\"%s\",\"items\":[]}", ids[i]);
		parts[i].len = text.len - parts[i].start;
	}
	assert_false(text.bad);
}

static const char *const all[PARTS] = { "7-1", "7-2", "7-3", "7-4", "7-5", "7-6", "7-7", "7-8", "7-9", "7-10" };

static void limits_of_count_and_bytes_cut(void **unused)
{
	(void)unused;
	size_t told;
	parts_of(all);
	assert_int_equal(bundle_cut(parts, PARTS, &(bundle_limits) { 3, 100000 }, &told), 3);
	assert_int_equal(told, 3);
	assert_int_equal(bundle_cut(parts, PARTS, &(bundle_limits) { 100, (uint32_t)(2 * parts[0].len) }, &told), 2);
	assert_int_equal(bundle_cut(parts, PARTS, &(bundle_limits) { 100, 1 }, &told), 1);
	assert_int_equal(bundle_cut(parts, PARTS, &(bundle_limits) { 100, 100000 }, &told), PARTS);
}

static void what_tells_nothing_goes_along(void **unused)
{
	(void)unused;
	static const char *const some[PARTS] = { "", "7-2", "", "", "7-5", "7-6", "", "", "", "" };
	size_t told;
	parts_of(some);
	assert_int_equal(bundle_cut(parts, PARTS, &(bundle_limits) { 2, 100000 }, &told), 5);
	assert_int_equal(told, 2);
	assert_int_equal(bundle_cut(parts + 6, 4, &(bundle_limits) { 2, 100000 }, &told), 4);
	assert_int_equal(told, 0);
}

static void a_message_names_its_entries(void **unused)
{
	(void)unused;
	static const char *const some[PARTS] = { "", "7-2.300", "", "7-4", "", "", "", "", "", "" };
	buf out = { 0 };
	parts_of(some);
	bundle_write(&out, 7, 40, 0, (const char *)text.bytes, parts, 5);
	json_t *m = json_loadb((const char *)out.bytes, out.len, 0, NULL), *entries = json_object_get(m, "entries");
	assert_non_null(m);
	assert_null(json_object_get(m, "cleared"));
	assert_string_equal(json_string_value(json_object_get(m, "id")), "7-2.300");
	assert_int_equal(json_integer_value(json_object_get(m, "after")), 40);
	assert_int_equal(json_integer_value(json_object_get(m, "first")), 2);
	assert_int_equal(json_integer_value(json_object_get(m, "last")), 5);
	assert_int_equal(json_array_size(entries), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(entries, 1), "id")), "7-4");
	json_decref(m);
	buf_clear(&out);
	bundle_write(&out, 7, 0, 1, (const char *)text.bytes, parts, 5);
	m = json_loadb((const char *)out.bytes, out.len, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(m, "cleared")), 1);
	json_decref(m);
	buf_fini(&out);
	buf_fini(&text);
}

static void a_delay_doubles_between_bounds(void **unused)
{
	(void)unused;
	for (uint32_t n = 1; n < 40; n++) {
		int64_t most = n > 9 ? 300000000 : INT64_C(1000000) << (n - 1);
		assert_int_equal(backoff_delay(n, 0), most / 2);
		assert_int_equal(backoff_delay(n, UINT32_MAX), most);
		assert_in_range(backoff_delay(n, 0x80000000), most / 2, most);
	}
}

static void who_says_when_is_not_asked_before_and_not_believed_for_ever(void **unused)
{
	(void)unused;
	const int64_t s = 1000000, patience = 3 * 86400 * s;
	assert_int_equal(backoff_asked(2 * s, 0, patience, 7), 2 * s);
	assert_int_equal(backoff_asked(2 * s, 30 * s, patience, 0), 30 * s);
	assert_int_equal(backoff_asked(2 * s, 30 * s, patience, UINT32_MAX), 33 * s);
	assert_int_equal(backoff_asked(60 * s, s, patience, 0), 60 * s); /* nobody is asked sooner for it */
	assert_int_equal(backoff_asked(s, 86400 * s, patience, 0), 3600 * s);
	assert_int_equal(backoff_asked(s, 86400 * s, 10 * s, 0), 10 * s);
	assert_int_equal(backoff_asked(s, INT64_MAX, INT64_MAX, UINT32_MAX), 3960 * s);
	assert_int_equal(backoff_asked(s, INT64_MIN, patience, 5), s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_of_count_and_bytes_cut),
		cmocka_unit_test(what_tells_nothing_goes_along),
		cmocka_unit_test(a_message_names_its_entries),
		cmocka_unit_test(a_delay_doubles_between_bounds),
		cmocka_unit_test(who_says_when_is_not_asked_before_and_not_believed_for_ever),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
