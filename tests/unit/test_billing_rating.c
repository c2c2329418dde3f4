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

#define TOU(blocks) HEAD "\"calendar\":{\"periods\":[\"day\",\"night\"],\"rules\":[" \
	"{\"from\":\"00:00\",\"to\":\"12:00\",\"period\":\"night\"},{\"from\":\"12:00\",\"to\":\"24:00\"," \
	"\"period\":\"day\"}]},\"charges\":[{" ENERGY "\"ladder\":{\"blocks\":[" blocks "]}}]}"
#define HALVES(night, day, more) "{\"zone\":\"Asia/Shanghai\",\"start\":\"2026-01-01\",\"end\":\"2026-01-02\",\"series\":[" \
	"{\"quantity\":\"active_energy_import\",\"unit\":\"kWh\",\"start\":\"2026-01-01\",\"step\":43200," \
	"\"values\":[\"" night "\",\"" day "\"]" more "}]}"

/* Sevenths have no end, what they cost together has: 3 × 1 + 4 × 0.5, and 2 of the 7 in the dearer block. */
static void shares_without_end_cost_what_the_whole_costs(void **state)
{
	(void)state;
	static const char *const tou = TOU("{\"upto\":\"5\",\"prices\":{\"day\":\"1\",\"night\":\"0.5\"}},"
					   "{\"prices\":{\"day\":\"2\",\"night\":\"1.5\"}}");
	rated r;
	rate_texts(&r, tou, HALVES("4", "3", ""));
	assert_int_equal(r.st, HUB_OK);
	assert_decimal(r.bill.total, "7");
	decimal sum = decimal_of(0, 0);
	for (size_t i = 0; i < r.bill.count; i++)
		assert_int_equal(decimal_add(sum, r.bill.lines[i].amount, &sum), HUB_OK);
	assert_decimal(sum, "7");
	rated_fini(&r);
}

static void an_estimate_is_shared_over_the_blocks(void **state)
{
	(void)state;
	rated r;
	rate_texts(&r, TOU("{\"upto\":\"8\",\"prices\":{\"day\":\"1\",\"night\":\"1\"}},{\"prices\":{\"day\":\"2\",\"night\":\"2\"}}"),
		   HALVES("8", "8", ",\"estimated\":[0]"));
	assert_int_equal(r.st, HUB_OK);
	decimal sum = decimal_of(0, 0);
	for (size_t i = 0; i < r.bill.count; i++)
		assert_int_equal(decimal_add(sum, r.bill.lines[i].estimated, &sum), HUB_OK);
	assert_decimal(sum, "8");
	rated_fini(&r);
}

#define STEPPED(more) HEAD "\"charges\":[{" ENERGY "\"ladder\":{\"blocks\":[{\"upto\":\"10\",\"price\":\"1\"},{\"price\":\"2\"}]}," more "}]}"

static void a_ladder_takes_what_is_billed_of_the_use(void **state)
{
	(void)state;
	assert_total(STEPPED("\"free\":\"2\""), MONTH_OF("24"), "34");
	assert_total(STEPPED("\"cap\":\"20\""), MONTH_OF("24"), "30");
	assert_total(STEPPED("\"step\":\"5\""), MONTH_OF("24"), "40");
	rated r;
	rate_texts(&r, STEPPED("\"step\":\"5\",\"package\":true"), MONTH_OF("24"));
	assert_int_equal(r.st, HUB_REJECT);
	rated_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flat_price_is_quantity_times_price),
		cmocka_unit_test(a_ladder_is_filled_from_below),
		cmocka_unit_test(a_limit_belongs_to_the_block_below_it),
		cmocka_unit_test(tiers_fill_by_the_total_and_are_shared_over_periods),
		cmocka_unit_test(shares_without_end_cost_what_the_whole_costs),
		cmocka_unit_test(an_estimate_is_shared_over_the_blocks),
		cmocka_unit_test(a_ladder_takes_what_is_billed_of_the_use),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
