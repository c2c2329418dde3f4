/* From a reading back to the bills that it is in, on the real store. */
#include "billing_city.h"

#include "billing/bills_trace.h"

static bills_place *places;

static size_t found(int64_t point_id, const char *quantity_name, const char *from, const char *to, hub_time known)
{
	const series_row r = { .point = point_id, .quantity = quantity_find(quantity_name)->number, .kind = from ? HUB_INTERVAL : HUB_REGISTER,
			       .channel = "", .start = from ? at(from) : 0, .time = at(to) };
	size_t count;
	OK(bills_of_reading(service, &r, known, &mem, &places, &count));
	return count;
}

static void a_reading_is_in_the_part_that_it_was_rated_in(void **state)
{
	(void)state;
	run(202610, false);
	assert_int_equal(found(water_point, "water_volume", "2026-10-05T00:00:00Z", "2026-10-05T01:00:00Z", 0), 1);
	assert_string_equal(places[0].account.code, "h1");
	assert_int_equal(places[0].row.cycle, 202610);
	assert_int_equal(places[0].part, 1);
	assert_int_equal(places[0].of.party, water);
	assert_int_equal(places[0].of.amount, 3720);
	/* Another quantity, a time of no bill, a bill that was made before it was known, and what its utility rates itself. */
	assert_int_equal(found(water_point, "water_temperature", NULL, "2026-10-05T01:00:00Z", 0), 0);
	assert_int_equal(found(water_point, "water_volume", "2026-11-05T00:00:00Z", "2026-11-05T01:00:00Z", 0), 0);
	assert_int_equal(found(water_point, "water_volume", "2026-10-05T00:00:00Z", "2026-10-05T01:00:00Z", clock_now() + 60 * INT64_C(1000000)), 0);
	assert_int_equal(found(gas_point, "gas_volume", NULL, "2026-10-05T01:00:00Z", 0), 0);
	assert_int_equal(found(0, "water_volume", NULL, "2026-10-05T01:00:00Z", 0), 0);
}

/* An hour is in one cycle; a standing between two is the end of one and the beginning of the other. */
static void a_standing_on_the_edge_is_in_both(void **state)
{
	(void)state;
	run(202610, false);
	write_hours(power_point, "active_energy_import", NOVEMBER, 100);
	write_hours(water_point, "water_volume", NOVEMBER, 1);
	import_gas(202611, 3100);
	assert_int_equal(run(202611, false).outcome, BILLS_POSTED);
	assert_int_equal(found(water_point, "water_volume", "2026-10-31T15:00:00Z", "2026-10-31T16:00:00Z", 0), 1);
	assert_int_equal(places[0].row.cycle, 202610);
	assert_int_equal(found(water_point, "water_volume", "2026-10-31T16:00:00Z", "2026-10-31T17:00:00Z", 0), 1);
	assert_int_equal(places[0].row.cycle, 202611);
	assert_int_equal(found(water_point, "water_volume", NULL, "2026-10-31T16:00:00Z", 0), 2);
}

/* The flat is let anew within the month: each tenant's bill has its days, the standing of the day between is in both. */
static void each_tenant_has_the_own_days(void **state)
{
	(void)state;
	billing_account next = { .code = "h2", .kind = "household", .zone = "Asia/Shanghai" };
	const char *moved = "2026-10-14T16:00:00Z";
	OK(account_put(db, &next, &next.id, NULL, &fault));
	OK(contract_end(db, home.id, 0, at(moved)));
	sign_up(next.id, water_point, water, "w", moved);
	const bills_order order = { .cycle = 202610, .due_days = 15, .accept = true };
	bills_made m;
	run(202610, false);
	OK(bills_run(service, &order, &next, 1, &mem, &m, &fault));
	assert_int_equal(m.outcome, BILLS_POSTED);
	assert_int_equal(found(water_point, "water_volume", "2026-10-10T00:00:00Z", "2026-10-10T01:00:00Z", 0), 1);
	assert_string_equal(places[0].account.code, "h1");
	assert_int_equal(found(water_point, "water_volume", "2026-10-20T00:00:00Z", "2026-10-20T01:00:00Z", 0), 1);
	assert_string_equal(places[0].account.code, "h2");
	assert_int_equal(found(water_point, "water_volume", NULL, moved, 0), 2);
}

static void both_revisions_are_told_with_what_was_paid(void **state)
{
	(void)state;
	ledger_line line;
	bills_paid *paid;
	size_t count;
	run(202610, false);
	pay("o1", 43920);
	OK(bills_cancel(service, home.id, 202610, &fault));
	write_hours(power_point, "active_energy_import", "2026-10-10T00:00:00Z", "2026-10-10T10:00:00Z", 200);
	run(202610, false);
	assert_int_equal(found(power_point, "active_energy_import", "2026-10-10T00:00:00Z", "2026-10-10T01:00:00Z", 0), 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(places[i].row.state, places[i].row.revision ? BILL_POSTED : BILL_CANCELLED);
		OK(ledger_find(db, home.id, bills_entry_key(202610, places[i].row.revision, &mem), &mem, &line));
		assert_int_equal(line.of.account, home.id);
		assert_true(line.body_len > 0);
		OK(bills_payments_of(service, &places[i], &mem, &paid, &count));
		/* The order paid the bill that was; the money it freed paid the new one without an order. */
		assert_int_equal(count, places[i].row.revision ? 0 : 1);
		if (count) {
			assert_string_equal(paid[0].order, "o1");
			assert_int_equal(paid[0].amount, 37200);
			assert_int_equal(paid[0].state, PAYMENT_PAID);
		}
	}
	assert_int_equal(ledger_find(db, home.id, "bill/202610/7", &mem, &line), HUB_MISSING);
	assert_int_equal(ledger_find(db, home.id + 1, "bill/202610/0", &mem, &line), HUB_MISSING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		city_test(a_reading_is_in_the_part_that_it_was_rated_in),
		city_test(a_standing_on_the_edge_is_in_both),
		city_test(each_tenant_has_the_own_days),
		city_test(both_revisions_are_told_with_what_was_paid),
	};
	return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}
