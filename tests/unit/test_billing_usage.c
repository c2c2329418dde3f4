/* Readings as amounts: registers, exchanges, rollover, division by time, wall clocks that jump. */
#include "billing_helper.h"

#define PRICE                                                                                                          \
	"{\"tariff\":\"t\",\"currency\":\"CNY\",\"zone\":\"Asia/"                                                      \
	"Shanghai\",\"charges\":[{\"code\":\"e\",\"kind\":\"usage\","                                                  \
	"\"quantity\":\"active_energy_import\",\"unit\":\"kWh\",\"price\":\"1\"}]}"
#define USE(series)                                                                                                    \
	"{\"zone\":\"Asia/Shanghai\",\"start\":\"2026-01-01\",\"end\":\"2026-01-31\",\"series\":[{\"quantity\":"       \
	"\"active_energy_import\",\"unit\":\"kWh\"," series "}]}"
#define AT(time, value) "{\"time\":\"2026-01-" time "\",\"value\":\"" value "\"}"

static void a_register_gives_its_difference_times_the_multiplier(void **state)
{
	(void)state;
	assert_total(PRICE, USE("\"multiplier\":\"60\",\"registers\":[" AT("01", "10.5") "," AT("31", "12.75") "]"),
		     "135");
}

static void a_rollover_is_counted_and_never_negative(void **state)
{
	(void)state;
	assert_total(PRICE, USE("\"digits\":5,\"registers\":[" AT("01", "99950.5") "," AT("31", "20") "]"), "69.5");
	assert_refused(PRICE, USE("\"registers\":[" AT("01", "99950.5") "," AT("31", "20") "]"),
		       "usage.register.decrease");
	assert_refused(PRICE, USE("\"digits\":5,\"registers\":[" AT("01", "50000") "," AT("31", "49000") "]"),
		       "usage.register.decrease");
}

static void an_exchanged_meter_is_the_sum_of_its_segments(void **state)
{
	(void)state;
	assert_total(PRICE,
		     USE("\"segments\":[{\"meter\":\"a\",\"registers\":[" AT("01", "9000") "," AT(
			 "11", "9100") "]},"
				       "{\"meter\":\"b\",\"multiplier\":\"10\",\"registers\":[" AT("11", "0") "," AT(
					   "31", "5") "]}]"),
		     "150");
	assert_refused(PRICE,
		       USE("\"segments\":[{\"registers\":[" AT("01", "0") "," AT(
			   "12", "1") "]},"
				      "{\"registers\":[" AT("11", "0") "," AT("31", "5") "]}]"),
		       "usage.segment.overlap");
}

static void units_must_agree(void **state)
{
	(void)state;
	assert_refused(
	    PRICE,
	    "{\"start\":\"2026-01-01\",\"end\":\"2026-02-01\",\"series\":[{\"quantity\":\"active_energy_import\","
	    "\"unit\":\"kVAh\",\"start\":\"2026-01-01\",\"step\":\"month\",\"values\":[\"5\"]}]}",
	    "usage.unit");
	assert_refused(
	    PRICE,
	    "{\"start\":\"2026-01-01\",\"end\":\"2026-02-01\",\"series\":[{\"quantity\":\"apparent_energy_import\","
	    "\"unit\":\"kVAh\",\"start\":\"2026-01-01\",\"step\":\"month\",\"values\":[\"5\"]}]}",
	    "usage.missing");
}

static void a_missing_value_is_refused_and_an_estimate_marked(void **state)
{
	(void)state;
	assert_refused(PRICE, USE("\"start\":\"2026-01-01\",\"step\":\"1d\",\"values\":[\"1\",null]"),
		       "usage.value.missing");
	rated r;
	rate_texts(&r, PRICE,
		   USE("\"start\":\"2026-01-01\",\"step\":\"1d\",\"values\":[\"1\",\"2\",\"4\"],\"estimated\":[1]"));
	assert_int_equal(r.st, HUB_OK);
	assert_decimal(r.bill.lines[0].estimated, "2");
	assert_int_equal(r.bill.missing, 27 * 86400000000LL);
	rated_fini(&r);
}

static void parts_of_a_divided_value_add_up(void **state)
{
	(void)state;
	static const int64_t values[] = { 10, 7, 1 };
	usage_series s = { .quantity = "q",
			   .unit = "1",
			   .meter = "",
			   .scale = 1,
			   .step = 3600000000LL,
			   .values = values,
			   .count = 3 };
	decimal sum = decimal_of(0, 0);
	hub_time from = 0, end = 3 * s.step;
	for (hub_time cut = 700000000; from < end; cut += 700000000) {
		usage_sum part = { 0 };
		hub_time to = cut < end ? cut : end;
		assert_int_equal(usage_amount(&s, from, to, &part), HUB_OK);
		assert_int_equal(decimal_add(sum, part.amount, &sum), HUB_OK);
		from = to;
	}
	assert_decimal(sum, "1.8");
}

#define LONDON                                                                                                         \
	"{\"tariff\":\"t\",\"currency\":\"GBP\",\"zone\":\"Europe/"                                                    \
	"London\",\"calendar\":{\"periods\":[\"n\",\"d\"],\"rules\":["                                                 \
	"{\"from\":\"00:00\",\"to\":\"07:00\",\"period\":\"n\"},{\"from\":\"07:00\",\"to\":\"24:00\",\"period\":"      \
	"\"d\"}]},"                                                                                                    \
	"\"charges\":[{\"code\":\"e\",\"kind\":\"usage\",\"quantity\":\"active_energy_import\",\"unit\":\"kWh\","      \
	"\"prices\":{\"n\":\"1\",\"d\":\"100\"}}]}"

static void a_day_of_23_or_25_hours_is_cut_by_the_wall_clock(void **state)
{
	(void)state;
	char text[600] = "";
	static const struct {
		const char *day, *next;
		int hours;
		const char *total;
	} days[] = {
		{ "2026-03-28", "2026-03-29", 24, "1707" },
		{ "2026-03-29", "2026-03-30", 23, "1706" },
		{ "2026-10-25", "2026-10-26", 25, "1708" },
	};
	for (size_t i = 0; i < 3; i++) {
		int n = snprintf(text, sizeof text,
				 "{\"zone\":\"Europe/London\",\"start\":\"%s\",\"end\":\"%s\",\"series\":[{"
				 "\"quantity\":\"active_energy_import\",\"unit\":\"kWh\",\"start\":\"%s\",\"step\":"
				 "3600,\"values\":[",
				 days[i].day, days[i].next, days[i].day);
		for (int h = 0; h < days[i].hours; h++)
			n += snprintf(text + n, sizeof text - (size_t)n, "%s\"1\"", h ? "," : "");
		snprintf(text + n, sizeof text - (size_t)n, "]}]}");
		assert_total(LONDON, text, days[i].total);
	}
}

static void standings_a_month_apart_are_not_divided_over_periods(void **state)
{
	(void)state;
	assert_refused(LONDON, USE("\"registers\":[" AT("01", "0") "," AT("31", "100") "]"), "usage.register.periods");
}

static void a_holiday_is_no_weekday_and_a_made_up_workday_is(void **state)
{
	(void)state;
	static const char *const tariff_text =
	    "{\"tariff\":\"t\",\"currency\":\"CNY\",\"zone\":\"Asia/Shanghai\",\"calendar\":{"
	    "\"periods\":[\"work\",\"rest\"],\"holidays\":[\"2026-10-01\"],\"workdays\":[\"2026-10-10\"],\"rules\":["
	    "{\"days\":[\"weekday\"],\"period\":\"work\"},{\"days\":[\"weekend\",\"holiday\"],\"period\":\"rest\"}]},"
	    "\"charges\":[{\"code\":\"e\",\"kind\":\"usage\",\"quantity\":\"active_energy_import\",\"unit\":\"kWh\","
	    "\"prices\":{\"work\":\"100\",\"rest\":\"1\"}}]}";
	/* Thursday 1 (holiday), Friday 2, Saturday 3; Saturday 10 is a working day. */
	static const char *const use =
	    "{\"zone\":\"Asia/Shanghai\",\"start\":\"2026-10-%02d\",\"end\":\"2026-10-%02d\",\"series\":[{"
	    "\"quantity\":\"active_energy_import\",\"unit\":\"kWh\",\"start\":\"2026-10-01\",\"step\":\"1d\","
	    "\"values\":["
	    "\"1\",\"1\",\"1\",\"1\",\"1\",\"1\",\"1\",\"1\",\"1\",\"1\",\"1\"]}]}";
	static const struct {
		int from, to;
		const char *total;
	} spans[] = { { 1, 2, "1" }, { 2, 3, "100" }, { 3, 4, "1" }, { 10, 11, "100" } };
	for (size_t i = 0; i < 4; i++) {
		char text[500];
		snprintf(text, sizeof text, use, spans[i].from, spans[i].to);
		assert_total(tariff_text, text, spans[i].total);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_register_gives_its_difference_times_the_multiplier),
		cmocka_unit_test(a_rollover_is_counted_and_never_negative),
		cmocka_unit_test(an_exchanged_meter_is_the_sum_of_its_segments),
		cmocka_unit_test(units_must_agree),
		cmocka_unit_test(a_missing_value_is_refused_and_an_estimate_marked),
		cmocka_unit_test(parts_of_a_divided_value_add_up),
		cmocka_unit_test(a_day_of_23_or_25_hours_is_cut_by_the_wall_clock),
		cmocka_unit_test(standings_a_month_apart_are_not_divided_over_periods),
		cmocka_unit_test(a_holiday_is_no_weekday_and_a_made_up_workday_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
