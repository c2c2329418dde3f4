#include "billing_helper.h"

#define HEAD "{\"tariff\":\"t\",\"currency\":\"CNY\",\"zone\":\"Asia/Shanghai\","
#define ENERGY "\"code\":\"energy\",\"kind\":\"usage\",\"quantity\":\"active_energy_import\",\"unit\":\"kWh\","

static const char *const ladder = HEAD
    "\"charges\":[{" ENERGY "\"ladder\":{\"period\":{\"months\":12},\"blocks\":["
    "{\"upto\":\"2880\",\"price\":\"0.4883\"},{\"upto\":\"4800\",\"price\":\"0.5383\"},{\"price\":\"0.7883\"}]}}]}";

static void a_flat_price_is_quantity_times_price(void **state)
{
	(void)state;
	assert_total(HEAD "\"charges\":[{" ENERGY "\"price\":\"0.5\"}]}", MONTH_OF("100.5"), "50.25");
}

static void a_ladder_is_filled_from_below(void **state)
{
	(void)state;
	assert_total(ladder, MONTH_OF("200"), "97.66");
	assert_total(ladder, MONTH_OF("3000"), "1470.9");
}

static void a_limit_belongs_to_the_block_below_it(void **state)
{
	(void)state;
	assert_total(ladder, MONTH_OF("2880"), "1406.304");
}

static void tiers_fill_by_the_total_and_are_shared_over_periods(void **state)
{
	(void)state;
	static const char *const tou =
	    HEAD "\"calendar\":{\"periods\":[\"day\",\"night\"],\"rules\":["
		 "{\"from\":\"00:00\",\"to\":\"12:00\",\"period\":\"night\"},{\"from\":\"12:00\",\"to\":\"24:00\","
		 "\"period\":\"day\"}]},"
		 "\"charges\":[{" ENERGY
		 "\"ladder\":{\"blocks\":[{\"upto\":\"12\",\"prices\":{\"day\":\"1\",\"night\":\"0.5\"}},"
		 "{\"prices\":{\"day\":\"2\",\"night\":\"1\"}}]}}]}";
	static const char *const use =
	    "{\"zone\":\"Asia/Shanghai\",\"start\":\"2026-01-01\",\"end\":\"2026-01-02\",\"series\":["
	    "{\"quantity\":\"active_energy_import\",\"unit\":\"kWh\",\"start\":\"2026-01-01\",\"step\":43200,"
	    "\"values\":[\"12\",\"12\"]}]}";
	assert_total(tou, use, "27"); /* 6 × 0.5 + 6 × 1 + 6 × 1 + 6 × 2 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flat_price_is_quantity_times_price),
		cmocka_unit_test(a_ladder_is_filled_from_below),
		cmocka_unit_test(a_limit_belongs_to_the_block_below_it),
		cmocka_unit_test(tiers_fill_by_the_total_and_are_shared_over_periods),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
