/* What a tariff may not say: each refusal has its own code, and names field, rule and remedy. */
#include "billing_helper.h"

#define HEAD "{\"tariff\":\"t\",\"currency\":\"CNY\",\"zone\":\"Asia/Shanghai\","
#define ENERGY "\"code\":\"energy\",\"kind\":\"usage\",\"quantity\":\"active_energy_import\",\"unit\":\"kWh\","
#define LADDER(blocks) HEAD "\"charges\":[{" ENERGY "\"ladder\":{\"blocks\":[" blocks "]}}]}"
#define CALENDAR(rules)                                                                                                \
	HEAD "\"calendar\":{\"periods\":[\"day\",\"night\"],\"rules\":[" rules "]},\"charges\":[{" ENERGY              \
	     "\"prices\":{\"day\":\"1\",\"night\":\"0.5\"}}]}"

static const struct {
	const char *text, *code;
} refusals[] = {
	{ "{", "tariff.json" },
	{ "[]", "tariff.json" },
	{ HEAD "\"charges\":[]}", "tariff.charges" },
	{ HEAD "\"colour\":1,\"charges\":[{" ENERGY "\"price\":\"1\"}]}", "form.unknown" },
	{ "{\"tariff\":\"t\",\"currency\":\"yuan\",\"zone\":\"Asia/Shanghai\",\"charges\":[]}", "tariff.currency" },
	{ "{\"tariff\":\"t\",\"currency\":\"CNY\",\"zone\":\"Asia/Nowhere\",\"charges\":[]}", "tariff.zone" },
	{ HEAD "\"charges\":[{" ENERGY "\"price\":\"1\",\"currency\":\"USD\"}]}", "tariff.currency.mix" },
	{ HEAD "\"charges\":[{\"code\":\"e\",\"kind\":\"usage\",\"quantity\":\"active_energy_import\",\"unit\":\"m3\","
	       "\"price\":\"1\"}]}",
	  "tariff.charge.unit" },
	{ HEAD "\"charges\":[{" ENERGY "\"price\":\"half\"}]}", "form.decimal" },
	{ HEAD "\"charges\":[{" ENERGY "\"price\":\"1\"},{" ENERGY "\"price\":\"1\"}]}", "tariff.charge.code" },
	{ HEAD "\"charges\":[{\"code\":\"vat\",\"kind\":\"percent\",\"rate\":\"0.1\",\"base\":[\"energy\"]}]}",
	  "tariff.charge.base" },
	{ LADDER("{\"upto\":\"200\",\"price\":\"1\"},{\"upto\":\"100\",\"price\":\"2\"},{\"price\":\"3\"}"),
	  "tariff.ladder.order" },
	{ LADDER("{\"upto\":\"200\",\"price\":\"1\"},{\"upto\":\"200\",\"price\":\"2\"},{\"price\":\"3\"}"),
	  "tariff.ladder.order" },
	{ LADDER("{\"price\":\"1\"},{\"upto\":\"100\",\"price\":\"2\"}"), "tariff.ladder.order" },
	{ LADDER("{\"upto\":\"100\",\"price\":\"1\"}"), "tariff.ladder.gap" },
	{ LADDER("{\"upto\":\"-1\",\"price\":\"1\"},{\"price\":\"1\"}"), "tariff.ladder.limit" },
	{ LADDER("{\"upto\":{\"day\":\"100\",\"night\":\"50\"},\"price\":\"1\"},{\"price\":\"1\"}"),
	  "tariff.ladder.group" },
	{ LADDER("{\"upto\":\"100\"},{\"price\":\"1\"}"), "tariff.price.missing" },
	{ LADDER("{\"upto\":\"2\",\"times\":[\"demand\"],\"price\":\"1\"},{\"price\":\"1\"}"), "tariff.ladder.demand" },
	{ CALENDAR("{\"from\":\"08:00\",\"to\":\"22:00\",\"period\":\"day\"}"), "tariff.calendar.gap" },
	{ CALENDAR("{\"from\":\"08:00\",\"to\":\"22:00\",\"period\":\"day\"},{\"from\":\"21:00\",\"to\":\"08:00\","
		   "\"period\":\"night\"}"),
	  "tariff.calendar.overlap" },
	{ CALENDAR("{\"season\":[\"03-01\",\"10-31\"],\"period\":\"day\"}"), "tariff.calendar.gap" },
	{ CALENDAR("{\"days\":[\"weekday\"],\"period\":\"day\"}"), "tariff.calendar.gap" },
	{ CALENDAR("{\"from\":\"25:00\",\"to\":\"08:00\",\"period\":\"day\"}"), "tariff.calendar.time" },
	{ CALENDAR("{\"period\":\"dusk\"}"), "tariff.calendar.period" },
	{ HEAD "\"calendar\":{\"periods\":[\"day\",\"night\"],\"default\":\"day\"},\"charges\":[{" ENERGY
	       "\"prices\":{\"day\":\"1\"}}]}",
	  "tariff.price.gap" },
	{ HEAD "\"calendar\":{\"periods\":[\"day\"],\"holidays\":[\"2026-10-01\"],\"rules\":[{\"days\":[\"weekday\","
	       "\"weekend\"],"
	       "\"period\":\"day\"}]},\"charges\":[{" ENERGY "\"price\":\"1\"}]}",
	  "tariff.calendar.gap" },
	{ HEAD "\"versions\":[{\"valid_from\":\"2026-02-01\",\"charges\":[{" ENERGY "\"price\":\"1\"}]},"
	       "{\"valid_from\":\"2026-01-01\",\"charges\":[{" ENERGY "\"price\":\"1\"}]}]}",
	  "tariff.versions.order" },
	{ HEAD
	  "\"charges\":[{\"code\":\"p\",\"kind\":\"power_factor\",\"table\":[{\"from\":\"0.9\",\"percent\":\"0\"}]}]}",
	  "tariff.power_factor.gap" },
	{ HEAD "\"rounding\":{\"total\":{\"unit\":\"0\"}},\"charges\":[{" ENERGY "\"price\":\"1\"}]}",
	  "tariff.rounding.unit" },
};

static void what_breaks_a_rule_is_refused_by_its_own_code(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		tariff *t = NULL;
		hub_fault fault = { 0 };
		hub_status st = tariff_parse(refusals[i].text, strlen(refusals[i].text), &t, &fault);
		if (st != HUB_REJECT || strcmp(fault.code, refusals[i].code))
			print_message("%s\n→ %s: %s\n", refusals[i].text, fault.code ? fault.code : "", fault.message);
		assert_int_equal(st, HUB_REJECT);
		assert_string_equal(fault.code, refusals[i].code);
		assert_true(strlen(fault.message) > 20);
		assert_null(t);
	}
}

static void every_truncation_is_refused(void **state)
{
	(void)state;
	static const char text[] = LADDER("{\"upto\":\"100\",\"price\":\"1\"},{\"price\":\"2\"}");
	for (size_t n = 0; n + 1 < sizeof text - 1; n++) {
		tariff *t = NULL;
		assert_int_equal(tariff_parse(text, n, &t, NULL), HUB_REJECT);
	}
}

static void a_price_change_by_readings_uses_the_reading_at_the_change(void **state)
{
	(void)state;
	assert_total(
	    HEAD "\"versions\":[{\"valid_from\":\"2020-01-01\",\"charges\":[{" ENERGY "\"price\":\"1\"}]},"
		 "{\"valid_from\":\"2026-01-11\",\"charges\":[{" ENERGY "\"price\":\"2\"}]}]}",
	    "{\"zone\":\"Asia/Shanghai\",\"start\":\"2026-01-01\",\"end\":\"2026-01-31\",\"series\":[{\"quantity\":"
	    "\"active_energy_import\",\"unit\":\"kWh\",\"registers\":[{\"time\":\"2026-01-01\",\"value\":\"0\"},"
	    "{\"time\":\"2026-01-11\",\"value\":\"60\"},{\"time\":\"2026-01-31\",\"value\":\"90\"}]}]}",
	    "120");
}

static void a_price_change_by_days_divides_the_total(void **state)
{
	(void)state;
	assert_total(
	    HEAD "\"change\":{\"usage\":\"days\"},\"versions\":[{\"valid_from\":\"2020-01-01\",\"charges\":[{" ENERGY
		 "\"price\":\"1\"}]},{\"valid_from\":\"2026-01-11\",\"charges\":[{" ENERGY "\"price\":\"2\"}]}]}",
	    "{\"zone\":\"Asia/Shanghai\",\"start\":\"2026-01-01\",\"end\":\"2026-01-31\",\"series\":[{\"quantity\":"
	    "\"active_energy_import\",\"unit\":\"kWh\",\"registers\":[{\"time\":\"2026-01-01\",\"value\":\"0\"},"
	    "{\"time\":\"2026-01-11\",\"value\":\"60\"},{\"time\":\"2026-01-31\",\"value\":\"90\"}]}]}",
	    "150");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_breaks_a_rule_is_refused_by_its_own_code),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(a_price_change_by_readings_uses_the_reading_at_the_change),
		cmocka_unit_test(a_price_change_by_days_divides_the_total),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
