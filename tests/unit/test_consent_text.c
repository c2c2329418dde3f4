/* What a grantor is shown says who, whom, what, how finely, what for and until when, in both languages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/clock.h"
#include "consent/text.h"

static const party home = { .code = "home-12", .name_zh = "十二号", .name_en = "Home 12" },
		   cloud = { .code = "cloud", .name_zh = "", .name_en = "" };

static hub_time at(const char *text)
{
	hub_time t;
	assert_true(clock_parse(text, strlen(text), &t));
	return t;
}

static consent sample(void)
{
	return (consent){ .id = 7,
			   .point_code = "E12",
			   .grantor_code = "home-12",
			   .grantee_code = "cloud",
			   .commodity = "electricity",
			   .grain = CONSENT_HOUR,
			   .purpose = "energy_advice",
			   .by = "home-12",
			   .withdrawn_by = "",
			   .granted = at("2026-11-20T04:00:00Z"),
			   .valid_from = at("2026-11-20T04:00:00Z"),
			   .valid_to = at("2027-02-18T04:00:00Z"),
			   .data_from = at("2025-12-31T16:00:00Z") };
}

static void both_texts_say_everything(void **state)
{
	(void)state;
	static const char *const zh[] = { "7",
					  "十二号",
					  "home-12",
					  "cloud",
					  "E12",
					  "电力",
					  "每小时",
					  "节能建议",
					  "2026-11-20 12:00:00",
					  "2027-02-18 12:00:00",
					  "2026-01-01 00:00:00",
					  "撤回" },
				 *const en[] = { "7",
						 "Home 12",
						 "home-12",
						 "cloud",
						 "E12",
						 "electricity",
						 "hourly",
						 "energy advice",
						 "2026-11-20 12:00:00",
						 "2027-02-18 12:00:00",
						 "2026-01-01 00:00:00",
						 "withdrawn" };
	consent c = sample();
	zone *z;
	arena a;
	arena_init(&a, 0);
	assert_int_equal(zone_load("Asia/Shanghai", &z), HUB_OK);
	assert_int_equal(consent_text(&c, &home, &cloud, z, &a), HUB_OK);
	for (size_t i = 0; i < sizeof zh / sizeof zh[0]; i++) {
		if (!strstr(c.text_zh, zh[i]) || !strstr(c.text_en, en[i]))
			fail_msg("'%s', '%s' not in\n%s\n%s", zh[i], en[i], c.text_zh, c.text_en);
	}
	uint8_t digest[32];
	assert_true(consent_digest(c.text_zh, c.text_en, digest));
	assert_memory_equal(digest, c.digest, sizeof digest);
	/* one sign more is another agreement */
	assert_true(consent_digest(c.text_zh, arena_printf(&a, "%s.", c.text_en), digest));
	assert_memory_not_equal(digest, c.digest, sizeof digest);
	zone_free(z);
	arena_fini(&a);
}

static void states_follow_time_and_word(void **state)
{
	(void)state;
	consent c = sample();
	assert_string_equal(consent_state(&c, c.valid_from - 1), "pending");
	assert_string_equal(consent_state(&c, c.valid_from), "active");
	assert_string_equal(consent_state(&c, c.valid_to - 1), "active");
	assert_string_equal(consent_state(&c, c.valid_to), "expired");
	c.lapsed = true;
	assert_string_equal(consent_state(&c, c.valid_from), "lapsed");
	c.withdrawn = c.valid_from + 1;
	assert_string_equal(consent_state(&c, c.valid_from), "withdrawn");
}

static void a_line_covers_what_is_as_coarse_and_in_its_time(void **state)
{
	(void)state;
	const consent_line l = { .commodity = "water", .grain = CONSENT_HOUR, .data_from = 1000, .data_to = 2000 };
	const consent_line any = { .commodity = "", .grain = CONSENT_RAW };
	static const struct {
		const char *commodity;
		consent_grain grain;
		hub_time start, time;
		bool covered;
	} cases[] = {
		{ "water", CONSENT_HOUR, 1000, 2000, true },	 { "water", CONSENT_MONTH, 1500, 1500, true },
		{ "water", CONSENT_QUARTER, 1500, 1500, false }, { "water", CONSENT_RAW, 1500, 1500, false },
		{ "gas", CONSENT_HOUR, 1500, 1500, false },	 { "water", CONSENT_HOUR, 999, 1500, false },
		{ "water", CONSENT_HOUR, 1500, 2001, false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (consent_covers(&l, cases[i].commodity, cases[i].grain, cases[i].start, cases[i].time) !=
			cases[i].covered)
			fail_msg("case %zu", i);
	assert_true(consent_covers(&any, "gas", CONSENT_RAW, -5, 5));
	assert_int_equal(consent_grain_of(0), CONSENT_RAW);
	assert_int_equal(consent_grain_of(899), CONSENT_RAW);
	assert_int_equal(consent_grain_of(900), CONSENT_QUARTER);
	assert_int_equal(consent_grain_of(3600), CONSENT_HOUR);
	assert_int_equal(consent_grain_of(86400), CONSENT_DAY);
	assert_int_equal(consent_grain_of(31 * 86400), CONSENT_MONTH);
}

static void the_json_reads_back(void **state)
{
	(void)state;
	consent c = sample();
	buf b = { 0 };
	c.text_zh = "“甲”\n";
	c.text_en = "\"a\"";
	c.withdrawn = c.granted + 1000000;
	c.withdrawn_by = "operator";
	consent_write(&b, &c, c.granted);
	json_t *o = json_loads(buf_cstr(&b), 0, NULL);
	assert_non_null(o);
	assert_string_equal(json_string_value(json_object_get(o, "state")), "withdrawn");
	assert_string_equal(json_string_value(json_object_get(o, "withdrawn_by")), "operator");
	assert_true(json_is_null(json_object_get(o, "data_to")));
	assert_string_equal(json_string_value(json_object_get(json_object_get(o, "receipt"), "text_zh")), c.text_zh);
	json_decref(o);
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_texts_say_everything),
		cmocka_unit_test(states_follow_time_and_word),
		cmocka_unit_test(a_line_covers_what_is_as_coarse_and_in_its_time),
		cmocka_unit_test(the_json_reads_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
