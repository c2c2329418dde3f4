/* Forecast, moved use, and money an hour, by the function that makes the bill. */
#include "billing/whatif.h"
#include "billing_helper.h"

static const char *const tou =
    "{\"tariff\":\"t\",\"currency\":\"CNY\",\"zone\":\"Asia/Shanghai\",\"cycle\":{\"months\":1},"
    "\"calendar\":{\"periods\":[\"peak\",\"valley\"],\"rules\":[{\"from\":\"08:00\",\"to\":\"22:00\",\"period\":"
    "\"peak\"},"
    "{\"from\":\"22:00\",\"to\":\"08:00\",\"period\":\"valley\"}]},\"charges\":[{\"code\":\"e\",\"kind\":\"usage\","
    "\"quantity\":"
    "\"active_energy_import\",\"unit\":\"kWh\",\"ladder\":{\"blocks\":[{\"upto\":\"100\",\"prices\":{\"peak\":\"0.6\","
    "\"valley\":"
    "\"0.3\"}},{\"prices\":{\"peak\":\"0.8\",\"valley\":\"0.5\"}}]}}]}";

static void days_of(char *out, size_t size, const char *end, int days)
{
	int n =
	    snprintf(out, size,
		     "{\"zone\":\"Asia/Shanghai\",\"start\":\"2026-01-01\",\"end\":\"%s\",\"series\":[{\"quantity\":"
		     "\"active_energy_import\",\"unit\":\"kWh\",\"start\":\"2026-01-01\",\"step\":3600,\"values\":[",
		     end);
	for (int i = 0; i < days * 24; i++)
		n += snprintf(out + n, size - (size_t)n, "%s\"0.1\"", i ? "," : "");
	snprintf(out + n, size - (size_t)n, "]}]}");
}

static void a_forecast_prolongs_use_to_the_end_of_the_cycle(void **state)
{
	(void)state;
	char text[6000];
	days_of(text, sizeof text, "2026-02-01", 10);
	rated r;
	rate_texts(&r, tou, text);
	assert_decimal(r.bill.total, "11.4"); /* ten days: 14 kWh × 0.6 + 10 × 0.3 */
	usage u;
	rating_bill b;
	assert_int_equal(whatif_forecast(&r.u, "active_energy_import", &r.a, &u, &r.fault), HUB_OK);
	assert_int_equal(rating_rate(r.t, &u, &r.a, &b, &r.fault), HUB_OK);
	assert_decimal(b.total, "35.34");
	assert_decimal(b.lines[0].estimated, "29.4");
	rated_fini(&r);
}

static void use_moved_to_the_valley_costs_less_and_stays_the_same_use(void **state)
{
	(void)state;
	char text[9000];
	days_of(text, sizeof text, "2026-01-11", 10);
	rated r;
	rate_texts(&r, tou, text);
	usage u;
	rating_bill b;
	assert_int_equal(
	    whatif_shift(r.t, &r.u, "active_energy_import", "peak", "valley", decimal_of(1, 0), &r.a, &u, &r.fault),
	    HUB_OK);
	assert_int_equal(rating_rate(r.t, &u, &r.a, &b, &r.fault), HUB_OK);
	assert_decimal(b.total, "7.2"); /* 24 kWh × 0.3 */
	assert_int_equal(
	    whatif_shift(r.t, &r.u, "active_energy_import", "peak", "dusk", decimal_of(1, 0), &r.a, &u, &r.fault),
	    HUB_REJECT);
	rated_fini(&r);
}

static void money_an_hour_knows_the_block_and_the_period(void **state)
{
	(void)state;
	char text[9000];
	days_of(text, sizeof text, "2026-01-11", 10);
	rated r;
	decimal spend;
	rate_texts(&r, tou, text);
	/* 24 kWh used; midnight is valley: 2 kW cost 2 × 0.3, and 100 kW pass into the second block. */
	assert_int_equal(
	    whatif_rate_of_spend(r.t, &r.u, "active_energy_import", decimal_of(2, 0), &r.a, &spend, &r.fault), HUB_OK);
	assert_decimal(spend, "0.6");
	assert_int_equal(
	    whatif_rate_of_spend(r.t, &r.u, "active_energy_import", decimal_of(100, 0), &r.a, &spend, &r.fault),
	    HUB_OK);
	assert_true(decimal_cmp(spend, decimal_of(30, 0)) > 0);
	rated_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_forecast_prolongs_use_to_the_end_of_the_cycle),
		cmocka_unit_test(use_moved_to_the_valley_costs_less_and_stays_the_same_use),
		cmocka_unit_test(money_an_hour_knows_the_block_and_the_period),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
