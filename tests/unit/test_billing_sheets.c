/* Files of bills and of settlements as strangers write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/clock.h"
#include "billing/bill_sheet.h"
#include "billing/settlement.h"

#define HEADER "point,account,cycle,amount,start,end,quantity,unit,reference,more\n"

static arena a;

static const char *codes(const void *bytes, size_t len, size_t *places)
{
	bill_sheet s;
	bill_sheet_row row;
	hub_fault fault = { 0 };
	const char *ret = "";
	hub_status st = bill_sheet_open(&s, bytes, len, &a, &fault);
	bool opened = st == HUB_OK;
	if (!opened)
		ret = fault.code;
	while (opened && st != HUB_MISSING) {
		st = bill_sheet_next(&s, &a, &row, &fault);
		if (st != HUB_MISSING)
			ret = arena_printf(&a, "%s %s", ret, st == HUB_OK ? "ok" : fault.code);
		*places = s.place;
	}
	bill_sheet_fini(&s);
	return ret;
}

static void each_row_is_read_for_itself(void **state)
{
	(void)state;
	static const struct {
		const char *text, *codes;
		size_t places;
	} cases[] = {
		{ HEADER "W1,h1,2026-10,12.30,2026-10-01,2026-11-01,5,m3,r1,x\n", " ok", 2 },
		{ HEADER "W1,h1,2026-13,12.30,2026-10-01,2026-11-01,5,m3,r1\nW1,h1,2026-10,12.345,a,b,5,m3,r1\n"
			 "W1,h1,2026-10,1.2,a,b,five,m3,r1\nW1,h1\nW1,h1,2026-10,-1.20,a,b,5,m3,r1\n",
		  " bill.cycle bill.amount bill.quantity bill.cells ok", 6 },
		{ "account,cycle\n", "bill.header", 0 },
		{ "", "bill.header", 0 },
		{ "{\"bills\":[{\"account\":\"h1\",\"cycle\":\"2026-10\",\"point\":\"W1\",\"amount\":\"12.30\",\"start\":\"2026-10-01\","
		  "\"end\":\"2026-11-01\",\"quantity\":5,\"unit\":\"m3\",\"reference\":\"r\"},{\"account\":\"h1\"},7,{\"account\":1.5}]}",
		  " ok bill.cells bill.cells bill.cells", 4 },
		{ " {\"bills\":{}}", "bill.json", 0 },
		{ "{\"bills\":[", "bill.json", 0 },
		{ "{\"bills\":[],\"bills\":[]}", "bill.json", 0 },
		{ "{\"bills\":[]}", "", 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t places = 0;
		assert_string_equal(codes(cases[i].text, strlen(cases[i].text), &places), cases[i].codes);
		assert_int_equal(places, cases[i].places);
	}
}

static void a_date_is_the_first_moment_of_its_day(void **state)
{
	(void)state;
	static const struct {
		const char *start, *end, *code;
		int64_t hours;
	} cases[] = {
		{ "2026-10-01", "2026-11-01", "", 31 * 24 },
		{ "2026-10-01T00:00:00+08:00", "2026-10-02", "", 24 },
		{ "2026-10-02", "2026-10-01", "bill.period", 0 },
		{ "2026-10-01", "2026-10-01", "bill.period", 0 },
		{ "2026-02-31", "2026-11-01", "bill.time", 0 },
		{ "2026-02-01", "2026-1-1", "bill.time", 0 },
		{ "+202-02-01", "2026-11-01", "bill.time", 0 },
		{ "2026-02- 1", "2026-11-01", "bill.time", 0 },
		{ "2026-02-011", "2026-11-01", "bill.time", 0 },
		{ "", "2026-11-01", "bill.time", 0 },
	};
	zone *z;
	assert_int_equal(zone_load("Asia/Shanghai", &z), HUB_OK);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		hub_fault fault = { 0 };
		hub_time start = 0, end = 0;
		const bill_sheet_row row = { .start = cases[i].start, .end = cases[i].end };
		hub_status st = bill_sheet_period(&row, z, &start, &end, &fault);
		assert_int_equal(st, *cases[i].code ? HUB_REJECT : HUB_OK);
		assert_string_equal(fault.code ? fault.code : "", cases[i].code);
		if (st == HUB_OK)
			assert_int_equal(end - start, cases[i].hours * INT64_C(3600000000));
	}
	zone_free(z);
}

static hub_status settled(const char *text, settlement_row *row, hub_fault *fault)
{
	settlement s;
	hub_status st = settlement_open(&s, text, strlen(text), &a, fault);
	return st == HUB_OK ? settlement_next(&s, &a, row, fault) : st;
}

static void a_settlement_is_read_to_the_cent(void **state)
{
	(void)state;
	settlement_row row;
	hub_fault fault = { 0 };
	assert_int_equal(settled("kind,order,amount,reference\nrefund,1-a,12.30,r9\n", &row, &fault), HUB_OK);
	assert_true(row.refund && row.amount == 1230 && !strcmp(row.order, "1-a") && !strcmp(row.reference, "r9"));
	assert_int_equal(settled("kind,order,amount,reference\npayment,1-a,12.305,r9\n", &row, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "settlement.amount");
	assert_int_equal(settled("kind,order,amount,reference\ngift,1-a,12.30,r9\n", &row, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "settlement.kind");
	assert_int_equal(settled("kind,order,amount,reference\npayment,1-a\n", &row, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "settlement.cells");
	assert_int_equal(settled("kind,order,amount\n", &row, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "settlement.header");
	assert_int_equal(settled("kind,order,amount,reference\n", &row, &fault), HUB_MISSING);
}

static int fresh(void **state)
{
	(void)state;
	arena_init(&a, 0);
	return 0;
}

static int over(void **state)
{
	(void)state;
	arena_fini(&a);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_row_is_read_for_itself, fresh, over),
		cmocka_unit_test_setup_teardown(a_date_is_the_first_moment_of_its_day, fresh, over),
		cmocka_unit_test_setup_teardown(a_settlement_is_read_to_the_cent, fresh, over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
