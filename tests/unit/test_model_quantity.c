#include "model/quantity.h"

#include "base/decimal.h"
#include "unit.h"

#include <string.h>

static void every_quantity_is_found_by_name_and_number(void **state)
{
	size_t count;
	const quantity *all = quantity_all(&count);
	(void)state;
	assert_true(count >= 200);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(all[i].number, i + 1);
		assert_ptr_equal(quantity_find(all[i].name), &all[i]);
		assert_ptr_equal(quantity_by_number((uint16_t)(i + 1)), &all[i]);
		assert_true(all[i].kinds && !(all[i].kinds & ~0x1eu));
	}
	assert_null(quantity_find(""));
	assert_null(quantity_find("active_energy"));
	assert_null(quantity_by_number(0));
	assert_null(quantity_by_number((uint16_t)(count + 1)));
}

static void known_rows_read_as_written(void **state)
{
	(void)state;
	const quantity *q = quantity_find("active_energy_import");
	assert_int_equal(q->number, 1);
	assert_string_equal(q->unit, "kWh");
	assert_string_equal(q->dimension, "energy");
	assert_int_equal(q->kinds, 1 << HUB_REGISTER | 1 << HUB_INTERVAL);
	assert_int_equal(q->state_count, 0);
	q = quantity_find("switch_state");
	assert_int_equal(q->kinds, 1 << HUB_STATE);
	assert_int_equal(q->state_count, 2);
	assert_int_equal(q->states[1].code, 1);
	assert_string_equal(q->states[1].name, "closed");
}

static void obis_codes_lead_to_quantities(void **state)
{
	(void)state;
	assert_string_equal(quantity_by_obis("1-0:1.8.0", "electricity")->name, "active_energy_import");
	assert_string_equal(quantity_by_obis("1-0:1.8.0*255", NULL)->name, "active_energy_import");
	assert_string_equal(quantity_by_obis("1-0:1.8.0.255", NULL)->name, "active_energy_import");
	assert_string_equal(quantity_by_obis("1-0:1.8.2", NULL)->name, "active_energy_import_t2");
	assert_null(quantity_by_obis("1-0:1.8.0", "water"));
	assert_null(quantity_by_obis("", NULL));
	assert_null(quantity_by_obis("1-0:1.8", NULL));
	assert_string_equal(quantity_by_obis("0-0:96.9.0", "water")->name, "device_temperature");
}

static void units_convert_exactly(void **state)
{
	static const struct {
		const char *quantity, *unit, *in, *out;
	} rows[] = {
		{ "active_energy_import", "kWh", "12.50", "12.50" },
		{ "active_energy_import", "Wh", "12345", "12.345" },
		{ "active_energy_import", "Wh", "12000", "12.000" },
		{ "active_energy_import", "MWh", "1.23456", "1234.56" },
		{ "active_energy_import", "MWh", "-2", "-2000" },
		{ "heat_energy", "GJ", "3.6", "1000" },
		{ "heat_energy", "MJ", "9", "2.5" },
		{ "heat_energy", "kJ", "18", "0.005" },
		{ "heat_energy", "J", "0", "0" },
		{ "active_energy_import", "度", "7", "7" },
		{ "reactive_energy_import", "varh", "1500", "1.500" },
		{ "apparent_power", "VA", "1", "0.001" },
		{ "active_power", "MW", "0.5", "500" },
		{ "current", "mA", "-250", "-0.250" },
		{ "voltage", "kV", "10.5", "10500" },
		{ "water_volume", "m³", "1.5", "1.5" },
		{ "water_volume", "L", "1234", "1.234" },
		{ "water_volume", "gal(US)", "1", "0.003785411784" },
		{ "gas_volume", "ft3", "100", "2.8316846592" },
		{ "water_flow", "L/min", "10", "0.6" },
		{ "water_flow", "L/s", "1.0", "3.6" },
		{ "water_pressure", "bar", "2.5", "250" },
		{ "water_pressure", "MPa", "0.35", "350" },
		{ "water_pressure", "Pa", "101325", "101.325" },
		{ "water_temperature", "°C", "-3.5", "-3.5" },
		{ "water_temperature", "K", "300", "26.85" },
		{ "battery_time", "h", "2", "120" },
		{ "operating_time", "min", "90", "1.5" },
		{ "operating_time", "s", "36", "0.01" },
		{ "power_factor", "1", "0.98", "0.98" },
		{ "power_factor", "%", "98", "0.98" },
		{ "ev_state_of_charge", "1", "0.5", "50" },
		{ "remaining_amount", "分", "1234", "12.34" },
		{ "switch_state", "1", "1", "1" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		hub_value v, got;
		char text[DECIMAL_TEXT];
		decimal want;
		assert_int_equal(hub_value_parse(rows[i].in, strlen(rows[i].in), &v), HUB_OK);
		assert_int_equal(decimal_parse(rows[i].out, strlen(rows[i].out), &want), HUB_OK);
		assert_int_equal(quantity_convert(quantity_find(rows[i].quantity), rows[i].unit, v, &got), HUB_OK);
		if (decimal_cmp(decimal_of_value(got), want) != 0)
			assert_string_equal(hub_value_text(got, text), rows[i].out);
	}
}

/* A decimal step moves the point; the digits the meter showed stay. */
static void resolution_is_kept(void **state)
{
	(void)state;
	hub_value got;
	assert_int_equal(quantity_convert(quantity_find("active_energy_import"), "Wh", (hub_value) { 12000, 0 }, &got),
			 HUB_OK);
	assert_int_equal(got.digits, 12000);
	assert_int_equal(got.scale, 3);
	assert_int_equal(quantity_convert(quantity_find("voltage"), "mV", (hub_value) { 5, 18 }, &got), HUB_RANGE);
	assert_int_equal(quantity_convert(quantity_find("voltage"), "mV", (hub_value) { 5000, 18 }, &got), HUB_OK);
	assert_int_equal(got.scale, 18);
	assert_int_equal(got.digits, 5);
}

static void what_cannot_be_exact_is_refused(void **state)
{
	(void)state;
	hub_value got = { 42, 0 };
	const quantity *heat = quantity_find("heat_energy");
	assert_int_equal(quantity_convert(heat, "MJ", (hub_value) { 1, 0 }, &got), HUB_RANGE);
	assert_int_equal(quantity_convert(heat, "GJ", (hub_value) { 123, 2 }, &got), HUB_RANGE);
	assert_int_equal(quantity_convert(heat, "MWh", (hub_value) { INT64_MAX, 0 }, &got), HUB_RANGE);
	assert_int_equal(quantity_convert(heat, "MWh", (hub_value) { INT64_MIN, 0 }, &got), HUB_RANGE);
	assert_int_equal(quantity_convert(heat, "Wh", (hub_value) { INT64_MIN, 0 }, &got), HUB_OK);
	assert_true(got.digits == INT64_MIN && got.scale == 3);
	got.digits = 42;
	assert_int_equal(quantity_convert(heat, "m3", (hub_value) { 1, 0 }, &got), HUB_REJECT);
	assert_int_equal(quantity_convert(heat, "kwh", (hub_value) { 1, 0 }, &got), HUB_REJECT);
	assert_int_equal(quantity_convert(heat, "", (hub_value) { 1, 0 }, &got), HUB_REJECT);
	assert_int_equal(got.digits, 42);
}

/* There and back again gives the same number wherever both ways are exact. */
static void conversions_undo(void **state)
{
	(void)state;
	const quantity *energy = quantity_find("active_energy_import");
	uint64_t seed = 4;
	for (int i = 0; i < 20000; i++) {
		hub_value joule = { unit_between(&seed, 1000000000000), (uint8_t)(unit_random(&seed) % 7) }, kwh;
		hub_status st = quantity_convert(energy, "MJ", joule, &kwh);
		/* 3.6 MJ a kWh: exact unless a factor 9 is missing */
		assert_int_equal(st, joule.digits % 9 == 0 ? HUB_OK : HUB_RANGE);
		decimal back;
		if (st == HUB_OK) {
			assert_int_equal(decimal_mul(decimal_of_value(kwh), decimal_of(36, 1), &back), HUB_OK);
			assert_int_equal(decimal_cmp(back, decimal_of_value(joule)), 0);
		}
	}
}

static void names_of_kinds_and_flags_stand_in_order(void **state)
{
	(void)state;
	hub_kind kind;
	for (int i = HUB_REGISTER; i <= HUB_STATE; i++) {
		assert_true(hub_kind_parse(hub_kind_name((hub_kind)i), &kind));
		assert_int_equal(kind, i);
	}
	assert_null(hub_kind_name((hub_kind)0));
	assert_null(hub_kind_name((hub_kind)5));
	assert_false(hub_kind_parse("Register", &kind));
	size_t flags = 0;
	while (hub_flag_names[flags])
		flags++;
	assert_int_equal(1 << (flags - 1), HUB_REVERSED);
	assert_string_equal(hub_flag_names[3], "host_time");
	assert_string_equal(hub_flag_names[12], "power_fail");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_quantity_is_found_by_name_and_number),
		cmocka_unit_test(known_rows_read_as_written),
		cmocka_unit_test(obis_codes_lead_to_quantities),
		cmocka_unit_test(units_convert_exactly),
		cmocka_unit_test(resolution_is_kept),
		cmocka_unit_test(what_cannot_be_exact_is_refused),
		cmocka_unit_test(conversions_undo),
		cmocka_unit_test(names_of_kinds_and_flags_stand_in_order),
	};
	return cmocka_run_group_tests_name("model_quantity", tests, NULL, NULL);
}
