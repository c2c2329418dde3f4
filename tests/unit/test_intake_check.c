#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "intake/check.h"

static const hub_time noon = INT64_C(1790000000000000);

static const struct {
	const char *meter, *quantity, *unit;
	hub_kind kind;
	hub_value value;
	const char *code; /* NULL: fine */
	hub_value converted;
} cases[] = {
	{ "0001", "active_energy_import", "kWh", HUB_REGISTER, { 1250, 2 }, NULL, { 1250, 2 } },
	{ "0001", "active_energy_import", "Wh", HUB_REGISTER, { 1250, 0 }, NULL, { 1250, 3 } },
	{ "0001", "active_energy_import", "m3", HUB_REGISTER, { 1, 0 }, "reading.unit" },
	{ "0001", "active_energy_import", "", HUB_REGISTER, { 1, 0 }, NULL },
	{ "0001", "active_energy_import", "kwh", HUB_REGISTER, { 1, 0 }, "reading.unit" },
	{ "0001", "active_energy_import", "kWh", HUB_STATE, { 1, 0 }, "reading.kind" },
	{ "0001", "activ_energy", "kWh", HUB_REGISTER, { 1, 0 }, "reading.unknown_quantity" },
	{ "0001", "active_energy_import", "MWh", HUB_REGISTER, { INT64_MAX, 0 }, "reading.value" },
	{ "0001", "door_state", "1", HUB_STATE, { 1, 0 }, NULL, { 1, 0 } },
	{ "0001", "door_state", "1", HUB_STATE, { 7, 0 }, "reading.state" },
	{ "", "active_energy_import", "kWh", HUB_REGISTER, { 1, 0 }, NULL },
};

/* An empty meter or unit is refused by record_check under its own code, whatever that is called. */
static void each_breach_has_its_code(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		record r = { .body = { .type = HUB_RECORD_READING,
				       .reading = { cases[i].meter, "", cases[i].quantity, cases[i].unit, cases[i].kind, 0,
						    cases[i].value, 0, noon } } };
		bool shape = !cases[i].meter[0] || !cases[i].unit[0];
		check_reading got = { 0 };
		hub_fault fault = { 0 };
		hub_status st = check_record(&r, &got, &fault);
		if (st != (cases[i].code || shape ? HUB_REJECT : HUB_OK))
			fail_msg("case %zu: status %d %s", i, st, fault.message);
		if (cases[i].code)
			assert_string_equal(fault.code, cases[i].code);
		if (st == HUB_REJECT) {
			assert_non_null(fault.code);
			assert_true(fault.message[0]);
			continue;
		}
		assert_string_equal(got.quantity->name, cases[i].quantity);
		assert_int_equal(got.value.digits, cases[i].converted.digits);
		assert_int_equal(got.value.scale, cases[i].converted.scale);
	}
}

static void an_adapters_refusal_keeps_its_own_code(void **state)
{
	(void)state;
	record r = { .body = { .type = HUB_RECORD_FAULT }, .fault = { "dlt645.checksum", "checksum", "was 0x12" } };
	check_reading got;
	hub_fault fault = { 0 };
	assert_int_equal(check_record(&r, &got, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "dlt645.checksum");
	assert_string_equal(fault.message, "was 0x12");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_breach_has_its_code),
		cmocka_unit_test(an_adapters_refusal_keeps_its_own_code),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
