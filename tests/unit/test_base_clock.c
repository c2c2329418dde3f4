#include "base/clock.h"

#include "unit.h"

#include <string.h>
#include <time.h>

static void every_day_agrees_with_the_c_library(void **state)
{
	(void)state;
	int year, month, day;
	for (int64_t days = clock_days(1, 1, 1); days <= clock_days(9999, 12, 31); days += 7) {
		time_t t = days * 86400;
		struct tm tm;
		gmtime_r(&t, &tm);
		clock_civil(days, &year, &month, &day);
		assert_int_equal(year, tm.tm_year + 1900);
		assert_int_equal(month, tm.tm_mon + 1);
		assert_int_equal(day, tm.tm_mday);
		assert_int_equal(clock_days(year, month, day), days);
	}
}

static void text_parses_back(void **state)
{
	(void)state;
	uint64_t seed = 11;
	for (int i = 0; i < 20000; i++) {
		hub_time t = (hub_time)(unit_random(&seed) % 315537897600000000) - 62135596800000000, back;
		char text[CLOCK_TEXT];
		if (i & 1)
			t -= t % 1000000;
		clock_text(t, text);
		assert_true(clock_parse(text, strlen(text), &back));
		assert_true(back == t);
	}
}

static void times_read_as_rfc_3339_has_them(void **state)
{
	static const struct {
		const char *text;
		hub_time want;
	} rows[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "1970-01-01t08:00:00.5+08:00", 500000 },
		{ "1969-12-31 23:59:59.999999z", -1 },
		{ "1970-01-01T00:00:00-00:30", 1800000000 },
		{ "2016-12-31T23:59:60Z", 1483228800000000 },
		{ "2000-02-29T00:00:00Z", 951782400000000 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		hub_time t;
		assert_true(clock_parse(rows[i].text, strlen(rows[i].text), &t));
		assert_true(t == rows[i].want);
	}
	char text[CLOCK_TEXT];
	assert_string_equal(clock_text(500000, text), "1970-01-01T00:00:00.500000Z");
	assert_string_equal(clock_text(-1, text), "1969-12-31T23:59:59.999999Z");
	assert_string_equal(clock_text(INT64_MAX, text), "");
	assert_string_equal(clock_text(INT64_MIN, text), "");
}

static void other_texts_are_no_times(void **state)
{
	static const char *const texts[] = { "",
					     "2026",
					     "2026-11-20",
					     "2026-11-20T11:16:39",
					     "2026-11-20T11:16Z",
					     "2026-02-30T00:00:00Z",
					     "2025-02-29T00:00:00Z",
					     "2026-13-01T00:00:00Z",
					     "2026-00-01T00:00:00Z",
					     "2026-01-00T00:00:00Z",
					     "2026-01-01T24:00:00Z",
					     "2026-01-01T00:60:00Z",
					     "2026-01-01T00:00:61Z",
					     "2026-01-01T00:00:00.Z",
					     "2026-01-01T00:00:00.1234567Z",
					     "2026-01-01T00:00:00+0800",
					     "2026-01-01T00:00:00+24:00",
					     "2026-01-01T00:00:00Z ",
					     "0000-01-01T00:00:00Z",
					     "-026-01-01T00:00:00Z",
					     "2026-01-01T00:00:00+08:0" };
	(void)state;
	hub_time t = 42;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_false(clock_parse(texts[i], strlen(texts[i]), &t));
	const char *whole = "2026-11-20T11:16:39Z";
	for (size_t n = 0; n < strlen(whole); n++)
		assert_false(clock_parse(whole, n, &t));
	assert_int_equal(t, 42);
}

static void clocks_go_forward(void **state)
{
	(void)state;
	int64_t a = clock_monotonic(), b = clock_monotonic();
	assert_true(a <= b);
	assert_true(clock_now() > clock_days(2024, 1, 1) * 86400000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_agrees_with_the_c_library),
		cmocka_unit_test(text_parses_back),
		cmocka_unit_test(times_read_as_rfc_3339_has_them),
		cmocka_unit_test(other_texts_are_no_times),
		cmocka_unit_test(clocks_go_forward),
	};
	return cmocka_run_group_tests_name("base_clock", tests, NULL, NULL);
}
