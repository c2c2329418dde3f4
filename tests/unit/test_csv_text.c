/* Numbers, times and rows as files write them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/clock.h"
#include "csv/number.h"
#include "csv/row.h"
#include "csv/stamp.h"

static void numbers_are_exact(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		char mark, thousands;
		hub_status st;
		hub_value want;
	} rows[] = {
		{ "12.50", '.', 0, HUB_OK, { 1250, 2 } },
		{ "-0,5", ',', 0, HUB_OK, { -5, 1 } },
		{ " +7 ", '.', 0, HUB_OK, { 7, 0 } },
		{ ".5", '.', 0, HUB_OK, { 5, 1 } },
		{ "5.", '.', 0, HUB_OK, { 5, 0 } },
		{ "7.2e1", '.', 0, HUB_OK, { 72, 0 } },
		{ "7e3", '.', 0, HUB_OK, { 7000, 0 } },
		{ "1.5E-3", '.', 0, HUB_OK, { 15, 4 } },
		{ "1,234,567.8", '.', ',', HUB_OK, { 12345678, 1 } },
		{ "1.234,5", ',', '.', HUB_OK, { 12345, 1 } },
		{ "9223372036854775807", '.', 0, HUB_OK, { INT64_MAX, 0 } },
		{ "9223372036854775808", '.', 0, HUB_RANGE, { 0 } },
		{ "0.0000000000000000001", '.', 0, HUB_RANGE, { 0 } },
		{ "1e30", '.', 0, HUB_RANGE, { 0 } },
		{ "", '.', 0, HUB_REJECT, { 0 } },
		{ "9a", '.', 0, HUB_REJECT, { 0 } },
		{ "1,5", '.', 0, HUB_REJECT, { 0 } },
		{ "1 2", '.', 0, HUB_REJECT, { 0 } },
		{ "-", '.', 0, HUB_REJECT, { 0 } },
		{ "1e", '.', 0, HUB_REJECT, { 0 } },
		{ "0x10", '.', 0, HUB_REJECT, { 0 } },
		{ "nan", '.', 0, HUB_REJECT, { 0 } },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		hub_value v;
		hub_status st = number_parse(rows[i].text, rows[i].mark, rows[i].thousands, &v);
		if (st != rows[i].st || (st == HUB_OK && (v.digits != rows[i].want.digits || v.scale != rows[i].want.scale)))
			fail_msg("'%s'", rows[i].text);
	}
}

static void times_are_of_the_calendar(void **state)
{
	(void)state;
	static const struct {
		const char *text, *format, *want; /* NULL: refused */
	} rows[] = {
		{ "2026-11-20 08:15:30", "auto", "2026-11-20T08:15:30Z" },
		{ "2026-11-20T08:15:30.25Z", "auto", "2026-11-20T08:15:30.250000Z" },
		{ "2026-11-20T08:15+08:00", "auto", "2026-11-20T00:15:00Z" },
		{ "2026-11-20 08:15:00-0530", "auto", "2026-11-20T13:45:00Z" },
		{ "2026/1/2", "auto", "2026-01-02T00:00:00Z" },
		{ "2026-11-20 24:00", "auto", "2026-11-21T00:00:00Z" },
		{ "2024-02-29", "auto", "2024-02-29T00:00:00Z" },
		{ "20.11.26 14:05", "%d.%m.%y %H:%M", "2026-11-20T14:05:00Z" },
		{ "Nov 20 2026 02:05 PM", "%b %d %Y %I:%M %p", "2026-11-20T14:05:00Z" },
		{ "12:00 am 1/2/2026", "%I:%M %p %m/%d/%Y", "2026-01-02T00:00:00Z" },
		{ "1800000000", "%s", "2027-01-15T08:00:00Z" },
		{ "20261120081500", "%Y%m%d%H%M%S", "2026-11-20T08:15:00Z" },
		{ "2021-06-32 00:00:00", "auto", NULL },
		{ "2023-02-29", "auto", NULL },
		{ "2026-11-20 25:00", "auto", NULL },
		{ "2026-11-20 24:01", "auto", NULL },
		{ "2026-11-20 08:60", "auto", NULL },
		{ "2026-11-20 08:15 x", "auto", NULL },
		{ "2026-13-01", "auto", NULL },
		{ "2026-11/20", "auto", NULL },
		{ "yesterday", "auto", NULL },
		{ "", "auto", NULL },
		{ "13:00 PM", "%I:%M %p", NULL },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char text[CLOCK_TEXT];
		stamp s;
		hub_time t = 0;
		zone *utc;
		assert_int_equal(zone_load("UTC", &utc), HUB_OK);
		bool ok = stamp_parse(rows[i].text, rows[i].format, &s);
		if (ok)
			stamp_resolve(&s, utc, STAMP_FIRST, 0, &t);
		if (ok != (rows[i].want != NULL) || (ok && strcmp(clock_text(t, text), rows[i].want) != 0))
			fail_msg("'%s' gives %s", rows[i].text, ok ? text : "nothing");
		zone_free(utc);
	}
}

static void formats_have_known_directives(void **state)
{
	(void)state;
	assert_true(stamp_format_ok("auto"));
	assert_true(stamp_format_ok("%Y-%m-%d"));
	assert_false(stamp_format_ok("%Q"));
	assert_false(stamp_format_ok("yesterday"));
	assert_false(stamp_format_ok("%"));
	assert_false(stamp_format_ok(""));
}

static void an_hour_that_comes_twice_follows_the_order_of_rows(void **state)
{
	(void)state;
	zone *z;
	stamp s;
	hub_time first, t;
	assert_int_equal(zone_load("America/Chicago", &z), HUB_OK);
	assert_true(stamp_parse("2022-11-06 01:30", "auto", &s));
	assert_int_equal(stamp_resolve(&s, z, STAMP_FIRST, 0, &first), ZONE_TWICE);
	stamp_resolve(&s, z, STAMP_AFTER, first - 1, &t);
	assert_int_equal(t, first);
	stamp_resolve(&s, z, STAMP_AFTER, first, &t);
	assert_int_equal(t, first + INT64_C(3600000000));
	stamp_resolve(&s, z, STAMP_BEFORE, INT64_MAX, &t);
	assert_int_equal(t, first + INT64_C(3600000000));
	assert_true(stamp_parse("2022-03-13 02:30", "auto", &s));
	assert_int_equal(stamp_resolve(&s, z, STAMP_FIRST, 0, &t), ZONE_SKIPPED);
	zone_free(z);
}

static row_scan scan(const char *text, bool end, row *r, size_t *ret_len)
{
	return row_read((const uint8_t *)text, strlen(text), end, ',', '#', r, ret_len);
}

static void rows_follow_rfc_4180(void **state)
{
	(void)state;
	static row r;
	size_t len;
	assert_int_equal(scan("a,\"b,\"\"c\nd\",\r\nnext", false, &r, &len), ROW_WHOLE);
	assert_int_equal(len, 14);
	assert_int_equal(r.count, 3);
	assert_string_equal(r.fields[0].text, "a");
	assert_string_equal(r.fields[1].text, "b,\"c\nd");
	assert_string_equal(r.fields[2].text, "");
	assert_int_equal(scan("a,b", false, &r, &len), ROW_MORE);
	assert_int_equal(scan("a,b", true, &r, &len), ROW_WHOLE);
	assert_int_equal(scan("a,\"b\nc", false, &r, &len), ROW_MORE);
	assert_int_equal(scan("a,\"b\nc", true, &r, &len), ROW_UNCLOSED);
	assert_int_equal(len, 5);
	assert_int_equal(scan("# a \"comment\n", false, &r, &len), ROW_BLANK);
	assert_int_equal(scan(" \r\nx", false, &r, &len), ROW_BLANK);
	assert_int_equal(len, 3);
	assert_int_equal(scan("5\" pipe,2\n", false, &r, &len), ROW_WHOLE);
	assert_string_equal(r.fields[0].text, "5\" pipe");
}

static void a_row_has_bounds(void **state)
{
	(void)state;
	static row r;
	static uint8_t bytes[ROW_MAX + 10];
	size_t len;
	memset(bytes, 'x', sizeof bytes);
	assert_int_equal(row_read(bytes, ROW_MAX - 1, false, ',', 0, &r, &len), ROW_MORE);
	assert_int_equal(row_read(bytes, sizeof bytes, false, ',', 0, &r, &len), ROW_LONG);
	assert_int_equal(len, ROW_MAX);
	memset(bytes, ',', 300);
	bytes[300] = '\n';
	assert_int_equal(row_read(bytes, 301, false, ',', 0, &r, &len), ROW_WIDE);
	assert_int_equal(len, 301);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_exact),
		cmocka_unit_test(times_are_of_the_calendar),
		cmocka_unit_test(formats_have_known_directives),
		cmocka_unit_test(an_hour_that_comes_twice_follows_the_order_of_rows),
		cmocka_unit_test(rows_follow_rfc_4180),
		cmocka_unit_test(a_row_has_bounds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
