/* Every allocation fails once: the answer is "no memory", nothing leaks, and the next try succeeds. */
#include "base/fail.h"
#include "billing_helper.h"

static const char *const tariff_text = "{\"tariff\":\"t\",\"currency\":\"CNY\",\"zone\":\"Asia/"
				       "Shanghai\",\"cycle\":{\"months\":1},\"calendar\":{\"periods\":{\"d\":"
				       "\"日\",\"n\":\"夜\"},\"default\":\"n\",\"holidays\":[\"2026-01-01\"],\"rules\":"
				       "[{\"from\":\"08:00\",\"to\":\"22:00\",\"period\":"
				       "\"d\"}]},\"netting\":{\"mode\":\"energy\"},\"credit\":{\"true_up_month\":1,"
				       "\"price\":\"0.1\"},\"charges\":[{\"code\":\"k\",\"kind\":"
				       "\"demand\",\"quantity\":\"active_energy_import\",\"price\":\"1\",\"billing\":"
				       "true},{\"code\":\"e\",\"kind\":\"usage\",\"quantity\":"
				       "\"active_energy_import\",\"unit\":\"kWh\",\"ladder\":{\"groups\":{\"fact\":"
				       "\"heating\",\"names\":[\"a\",\"b\"]},\"blocks\":[{\"upto\":{"
				       "\"a\":\"5\",\"b\":\"9\"},\"prices\":{\"d\":\"1\",\"n\":\"0.5\"}},{\"upto\":"
				       "\"400\",\"times\":[\"demand\"],\"price\":\"2\"},{\"price\":"
				       "\"3\"}]}},{\"code\":\"f\",\"kind\":\"power_factor\",\"base\":[\"e\"],\"table\":"
				       "[{\"from\":\"0\",\"percent\":\"1\"}]}]}";

static const char *const usage_text =
    "{\"zone\":\"Asia/"
    "Shanghai\",\"start\":\"2026-01-01\",\"end\":\"2026-03-01\",\"series\":[{\"quantity\":\"active_energy_import\","
    "\"unit\":\"kWh\",\"start\":\"2026-01-01\",\"step\":\"1d\",\"values\":[\"1\",\"20\",\"3\"],\"estimated\":[1]},{"
    "\"quantity\":"
    "\"active_energy_export\",\"unit\":\"kWh\",\"registers\":[{\"time\":\"2026-01-01T02:00:00Z\",\"value\":\"0\"},{"
    "\"time\":"
    "\"2026-01-01T03:00:00Z\",\"value\":\"2\"}]}],\"facts\":{\"heating\":\"b\",\"power_factor\":\"0.9\",\"prior_"
    "usage\":{\"e\":\"3\"}}}";

static void every_failing_allocation_is_survived(void **state)
{
	(void)state;
	bool done = false;
	for (long k = 0; !done; k++) {
		rated r;
		fail_after(k);
		rate_texts(&r, tariff_text, usage_text);
		done = !fail_was_hit();
		fail_after(-1);
		if (r.st != (done ? HUB_OK : HUB_NOMEM))
			print_message("allocation %ld: %s %s\n", k, hub_status_name(r.st), r.fault.message);
		assert_int_equal(r.st, done ? HUB_OK : HUB_NOMEM);
		rated_fini(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_failing_allocation_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
