/* What the simulated city writes is what the adapter reads, in every style. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "csv/device.h"
#include "host/session.h"

enum { FIRST = 7, COUNT = 5, ROWS = 30, STEP = 3600 };

typedef struct check {
	size_t readings, refusals, wrong;
} check;

static hub_status on_record(void *context, hub_link *link, const record *r)
{
	(void)link;
	check *k = context;
	if (r->body.type != HUB_RECORD_READING) {
		k->refusals++;
		return HUB_OK;
	}
	const hub_reading *v = &r->body.reading;
	const char *number = *v->channel ? v->channel : v->meter;
	unsigned meter = (unsigned)atoi(number + strlen("WATER-"));
	k->readings++;
	k->wrong += v->value.scale != 3 ||
		    (uint64_t)v->value.digits != csv_register(meter, v->time / 1000000);
	return HUB_OK;
}

static const host_calls calls = { .on_record = on_record };

static void style_is_read(csv_style style, const hub_setting *options, size_t count)
{
	static const hub_peer peer = { HUB_DIRECTORY, "city.csv", "" };
	csv_city city = { style, "WATER-", FIRST, COUNT, 1800000000, STEP, ROWS, 8 * 3600, "m3" };
	char *text = NULL;
	size_t len = 0;
	hub_fault fault = { 0 };
	hub_host *host;
	hub_link *link;
	check k = { 0 };
	FILE *out = open_memstream(&text, &len);
	assert_true(csv_write(out, &city));
	fclose(out);
	assert_int_equal(instance_open(&hub_adapter_table, &calls, &k, options, count, &host, &fault), HUB_OK);
	assert_int_equal(session_open(host, &peer, NULL, &link), HUB_OK);
	assert_int_equal(session_input(link, (const uint8_t *)text, len, true), HUB_OK);
	assert_int_equal(k.readings, COUNT * ROWS);
	assert_int_equal(k.refusals, 0);
	assert_int_equal(k.wrong, 0);
	instance_close(host);
	free(text);
}

static void long_files_are_read(void **state)
{
	(void)state;
	const hub_setting o[] = { { "meter_column", "meter" }, { "time_column", "time" }, { "value_column", "register" },
				  { "unit_column", "unit" }, { "quantity", "water_volume" }, { "kind", "register" },
				  { "zone", "Asia/Shanghai" } };
	style_is_read(CSV_LONG, o, 7);
}

static void excel_files_are_read(void **state)
{
	(void)state;
	const hub_setting o[] = { { "mapping", "{\"meter_column\":\"meter\",\"time_column\":\"time\",\"decimal\":\",\","
					       "\"value_column\":\"register\",\"unit_column\":\"unit\",\"separator\":\";\","
					       "\"quantity\":\"water_volume\",\"kind\":\"register\",\"zone\":\"Asia/Shanghai\"}" } };
	style_is_read(CSV_EXCEL, o, 1);
}

static void wide_files_are_read(void **state)
{
	(void)state;
	char values[1024] = "[";
	for (unsigned m = FIRST; m < FIRST + COUNT; m++)
		snprintf(values + strlen(values), sizeof values - strlen(values),
			 "%s{\"column\":\"WATER-%04u\",\"channel\":\"WATER-%04u\"}", m > FIRST ? "," : "", m, m);
	strcat(values, "]");
	const hub_setting o[] = { { "meter", "HALL" }, { "time_column", "time" }, { "values", values }, { "unit", "m3" },
				  { "quantity", "water_volume" }, { "kind", "register" }, { "zone", "Asia/Shanghai" } };
	style_is_read(CSV_WIDE, o, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_files_are_read),
		cmocka_unit_test(excel_files_are_read),
		cmocka_unit_test(wide_files_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
