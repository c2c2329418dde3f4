/* A home with three utilities and its bank, for the tests of bills: power and water are rated here, gas sends its own bill. */
#ifndef TESTS_STORE_BILLING_CITY_H
#define TESTS_STORE_BILLING_CITY_H

#include "fixture.h"

#include <stdio.h>

#include "base/clock.h"
#include "billing/bills.h"
#include "store/ledger.h"
#include "store/provider.h"
#include "store/series.h"
#include "store/tariff.h"

#define HOUR INT64_C(3600000000)
#define HEAD(name) "{\"tariff\":\"" name "\",\"currency\":\"CNY\",\"zone\":\"Asia/Shanghai\",\"charges\":[{"

static const char *const power_tariff = HEAD("e") "\"code\":\"energy\",\"kind\":\"usage\",\"quantity\":\"active_energy_import\","
	"\"unit\":\"kWh\",\"ladder\":{\"period\":{\"months\":12},\"blocks\":[{\"upto\":\"1000\",\"price\":\"0.5\"},"
	"{\"price\":\"0.8\"}]}}]}";
static const char *const water_tariff = HEAD("w") "\"code\":\"water\",\"kind\":\"usage\",\"quantity\":\"water_volume\","
	"\"unit\":\"m3\",\"price\":\"5\"}]}";

#define KEY "a key of 16 bytes and more"

static bills *service;
static int64_t grid, water, gas, bank, power_point, water_point, gas_point;
static billing_account home;
static uint64_t receipts;

static inline hub_time at(const char *text)
{
	hub_time t;
	assert_true(clock_parse(text, strlen(text), &t));
	return t;
}

static inline int64_t point_of(const char *code, const char *commodity, int32_t interval)
{
	int64_t id;
	point p = { .code = code, .commodity = commodity, .zone = "Asia/Shanghai", .interval = interval };
	OK(point_put(db, &p, &id, NULL, &fault));
	return id;
}

static inline void add_tariff(const char *code, const char *body)
{
	int64_t id;
	OK(tariff_document_add(db, &(tariff_document){ .code = code, .body = body }, &id, NULL, &fault));
}

static inline void sign_up(int64_t account, int64_t point_id, int64_t who, const char *tariff_code, const char *from)
{
	const contract c = { .account = account, .point = point_id, .party = who, .tariff = tariff_code, .valid_from = at(from) };
	OK(contract_begin(db, &c, NULL, &fault));
}

/* Hourly amounts of [from, to), `digits` × 10^-2 each. */
static inline void write_hours(int64_t point_id, const char *quantity_name, const char *from, const char *to, int64_t digits)
{
	static series_row rows[800];
	static series_outcome outcomes[800];
	size_t n = 0;
	for (hub_time t = at(from); t < at(to); t += HOUR)
		rows[n++] = (series_row){ .point = point_id, .quantity = quantity_find(quantity_name)->number, .kind = HUB_INTERVAL,
					  .channel = "", .start = t, .time = t + HOUR, .value = { digits, 2 } };
	OK(store_begin(db));
	OK(series_write(db, rows, n, ++receipts, outcomes));
	OK(store_commit(db));
}

#define OCTOBER "2026-09-30T16:00:00Z", "2026-10-31T16:00:00Z"
#define NOVEMBER "2026-10-31T16:00:00Z", "2026-11-30T16:00:00Z"

static inline void import_gas(int32_t cycle, int64_t amount)
{
	OK(bill_import(db, &(bill_imported){ .account = home.id, .party = gas, .point = gas_point, .cycle = cycle, .amount = amount,
					     .start = at("2026-09-30T16:00:00Z"), .end = at("2026-10-31T16:00:00Z"),
					     .quantity = "12", .unit = "m3", .reference = "G-1" }, &fault));
}

static inline int city(void **state)
{
	fresh(state);
	grid = make_party("grid");
	water = make_party("water");
	gas = make_party("gas");
	bank = make_party("bank");
	OK(provider_put(db, &(payment_provider){ .party = bank, .key = (const uint8_t *)KEY, .key_len = sizeof KEY - 1 }, &fault));
	power_point = point_of("e1", "electricity", 3600);
	water_point = point_of("w1", "water", 3600);
	gas_point = point_of("g1", "gas", 0);
	add_tariff("e", power_tariff);
	add_tariff("w", water_tariff);
	home = (billing_account){ .code = "h1", .kind = "household", .zone = "Asia/Shanghai" };
	OK(account_put(db, &home, &home.id, NULL, &fault));
	sign_up(home.id, power_point, grid, "e", "2026-01-01T00:00:00Z");
	sign_up(home.id, water_point, water, "w", "2026-01-01T00:00:00Z");
	sign_up(home.id, gas_point, gas, "", "2026-01-01T00:00:00Z");
	write_hours(power_point, "active_energy_import", OCTOBER, 100); /* 744 kWh */
	write_hours(water_point, "water_volume", OCTOBER, 1);           /* 7.44 m3 */
	import_gas(202610, 3000);
	OK(bills_new(db, &service));
	return 0;
}

static inline int city_done(void **state)
{
	bills_free(service);
	return done(state);
}

#define city_test(f) cmocka_unit_test_setup_teardown(f, city, city_done)

static inline bills_made run(int32_t cycle, bool preview)
{
	bills_made m;
	const bills_order order = { .cycle = cycle, .due_days = 15, .preview = preview };
	OK(bills_run(service, &order, &home, 1, &mem, &m, &fault));
	return m;
}

static inline int64_t owed(int64_t who)
{
	ledger_balance b = { .of = { home.id, ledger_part(LEDGER_RECEIVABLE, who), LEDGER_CNY } };
	OK(ledger_balances(db, &b, 1, 0));
	return b.balance;
}

static inline int64_t settled(int64_t who, ledger_use use)
{
	ledger_balance b = { .of = { ledger_settlement(who, home.id), ledger_part(use, 0), LEDGER_CNY } };
	OK(ledger_balances(db, &b, 1, 0));
	return b.balance;
}

static inline int64_t ahead(void)
{
	ledger_balance b = { .of = { home.id, ledger_part(LEDGER_CREDIT, 0), LEDGER_CNY } };
	OK(ledger_balances(db, &b, 1, 0));
	return -b.balance;
}

static inline void verified(void)
{
	ledger_state s;
	OK(ledger_verify(db, &s, &fault));
}

static inline hub_status call_back_to(bills *b, int64_t account, const char *id, int64_t amount, const char *reference)
{
	char signature[65], order[100];
	snprintf(order, sizeof order, "%lld-%s", (long long)account, id);
	const payment_notice n = { order, reference, "CNY", amount, 1000 };
	OK(payment_notice_sign(&n, KEY, sizeof KEY - 1, signature));
	return bills_pay_notice(b, bank, &n, signature, 1000, &fault);
}

static inline hub_status call_back(const char *id, int64_t amount, const char *reference)
{
	return call_back_to(service, home.id, id, amount, reference);
}

static inline void pay(const char *id, int64_t amount)
{
	OK(bills_pay_order(service, home.id, id, bank, amount, PAYMENT_BY_DUE, NULL, 0, &fault));
	OK(call_back(id, amount, "ref"));
}

#endif
