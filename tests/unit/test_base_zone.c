#include "base/zone.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/fail.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const names[] = { "Asia/Shanghai",	    "Asia/Kolkata",	 "Asia/Kathmandu",
				     "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Cairo",
				     "America/New_York",    "Europe/London",	 "Europe/Dublin",
				     "America/St_Johns",    "Pacific/Apia",	 "Africa/Casablanca",
				     "America/Havana",	    "Asia/Gaza",	 "Pacific/Chatham",
				     "Antarctica/Troll",    "America/Nuuk",	 "UTC" };
enum { NAMES = sizeof names / sizeof *names };

static zone *load(const char *name)
{
	zone *z = NULL;
	if (access("/usr/share/zoneinfo/UTC", R_OK) != 0)
		skip();
	assert_int_equal(zone_load(name, &z), HUB_OK);
	assert_string_equal(zone_name(z), name);
	return z;
}

static hub_time at(const char *text)
{
	hub_time t;
	assert_true(clock_parse(text, strlen(text), &t));
	return t;
}

/* A version 2 file without transitions: only the footer's rule speaks. */
static zone *of_rule(const char *rule, hub_status want)
{
	buf b = { 0 };
	zone *z = NULL;
	for (int block = 0; block < 2; block++) {
		buf_put(&b, "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
		for (int i = 0; i < 4; i++)
			buf_be(&b, 0, 4);
		buf_be(&b, 1, 4);
		buf_be(&b, 4, 4);
		buf_put(&b, "\0\0\0\0\0\0LMT", 10);
	}
	buf_text(&b, "\n");
	buf_text(&b, rule);
	buf_text(&b, "\n");
	uint8_t *exact = malloc(b.len);
	memcpy(exact, b.bytes, b.len);
	assert_int_equal(zone_parse("rule", exact, b.len, &z), want);
	free(exact);
	buf_fini(&b);
	return z;
}

/* Every line of zdump -v: "NAME  Sun Apr  4 15:59:59 1999 UT = … isdst=0 gmtoff=28800". */
static size_t zdump_lines(const char *name, const zone *z)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char command[128], line[512], month[4];
	size_t lines = 0;
	snprintf(command, sizeof command, "zdump -v -c 1890,2150 %s 2>/dev/null", name);
	FILE *f = popen(command, "r");
	assert_non_null(f);
	while (fgets(line, sizeof line, f)) {
		int day, h, m, s, year, offset;
		const char *gmtoff = strstr(line, "gmtoff=");
		if (!gmtoff || sscanf(line, "%*s %*s %3s %d %d:%d:%d %d UT", month, &day, &h, &m, &s, &year) != 6)
			continue;
		assert_int_equal(sscanf(gmtoff, "gmtoff=%d", &offset), 1);
		if (year < 1 || year > 9999)
			continue;
		int mon = (int)(strstr(months, month) - months) / 3 + 1;
		int64_t t = (clock_days(year, mon, day) * 86400 + h * 3600 + m * 60 + s) * 1000000;
		if (zone_offset(z, t) != offset)
			fail_msg("%s: offset %d, zdump says %s", name, zone_offset(z, t), line);
		lines++;
	}
	pclose(f);
	return lines;
}

static void offsets_agree_with_zdump(void **state)
{
	(void)state;
	if (system("command -v zdump >/dev/null") != 0)
		skip();
	size_t lines = 0;
	for (int i = 0; i < NAMES; i++) {
		zone *z = load(names[i]);
		lines += zdump_lines(names[i], z);
		zone_free(z);
	}
	assert_true(lines > 3000);
}

static void civil_times_lead_back(void **state)
{
	(void)state;
	uint64_t seed = 6;
	for (int i = 0; i < NAMES; i++) {
		zone *z = load(names[i]);
		for (int k = 0; k < 3000; k++) {
			/* 1900 to about 2260 */
			hub_time t = (int64_t)(unit_random(&seed) % 11400000000000000) - 2208988800000000, one, two;
			zone_civil c = zone_to_civil(z, t);
			zone_local how = zone_from_civil(z, c, &one, &two);
			assert_int_not_equal(how, ZONE_SKIPPED);
			assert_true(t == one || t == two);
			assert_true(how == ZONE_ONCE ? one == two : one < two);
		}
		zone_free(z);
	}
}

/* Buckets lie side by side: each moment is in one, and the next begins where it ends. */
static void buckets_are_a_partition(void **state)
{
	(void)state;
	uint64_t seed = 7;
	for (int i = 0; i < NAMES; i++) {
		zone *z = load(names[i]);
		for (int k = 0; k < 2000; k++) {
			hub_time t = (int64_t)(unit_random(&seed) % 9000000000000000) - 2000000000000000;
			for (int unit = ZONE_HOUR; unit <= ZONE_YEAR; unit++) {
				hub_time from = zone_floor(z, t, (zone_unit)unit),
					 to = zone_next(z, t, (zone_unit)unit);
				assert_true(from <= t && t < to);
				assert_true(zone_floor(z, from, (zone_unit)unit) == from);
				assert_true(zone_floor(z, to, (zone_unit)unit) == to);
				assert_true(zone_floor(z, to - 1, (zone_unit)unit) == from);
				assert_true(zone_next(z, from, (zone_unit)unit) == to);
			}
		}
		zone_free(z);
	}
}

static int64_t minutes_of_day(const char *name, const char *moment)
{
	zone *z = load(name);
	hub_time t = at(moment);
	int64_t minutes = (zone_next(z, t, ZONE_DAY) - zone_floor(z, t, ZONE_DAY)) / 60000000;
	zone_free(z);
	return minutes;
}

static void days_have_23_24_25_and_odd_hours(void **state)
{
	(void)state;
	assert_int_equal(minutes_of_day("Asia/Shanghai", "2026-07-01T04:00:00Z"), 24 * 60);
	assert_int_equal(minutes_of_day("Asia/Shanghai", "1986-05-04T04:00:00Z"), 23 * 60);
	assert_int_equal(minutes_of_day("Asia/Shanghai", "1991-09-15T04:00:00Z"), 25 * 60);
	assert_int_equal(minutes_of_day("America/New_York", "2026-03-08T17:00:00Z"), 23 * 60);
	assert_int_equal(minutes_of_day("America/New_York", "2026-11-01T17:00:00Z"), 25 * 60);
	assert_int_equal(minutes_of_day("America/New_York", "2350-03-12T17:00:00Z"), 23 * 60);
	assert_int_equal(minutes_of_day("Australia/Lord_Howe", "2026-04-05T02:00:00Z"), 24 * 60 + 30);
	assert_int_equal(minutes_of_day("Australia/Lord_Howe", "2026-10-04T02:00:00Z"), 23 * 60 + 30);
	assert_int_equal(minutes_of_day("America/Havana", "2024-11-03T17:00:00Z"), 25 * 60);
	assert_int_equal(minutes_of_day("America/St_Johns", "2005-10-29T17:00:00Z"), 25 * 60);
	assert_int_equal(minutes_of_day("America/St_Johns", "2005-10-30T17:00:00Z"), 24 * 60);
}

static void half_hours_are_kept(void **state)
{
	(void)state;
	zone *z = load("Asia/Kathmandu");
	assert_int_equal(zone_offset(z, at("2026-01-01T00:00:00Z")), 5 * 3600 + 45 * 60);
	assert_true(zone_floor(z, at("2026-01-01T00:00:00Z"), ZONE_HOUR) == at("2025-12-31T23:15:00Z"));
	assert_true(zone_floor(z, at("2025-12-31T18:15:00Z"), ZONE_YEAR) == at("2025-12-31T18:15:00Z"));
	assert_true(zone_floor(z, at("2025-12-31T18:14:59Z"), ZONE_YEAR) == at("2024-12-31T18:15:00Z"));
	zone_free(z);
	z = load("Asia/Kolkata");
	assert_true(zone_next(z, at("2026-01-31T18:29:59.999999Z"), ZONE_MONTH) == at("2026-01-31T18:30:00Z"));
	assert_int_equal(zone_weekday(z, at("2026-01-31T18:29:59Z")), 6);
	assert_int_equal(zone_weekday(z, at("2026-01-31T18:30:00Z")), 0);
	zone_free(z);
}

static void skipped_midnight_starts_at_the_jump(void **state)
{
	(void)state;
	zone *z = load("America/Sao_Paulo");
	hub_time jump = at("2017-10-15T03:00:00Z"), one, two;
	assert_int_equal(zone_from_civil(z, (zone_civil) { 2017, 10, 15, 0, 0, 0, 0 }, &one, &two), ZONE_SKIPPED);
	assert_true(one == jump && two == jump);
	assert_int_equal(zone_from_civil(z, (zone_civil) { 2017, 10, 15, 0, 59, 59, 999999 }, &one, NULL),
			 ZONE_SKIPPED);
	assert_true(one == jump);
	assert_true(zone_floor(z, at("2017-10-15T12:00:00Z"), ZONE_DAY) == jump);
	assert_true(zone_next(z, jump - 1, ZONE_DAY) == jump);
	assert_int_equal(zone_to_civil(z, jump).hour, 1);
	assert_true(zone_next(z, jump, ZONE_DAY) - jump == 23 * 3600 * (int64_t)1000000);
	zone_free(z);
	z = load("Africa/Cairo");
	assert_int_equal(zone_from_civil(z, (zone_civil) { 2024, 4, 26, 0, 30, 0, 0 }, &one, NULL), ZONE_SKIPPED);
	assert_true(one == at("2024-04-25T22:00:00Z"));
	zone_free(z);
	/* the whole of 30 December 2011 */
	z = load("Pacific/Apia");
	jump = at("2011-12-30T10:00:00Z");
	assert_int_equal(zone_from_civil(z, (zone_civil) { 2011, 12, 30, 12, 0, 0, 0 }, &one, NULL), ZONE_SKIPPED);
	assert_true(one == jump);
	assert_true(zone_next(z, jump - 1, ZONE_DAY) == jump && zone_next(z, jump, ZONE_DAY) == jump + 86400000000);
	zone_free(z);
}

static void an_hour_may_come_twice(void **state)
{
	(void)state;
	zone *z = load("America/New_York");
	hub_time one, two;
	assert_int_equal(zone_from_civil(z, (zone_civil) { 2026, 11, 1, 1, 30, 0, 5 }, &one, &two), ZONE_TWICE);
	assert_true(one == at("2026-11-01T05:30:00.000005Z") && two == at("2026-11-01T06:30:00.000005Z"));
	assert_true(zone_floor(z, one, ZONE_HOUR) == at("2026-11-01T05:00:00Z"));
	assert_true(zone_floor(z, two, ZONE_HOUR) == at("2026-11-01T06:00:00Z"));
	assert_int_equal(zone_from_civil(z, (zone_civil) { 2026, 11, 1, 2, 0, 0, 0 }, &one, &two), ZONE_ONCE);
	assert_int_equal(zone_from_civil(z, (zone_civil) { 2026, 3, 8, 2, 30, 0, 0 }, &one, &two), ZONE_SKIPPED);
	assert_true(one == at("2026-03-08T07:00:00Z"));
	zone_free(z);
}

static void fields_carry_over(void **state)
{
	(void)state;
	zone *z = load("Asia/Shanghai");
	hub_time a, b;
	assert_int_equal(zone_from_civil(z, (zone_civil) { 2026, 3, 0, 24, 0, 0, 0 }, &a, NULL), ZONE_ONCE);
	zone_from_civil(z, (zone_civil) { 2026, 3, 1, 0, 0, 0, 0 }, &b, NULL);
	assert_true(a == b && a == at("2026-02-28T16:00:00Z"));
	zone_from_civil(z, (zone_civil) { 2025, 13, 32, 0, -60, 0, -1 }, &a, NULL);
	zone_from_civil(z, (zone_civil) { 2026, 1, 31, 22, 59, 59, 999999 }, &b, NULL);
	assert_true(a == b);
	zone_from_civil(z, (zone_civil) { 2026, -11, 1, 0, 0, 0, 0 }, &a, NULL);
	zone_from_civil(z, (zone_civil) { 2025, 1, 1, 0, 0, 0, 0 }, &b, NULL);
	assert_true(a == b);
	zone_free(z);
}

static void rules_hold_for_ever(void **state)
{
	(void)state;
	zone *z = of_rule("CET-1CEST,M3.5.0,M10.5.0/3", HUB_OK);
	assert_int_equal(zone_offset(z, at("2026-03-29T00:59:59Z")), 3600);
	assert_int_equal(zone_offset(z, at("2026-03-29T01:00:00Z")), 7200);
	assert_int_equal(zone_offset(z, at("9999-10-31T00:59:59Z")), 7200);
	assert_int_equal(zone_offset(z, at("9999-10-31T01:00:00Z")), 3600);
	zone_free(z);
	/* southern: summer over the new year */
	z = of_rule("NZST-12NZDT,M9.5.0,M4.1.0/3", HUB_OK);
	assert_int_equal(zone_offset(z, at("2026-01-01T00:00:00Z")), 13 * 3600);
	assert_int_equal(zone_offset(z, at("2026-07-01T00:00:00Z")), 12 * 3600);
	zone_free(z);
	/* RFC 8536: permanent summer time; Ireland's negative one; a change in the week before */
	z = of_rule("XXX3EDT4,0/0,J365/23", HUB_OK);
	for (int month = 1; month <= 12; month++)
		assert_int_equal(zone_offset(z, clock_days(2030, month, 1) * 86400000000), -4 * 3600);
	zone_free(z);
	z = of_rule("IST-1GMT0,M10.5.0,M3.5.0/1", HUB_OK);
	assert_int_equal(zone_offset(z, at("2030-01-01T00:00:00Z")), 0);
	assert_int_equal(zone_offset(z, at("2030-07-01T00:00:00Z")), 3600);
	zone_free(z);
	z = of_rule("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", HUB_OK);
	assert_int_equal(zone_offset(z, at("2026-03-29T00:59:59Z")), -7200);
	assert_int_equal(zone_offset(z, at("2026-03-29T01:00:00Z")), -3600);
	zone_free(z);
	/* Jn does not count 29 February, n does */
	z = of_rule("AAA0BBB,J60/0,J300/0", HUB_OK);
	assert_int_equal(zone_offset(z, at("2024-02-29T23:59:59Z")), 0);
	assert_int_equal(zone_offset(z, at("2024-03-01T00:00:00Z")), 3600);
	zone_free(z);
	z = of_rule("AAA0BBB,59/0,J300/0", HUB_OK);
	assert_int_equal(zone_offset(z, at("2024-02-29T00:00:00Z")), 3600);
	assert_int_equal(zone_offset(z, at("2025-02-28T23:59:59Z")), 0);
	zone_free(z);
}

static void bad_rules_are_rejected(void **state)
{
	static const char *const rules[] = { "CET",
					     "CE-1",
					     "CET-25",
					     "CET-1CEST",
					     "CET-1CEST,M3.5.0",
					     "<A-1",
					     "CET-1CEST,M13.5.0,M10.5.0",
					     "CET-1CEST,M3.6.0,M10.5.0",
					     "CET-1CEST,M3.5.7,M10.5.0",
					     "CET-1CEST,J0,M10.5.0",
					     "CET-1CEST,366,M10.5.0",
					     "CET-1CEST,M3.5.0/168,M10.5.0",
					     "CET-1CEST,M3.5.0,M10.5.0x",
					     "CET-1:60",
					     "<>-1",
					     "CET-24CEST-26,1,2" };
	(void)state;
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		assert_null(of_rule(rules[i], HUB_REJECT));
	zone_free(of_rule("", HUB_OK));
}

static size_t file_of(const char *name, uint8_t out[65536])
{
	char path[128];
	snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", name);
	FILE *f = fopen(path, "rb");
	if (!f)
		skip();
	size_t len = fread(out, 1, 65536, f);
	fclose(f);
	return len;
}

static void no_truncation_is_a_zone(void **state)
{
	static uint8_t bytes[65536];
	(void)state;
	size_t len = file_of("America/New_York", bytes);
	for (size_t n = 0; n < len; n++) {
		uint8_t *exact = malloc(n ? n : 1);
		zone *z = NULL;
		memcpy(exact, bytes, n);
		assert_int_equal(zone_parse("x", exact, n, &z), HUB_REJECT);
		free(exact);
	}
}

/* Damaged files are refused or give a zone whose every answer is still consistent. */
static void damage_is_survived(void **state)
{
	static uint8_t bytes[65536];
	(void)state;
	uint64_t seed = 8;
	size_t len = file_of("Africa/Casablanca", bytes);
	for (int i = 0; i < 4000; i++) {
		size_t where = unit_random(&seed) % len;
		uint8_t kept = bytes[where];
		zone *z = NULL;
		bytes[where] = (uint8_t)unit_random(&seed);
		if (zone_parse("x", bytes, len, &z) == HUB_OK) {
			hub_time t = (hub_time)unit_random(&seed) / 1024;
			assert_true(zone_floor(z, t, ZONE_DAY) <= t && t < zone_next(z, t, ZONE_DAY));
			assert_true(zone_floor(z, t, ZONE_HOUR) <= t && t < zone_next(z, t, ZONE_HOUR));
		}
		zone_free(z);
		bytes[where] = kept;
	}
}

static void names_stay_inside_the_database(void **state)
{
	static const char *const bad[] = { "",
					   "/etc/passwd",
					   "../zoneinfo/UTC",
					   "Asia/../UTC",
					   "Asia/",
					   "Asia//Tokyo",
					   "Asia/Nowhere",
					   "Asia",
					   ".",
					   "UTC\n",
					   "zone.tab",
					   "right/UTC/x",
					   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
	(void)state;
	zone *z = NULL;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(zone_load(bad[i], &z), HUB_MISSING);
	assert_null(z);
}

static void lost_allocations_are_told(void **state)
{
	(void)state;
	zone_free(load("Europe/London"));
	bool done = false;
	for (long k = 0; !done; k++) {
		zone *z = NULL;
		fail_after(k);
		hub_status st = zone_load("Europe/London", &z);
		done = !fail_was_hit();
		fail_after(-1);
		assert_int_equal(st, done ? HUB_OK : HUB_NOMEM);
		zone_free(z);
	}
}

static void extremes_do_not_wrap(void **state)
{
	(void)state;
	zone *z = load("America/New_York");
	static const hub_time ends[] = { INT64_MIN, INT64_MIN + 1, INT64_MAX - 1, INT64_MAX, 0, -1 };
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		for (int unit = ZONE_HOUR; unit <= ZONE_YEAR; unit++)
			assert_true(zone_floor(z, ends[i], (zone_unit)unit) <= ends[i] &&
				    zone_next(z, ends[i], (zone_unit)unit) >= ends[i]);
	zone_free(z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offsets_agree_with_zdump),
		cmocka_unit_test(civil_times_lead_back),
		cmocka_unit_test(buckets_are_a_partition),
		cmocka_unit_test(days_have_23_24_25_and_odd_hours),
		cmocka_unit_test(half_hours_are_kept),
		cmocka_unit_test(skipped_midnight_starts_at_the_jump),
		cmocka_unit_test(an_hour_may_come_twice),
		cmocka_unit_test(fields_carry_over),
		cmocka_unit_test(rules_hold_for_ever),
		cmocka_unit_test(bad_rules_are_rejected),
		cmocka_unit_test(no_truncation_is_a_zone),
		cmocka_unit_test(damage_is_survived),
		cmocka_unit_test(names_stay_inside_the_database),
		cmocka_unit_test(lost_allocations_are_told),
		cmocka_unit_test(extremes_do_not_wrap),
	};
	return cmocka_run_group_tests_name("base_zone", tests, NULL, NULL);
}
