/* From contracts and readings to posted unified bills, payments, refunds, cancel and rebill, on the real store. */
#include "billing_city.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/reconcile.h"
#include "store/statement.h"

/* 744 × 0.5 = 372.00, 7.44 × 5 = 37.20, gas 30.00 */
static void one_bill_of_three_utilities_is_posted_once(void **state)
{
	(void)state;
	bills_made m = run(202610, true);
	assert_int_equal(m.outcome, BILLS_POSTED);
	assert_int_equal(m.total, 43920);
	assert_int_equal(owed(grid), 0);
	m = run(202610, false);
	assert_int_equal(m.outcome, BILLS_POSTED);
	assert_int_equal(m.total, 43920);
	assert_int_equal(owed(grid), 37200);
	assert_int_equal(owed(water), 3720);
	assert_int_equal(owed(gas), 3000);
	assert_int_equal(settled(grid, LEDGER_BILLED), -37200);
	assert_int_equal(run(202610, false).outcome, BILLS_THERE);
	assert_int_equal(owed(grid), 37200);
	bill_row *rows;
	size_t count;
	OK(bill_of_cycle(db, &home.id, 1, 202610, &mem, &rows, &count));
	assert_int_equal(count, 1);
	assert_true(strlen(rows[0].body) <= 1024);
	rating_bill lines;
	OK(bills_lines(service, &home, &m.bill.parts[0], NULL, &mem, &lines, &fault));
	assert_int_equal(lines.count, 1);
	verified();
}

/* The yearly tier goes on where October stopped: 256 × 0.5 + 464 × 0.8. */
static void a_tier_goes_on_from_cycle_to_cycle(void **state)
{
	(void)state;
	run(202610, false);
	write_hours(power_point, "active_energy_import", NOVEMBER, 100); /* 720 kWh */
	write_hours(water_point, "water_volume", NOVEMBER, 1);
	import_gas(202611, 3100);
	bills_made m = run(202611, false);
	assert_int_equal(m.outcome, BILLS_POSTED);
	assert_int_equal(m.bill.parts[0].amount, 12800 + 37120);
	assert_int_equal(owed(grid), 37200 + 12800 + 37120);
}

static void what_looks_wrong_is_held(void **state)
{
	(void)state;
	run(202610, false);
	bills_made m = run(202611, false);
	assert_int_equal(m.outcome, BILLS_HELD);
	assert_true(unify_flags(&m.bill) & UNIFY_MISSING);
	write_hours(power_point, "active_energy_import", NOVEMBER, 100);
	write_hours(water_point, "water_volume", NOVEMBER, 35);
	import_gas(202611, 3100);
	m = run(202611, false);
	assert_int_equal(m.outcome, BILLS_HELD);
	assert_int_equal(unify_flags(&m.bill) & UNIFY_HELD, UNIFY_JUMP);
	assert_int_equal(owed(water), 3720);
	const bills_order order = { .cycle = 202611, .due_days = 15, .accept = true };
	OK(bills_run(service, &order, &home, 1, &mem, &m, &fault));
	assert_int_equal(m.outcome, BILLS_POSTED);
}

static void a_payment_is_split_and_reaches_each_utility(void **state)
{
	(void)state;
	run(202610, false);
	const bills_target only_water = { 202610, 1 };
	OK(bills_pay_order(service, home.id, "o1", bank, 3720, PAYMENT_BY_DUE, &only_water, 1, &fault));
	assert_int_equal(owed(water), 3720);
	assert_int_equal(call_back("o1", 3719, "r"), HUB_REJECT);
	assert_int_equal(call_back("o9", 3720, "r"), HUB_MISSING);
	OK(call_back("o1", 3720, "r"));
	OK(call_back("o1", 3720, "r"));
	assert_int_equal(call_back("o1", 3720, "another"), HUB_CONFLICT);
	assert_int_equal(owed(water), 0);
	assert_int_equal(owed(grid), 37200);
	assert_int_equal(settled(water, LEDGER_COLLECTED), -3720);
	assert_int_equal(settled(water, LEDGER_BILLED), 0);
	pay("o2", 50000);
	assert_int_equal(owed(grid) + owed(gas), 0);
	assert_int_equal(ahead(), 50000 - 40200);
	assert_int_equal(settled(bank, LEDGER_CASH), 53720);
	OK(bills_pay_order(service, home.id, "o2", bank, 50000, PAYMENT_BY_DUE, NULL, 0, &fault));
	assert_int_equal(bills_pay_order(service, home.id, "o2", bank, 50001, PAYMENT_BY_DUE, NULL, 0, &fault), HUB_CONFLICT);
	verified();
}

static void a_refund_opens_what_was_paid(void **state)
{
	(void)state;
	run(202610, false);
	OK(bills_pay_order(service, home.id, "o0", bank, 1, PAYMENT_BY_DUE, NULL, 0, &fault));
	assert_int_equal(bills_refund(service, home.id, "o0", &fault), HUB_CONFLICT);
	pay("o1", 43920);
	assert_int_equal(owed(grid), 0);
	OK(bills_refund(service, home.id, "o1", &fault));
	OK(bills_refund(service, home.id, "o1", &fault));
	assert_int_equal(owed(grid), 37200);
	assert_int_equal(settled(bank, LEDGER_CASH), 0);
	assert_int_equal(settled(gas, LEDGER_COLLECTED), 0);
	pay("o2", 43920);
	assert_int_equal(owed(grid) + owed(water) + owed(gas), 0);
	verified();
}

/* Late readings change a paid month: the reversal frees the money, the new revision takes it. */
static void a_late_reading_is_cancel_and_rebill_with_the_difference(void **state)
{
	(void)state;
	bills_made was = run(202610, false);
	pay("o1", 43920);
	write_hours(power_point, "active_energy_import", "2026-10-10T00:00:00Z", "2026-10-10T10:00:00Z", 200); /* 10 more */
	OK(bills_cancel(service, home.id, 202610, &fault));
	assert_int_equal(bills_cancel(service, home.id, 202610, &fault), HUB_CONFLICT);
	assert_int_equal(bills_cancel(service, home.id, 202609, &fault), HUB_MISSING);
	assert_int_equal(owed(grid) + owed(water) + owed(gas), 0);
	assert_int_equal(ahead(), 43920);
	bills_made is = run(202610, false);
	assert_int_equal(is.outcome, BILLS_POSTED);
	assert_int_equal(is.revision, 1);
	unify_change changes[2 * UNIFY_PARTS_MAX];
	size_t n = unify_changes(&was.bill, &is.bill, changes);
	int64_t difference = 0;
	for (size_t i = 0; i < n; i++)
		difference += changes[i].amount;
	assert_int_equal(difference, 500);
	assert_int_equal(is.total - was.total, 500);
	assert_int_equal(ahead(), 0);
	assert_int_equal(owed(grid) + owed(water) + owed(gas), 500);
	assert_int_equal(settled(grid, LEDGER_COLLECTED) + settled(water, LEDGER_COLLECTED) + settled(gas, LEDGER_COLLECTED), -43920);
	verified();
}

static void supplier_and_tenant_change_within_a_cycle(void **state)
{
	(void)state;
	int64_t other = make_party("other");
	sign_up(home.id, power_point, other, "e", "2026-10-15T16:00:00Z");
	billing_account next = { .code = "h2", .kind = "household", .zone = "Asia/Shanghai" };
	OK(account_put(db, &next, &next.id, NULL, &fault));
	const contract c = { .account = next.id, .point = water_point, .party = water, .tariff = "w",
			     .valid_from = at("2026-10-20T16:00:00Z") };
	assert_int_equal(contract_begin(db, &c, NULL, &fault), HUB_CONFLICT);
	OK(contract_end(db, home.id, water_point, at("2026-10-20T16:00:00Z")));
	OK(contract_begin(db, &c, NULL, &fault));
	bills_made m = run(202610, false), n;
	assert_int_equal(m.outcome, BILLS_POSTED);
	assert_int_equal(m.bill.count, 4);
	assert_int_equal(owed(grid), 15 * 24 * 50);
	assert_int_equal(owed(other), 16 * 24 * 50);
	assert_int_equal(owed(water), 20 * 24 * 5);
	const bills_order order = { .cycle = 202610, .due_days = 15 };
	OK(bills_run(service, &order, &next, 1, &mem, &n, &fault));
	assert_int_equal(n.total, 11 * 24 * 5);
}

/* Demand over a quarter of an hour, and a period that begins on the half: hours would hide both. */
static void quarters_of_an_hour_are_rated_as_they_are(void **state)
{
	(void)state;
	static series_row rows[31 * 96];
	static series_outcome outcomes[31 * 96];
	const hub_time start = at("2026-09-30T16:00:00Z"), step = HOUR / 4;
	int64_t place = point_of("q1", "electricity", 900);
	add_tariff("q", "{\"tariff\":\"q\",\"currency\":\"CNY\",\"zone\":\"Asia/Shanghai\",\"calendar\":{\"periods\":[\"a\",\"b\"],"
			"\"rules\":[{\"from\":\"00:00\",\"to\":\"08:30\",\"period\":\"a\"},{\"from\":\"08:30\",\"to\":\"24:00\",\"period\":\"b\"}]},"
			"\"charges\":[{\"code\":\"e\",\"kind\":\"usage\",\"quantity\":\"active_energy_import\",\"unit\":\"kWh\","
			"\"prices\":{\"a\":\"1\",\"b\":\"2\"}},{\"code\":\"d\",\"kind\":\"demand\",\"quantity\":\"active_energy_import\","
			"\"window\":15,\"price\":\"10\"}]}");
	sign_up(home.id, place, grid, "q", "2026-10-01T00:00:00+08:00");
	for (int i = 0; i < 31 * 96; i++) /* 1 kWh from 08:15 to 08:30, else nothing; once 3 */
		rows[i] = (series_row){ place, quantity_find("active_energy_import")->number, HUB_INTERVAL, "", start + i * step,
					start + (i + 1) * step, { i == 33 ? 3 : i % 96 == 33, 0 }, 0 };
	OK(store_begin(db));
	OK(series_write(db, rows, 31 * 96, ++receipts, outcomes));
	OK(store_commit(db));
	bills_made made;
	OK(bills_run(service, &(bills_order){ .cycle = 202610, .due_days = 15, .preview = true, .accept = true }, &home, 1, &mem, &made,
		     &fault));
	assert_int_equal(unify_find(&made.bill, place, grid)->amount, (33 * 1 + 12 * 10) * 100);
}

/* Workers that are killed anywhere and start again: every account has one bill and the ledger agrees. */
static void killed_cycle_runs_bill_everyone_once(void **state)
{
	(void)state;
	enum { HOMES = 24 };
	billing_account list[HOMES];
	char codes[HOMES][16];
	for (int i = 0; i < HOMES; i++) {
		snprintf(codes[i], sizeof codes[i], "k%d", i);
		list[i] = (billing_account){ .code = codes[i], .kind = "household", .zone = "Asia/Shanghai" };
		OK(account_put(db, &list[i], &list[i].id, NULL, &fault));
		int64_t p = point_of(codes[i], "electricity", 3600);
		sign_up(list[i].id, p, grid, "e", "2026-01-01T00:00:00Z");
		write_hours(p, "active_energy_import", OCTOBER, 100);
	}
	const bills_order order = { .cycle = 202610, .due_days = 15 };
	for (int round = 0; round < 8; round++) {
		pid_t pids[2];
		for (int w = 0; w < 2; w++) {
			pids[w] = fork();
			if (pids[w])
				continue;
			store *own = NULL;
			bills *b = NULL;
			hub_status st = store_open(conninfo, &own, NULL);
			st = st == HUB_OK ? bills_new(own, &b) : st;
			for (int i = 0; st == HUB_OK && i < HOMES; i += 4) {
				bills_made made[4];
				while ((st = bills_run(b, &order, &list[i], 4, &mem, made, NULL)) == HUB_AGAIN)
					;
			}
			_exit(st == HUB_OK ? 0 : 1);
		}
		usleep((unsigned)(5000 + round * 9000));
		for (int w = 0; w < 2; w++) {
			int status;
			if (round < 7)
				kill(pids[w], SIGKILL);
			waitpid(pids[w], &status, 0);
			assert_true(round < 7 || status == 0);
		}
	}
	ledger_state s;
	OK(ledger_verify(db, &s, &fault));
	assert_int_equal(s.entries, HOMES);
	for (int i = 0; i < HOMES; i++) {
		ledger_balance b = { .of = { list[i].id, ledger_part(LEDGER_RECEIVABLE, grid), LEDGER_CNY } };
		OK(ledger_balances(db, &b, 1, 0));
		assert_int_equal(b.balance, 37200);
		bill_row *rows;
		size_t count;
		OK(bill_of_cycle(db, &list[i].id, 1, 202610, &mem, &rows, &count));
		assert_int_equal(count, 1);
		assert_int_equal(rows[0].revision, 0);
	}
}

enum { PAYERS = 8, ORDERS = 3, PAID = 10000 };

/* Every call-back of every order, again and again where somebody was before us. */
static void take_payments(const billing_account *list)
{
	store *own = NULL;
	bills *b = NULL;
	hub_status st = store_open(conninfo, &own, NULL);
	st = st == HUB_OK ? bills_new(own, &b) : st;
	for (int i = 0; st == HUB_OK && i < PAYERS * ORDERS; i++) {
		char id[16];
		snprintf(id, sizeof id, "o%d", i % ORDERS);
		while ((st = call_back_to(b, list[i / ORDERS].id, id, PAID, id)) == HUB_AGAIN)
			;
	}
	_exit(st == HUB_OK ? 0 : 1);
}

/* Killed anywhere, and the provider calls again: every payment is taken once and told once, and nothing is lost. */
static void killed_payments_lose_and_double_nothing(void **state)
{
	(void)state;
	billing_account list[PAYERS];
	char codes[PAYERS][16];
	bills_made made[PAYERS];
	for (int i = 0; i < PAYERS; i++) {
		snprintf(codes[i], sizeof codes[i], "k%d", i);
		list[i] = (billing_account){ .code = codes[i], .kind = "household", .zone = "Asia/Shanghai" };
		OK(account_put(db, &list[i], &list[i].id, NULL, &fault));
		int64_t p = point_of(codes[i], "electricity", 3600);
		sign_up(list[i].id, p, grid, "e", "2026-01-01T00:00:00Z");
		write_hours(p, "active_energy_import", OCTOBER, 100);
	}
	OK(bills_run(service, &(bills_order){ .cycle = 202610, .due_days = 15 }, list, PAYERS, &mem, made, &fault));
	for (int i = 0; i < PAYERS * ORDERS; i++) {
		char id[16];
		snprintf(id, sizeof id, "o%d", i % ORDERS);
		OK(bills_pay_order(service, list[i / ORDERS].id, id, bank, PAID, PAYMENT_BY_DUE, NULL, 0, &fault));
	}
	for (int round = 0; round < 8; round++) {
		pid_t pids[2];
		for (int w = 0; w < 2; w++)
			if (!(pids[w] = fork()))
				take_payments(list);
		usleep((unsigned)(4000 + round * 7000));
		for (int w = 0; w < 2; w++) {
			int status;
			if (round < 7)
				kill(pids[w], SIGKILL);
			waitpid(pids[w], &status, 0);
			assert_true(round < 7 || status == 0);
		}
	}
	verified();
	reconcile_utility *utilities;
	reconcile_provider *providers;
	size_t count;
	OK(reconcile_utilities(db, grid, &mem, &utilities, &count));
	assert_int_equal(count, 1);
	assert_true(reconcile_agrees(&utilities[0]));
	assert_int_equal(utilities[0].paid, PAYERS * ORDERS * PAID);
	OK(reconcile_providers(db, bank, &mem, &providers, &count));
	assert_int_equal(providers[0].cash, PAYERS * ORDERS * PAID);
	assert_int_equal(providers[0].paid, providers[0].cash);
	PGresult *res = PQexec(store_connection(db), "select count(*) from message m join party p on p.id = m.party where p.code = 'grid'");
	assert_string_equal(PQgetvalue(res, 0, 0), "24");
	PQclear(res);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		city_test(one_bill_of_three_utilities_is_posted_once),
		city_test(a_tier_goes_on_from_cycle_to_cycle),
		city_test(what_looks_wrong_is_held),
		city_test(a_payment_is_split_and_reaches_each_utility),
		city_test(a_refund_opens_what_was_paid),
		city_test(a_late_reading_is_cancel_and_rebill_with_the_difference),
		city_test(supplier_and_tenant_change_within_a_cycle),
		city_test(quarters_of_an_hour_are_rated_as_they_are),
		city_test(killed_cycle_runs_bill_everyone_once),
		city_test(killed_payments_lose_and_double_nothing),
	};
	return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}
