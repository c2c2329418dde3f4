#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "intake/judge.h"

#define MINUTE INT64_C(60000000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static hub_time at(const char *text)
{
	hub_time t = 0;
	assert_true(clock_parse(text, strlen(text), &t));
	return t;
}

static const judge_limits no_limits;
static const judge_limits hourly = { .interval = HOUR };
static const judge_limits bounded = { .has_low = true, .low = { 0, 0 }, .has_high = true, .high = { 100, 0 } };
static const judge_limits five_digits = { .modulus = { 100000, 0 } };
static const judge_limits five_digits_slow = { .modulus = { 100000, 0 }, .rate = { 1, 0 } };
static const judge_limits ten_an_hour = { .rate = { 10, 0 } };
static const judge_limits patient = { .delay = 40 * DAY };

/* Received at 2026-11-20T12:00:00Z; offsets in seconds from there. */
static const struct {
	const char *name;
	hub_kind kind;
	int64_t start, time;
	hub_value value;
	const judge_limits *limits;
	bool has_before;
	int64_t before_time;
	hub_value before;
	uint32_t flags;
	const char *code; /* of the quarantine, or NULL */
} cases[] = {
	{ "now", HUB_INSTANT, 0, 0, { 1, 0 }, &no_limits },
	{ "a minute ahead", HUB_INSTANT, 0, 60, { 1, 0 }, &no_limits },
	{ "more than a minute ahead", HUB_INSTANT, 0, 61, { 1, 0 }, &no_limits, .flags = HUB_CLOCK_DRIFT },
	{ "five minutes ahead", HUB_INSTANT, 0, 300, { 1, 0 }, &no_limits, .flags = HUB_CLOCK_DRIFT },
	{ "more than five minutes ahead", HUB_INSTANT, 0, 301, { 1, 0 }, &no_limits, .code = "reading.future" },
	{ "a day ago", HUB_INSTANT, 0, -86400, { 1, 0 }, &no_limits },
	{ "more than a day ago", HUB_INSTANT, 0, -86401, { 1, 0 }, &no_limits, .flags = HUB_LATE },
	{ "within the point's delay", HUB_INSTANT, 0, -30 * 86400, { 1, 0 }, &patient },
	{ "beyond the point's delay", HUB_INSTANT, 0, -41 * 86400, { 1, 0 }, &patient, .flags = HUB_LATE },
	{ "three years ago", HUB_INSTANT, 0, -1095LL * 86400, { 1, 0 }, &no_limits, .flags = HUB_LATE },
	{ "older", HUB_INSTANT, 0, -1095LL * 86400 - 1, { 1, 0 }, &no_limits, .code = "reading.ancient" },
	{ "a whole hour", HUB_INTERVAL, -3600, 0, { 5, 0 }, &hourly },
	{ "half an hour on the hour's raster is a whole part of it", HUB_INTERVAL, -1800, 0, { 5, 0 }, &hourly },
	{ "half an hour off its own raster", HUB_INTERVAL, -2700, -900, { 5, 0 }, &hourly, .flags = HUB_MISALIGNED },
	{ "forty minutes are no whole part of an hour", HUB_INTERVAL, -2400, 0, { 5, 0 }, &hourly, .flags = HUB_MISALIGNED },
	{ "an hour off the raster", HUB_INTERVAL, -3660, -60, { 5, 0 }, &hourly, .flags = HUB_MISALIGNED },
	{ "two hours", HUB_INTERVAL, -7200, 0, { 5, 0 }, &hourly, .flags = HUB_MISALIGNED },
	{ "an instant needs no raster", HUB_INSTANT, 0, -17, { 5, 0 }, &hourly },
	{ "at the limits", HUB_INSTANT, 0, 0, { 10000, 2 }, &bounded },
	{ "above", HUB_INSTANT, 0, 0, { 10001, 2 }, &bounded, .flags = HUB_OUT_OF_RANGE },
	{ "below", HUB_INSTANT, 0, 0, { -1, 18 }, &bounded, .flags = HUB_OUT_OF_RANGE },
	{ "a register is not held to the limits of amounts", HUB_REGISTER, 0, 0, { 5000, 0 }, &bounded },
	{ "a register beyond its modulus", HUB_REGISTER, 0, 0, { 100000, 0 }, &five_digits, .flags = HUB_OUT_OF_RANGE },
	{ "a first register", HUB_REGISTER, 0, 0, { 5000, 0 }, &five_digits },
	{ "a rising register", HUB_REGISTER, 0, 0, { 5001, 0 }, &five_digits, true, -3600, { 5000, 0 } },
	{ "a standing register", HUB_REGISTER, 0, 0, { 50000, 1 }, &five_digits, true, -3600, { 5000, 0 } },
	{ "a falling register", HUB_REGISTER, 0, 0, { 498, 0 }, &no_limits, true, -3600, { 500, 0 },
	  .flags = HUB_DECREASE },
	{ "a rollover", HUB_REGISTER, 0, 0, { 12, 0 }, &five_digits, true, -3600, { 99990, 0 }, .flags = HUB_ROLLOVER },
	{ "too far for a rollover", HUB_REGISTER, 0, 0, { 12, 0 }, &five_digits, true, -3600, { 50000, 0 },
	  .flags = HUB_DECREASE },
	{ "a rollover within the rate", HUB_REGISTER, 0, 0, { 0, 0 }, &five_digits_slow, true, -3600, { 99999, 0 },
	  .flags = HUB_ROLLOVER },
	{ "a rollover beyond the rate", HUB_REGISTER, 0, 0, { 12, 0 }, &five_digits_slow, true, -3600, { 99990, 0 },
	  .flags = HUB_DECREASE },
	{ "a register at its rate", HUB_REGISTER, 0, 0, { 110, 0 }, &ten_an_hour, true, -36000, { 10, 0 } },
	{ "a register beyond its rate", HUB_REGISTER, 0, 0, { 11001, 2 }, &ten_an_hour, true, -36000, { 10, 0 },
	  .flags = HUB_SPIKE },
	{ "an amount at its rate", HUB_INTERVAL, -3600, 0, { 10, 0 }, &ten_an_hour },
	{ "an amount beyond its rate", HUB_INTERVAL, -3600, 0, { 10001, 3 }, &ten_an_hour, .flags = HUB_SPIKE },
	{ "the largest register", HUB_REGISTER, 0, 0, { INT64_MAX, 0 }, &ten_an_hour, true, -1, { INT64_MIN, 0 },
	  .flags = HUB_SPIKE },
};

static judge_case case_of(size_t i, hub_reading *r, judge_before *before)
{
	hub_time came = at("2026-11-20T12:00:00Z");
	*r = (hub_reading){ "0001", "", "active_energy_import", "kWh", cases[i].kind, 0, cases[i].value,
			    cases[i].kind == HUB_INTERVAL ? came + cases[i].start * 1000000 : 0,
			    came + cases[i].time * 1000000 };
	*before = (judge_before){ came + cases[i].before_time * 1000000, cases[i].before };
	return (judge_case){ r, cases[i].value, came, came + 7 * HOUR, cases[i].limits,
			     cases[i].has_before ? before : NULL };
}

static void every_rule_at_its_edge(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		hub_reading r;
		judge_before before;
		hub_fault fault = { 0 };
		uint32_t flags = 0;
		judge_case c = case_of(i, &r, &before);
		hub_status st = judge_time(&judge_rules_default, &c, &fault);
		if (st == HUB_OK)
			flags = judge_flags(&judge_rules_default, &c);
		if (flags != cases[i].flags || st != (cases[i].code ? HUB_REJECT : HUB_OK))
			fail_msg("%s: status %d flags %#x %s", cases[i].name, st, flags, fault.message);
		if (cases[i].code)
			assert_string_equal(fault.code, cases[i].code);
	}
}

static void every_flag_has_a_reason(void **state)
{
	(void)state;
	uint32_t seen = 0;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		hub_reading r;
		judge_before before;
		hub_fault note = { 0 };
		judge_case c = case_of(i, &r, &before);
		if (!cases[i].flags)
			continue;
		judge_note(&c, cases[i].flags, &note);
		assert_non_null(note.code);
		assert_memory_equal(note.code, "reading.", 8);
		assert_true(strlen(note.message) > 20);
		seen |= cases[i].flags;
	}
	assert_int_equal(seen, HUB_CLOCK_DRIFT | HUB_LATE | HUB_OUT_OF_RANGE | HUB_SPIKE | HUB_ROLLOVER | HUB_DECREASE |
				       HUB_MISALIGNED);
}

static void flags_of_the_source_stay(void **state)
{
	(void)state;
	hub_reading r;
	judge_before before;
	judge_case c = case_of(0, &r, &before);
	r.flags = HUB_ESTIMATED | HUB_MANUAL;
	assert_int_equal(judge_flags(&judge_rules_default, &c), HUB_ESTIMATED | HUB_MANUAL);
}

/* A zone whose clock runs ahead of the core cannot make the future acceptable. */
static void a_zone_clock_ahead_is_not_believed(void **state)
{
	(void)state;
	hub_reading r;
	judge_before before;
	hub_fault fault;
	judge_case c = case_of(0, &r, &before);
	c.now = at("2026-11-20T11:00:00Z");
	assert_int_equal(judge_time(&judge_rules_default, &c, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "reading.future");
}

/* Local days of 23 and 25 hours are whole days; New York changed on 2026-03-08 and 2026-11-01. */
static void days_of_a_clock_change_are_whole(void **state)
{
	(void)state;
	static const struct { const char *start, *end; uint32_t flags; } days[] = {
		{ "2026-03-07T05:00:00Z", "2026-03-08T05:00:00Z", 0 },
		{ "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z", 0 },
		{ "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z", 0 },
		{ "2026-03-08T05:00:00Z", "2026-03-09T05:00:00Z", HUB_MISALIGNED },
		{ "2026-03-08T00:00:00Z", "2026-03-09T00:00:00Z", HUB_MISALIGNED },
	};
	zone *z = NULL;
	assert_int_equal(zone_load("America/New_York", &z), HUB_OK);
	judge_limits daily = { .interval = DAY, .zone = z, .delay = 1000 * DAY };
	for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
		hub_reading r = { "0001", "", "active_energy_import", "kWh", HUB_INTERVAL, 0, { 5, 0 },
				  at(days[i].start), at(days[i].end) };
		judge_case c = { &r, r.value, at("2026-11-20T12:00:00Z"), at("2026-11-20T12:00:00Z"), &daily, NULL };
		assert_int_equal(judge_flags(&judge_rules_default, &c), days[i].flags);
	}
	zone_free(z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_at_its_edge),
		cmocka_unit_test(every_flag_has_a_reason),
		cmocka_unit_test(flags_of_the_source_stay),
		cmocka_unit_test(a_zone_clock_ahead_is_not_believed),
		cmocka_unit_test(days_of_a_clock_change_are_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
