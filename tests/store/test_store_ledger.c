#include "fixture.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/ledger.h"

enum { HOME = 7, OTHER = 8, WATER = 3, BANK = 4 };

static ledger_account owes(int64_t home) { return (ledger_account){ home, ledger_part(LEDGER_RECEIVABLE, WATER), LEDGER_CNY }; }
static ledger_account ahead(int64_t home) { return (ledger_account){ home, ledger_part(LEDGER_CREDIT, 0), LEDGER_CNY }; }
static ledger_account cash(void) { return (ledger_account){ ledger_settlement(BANK, HOME), ledger_part(LEDGER_CASH, 0), LEDGER_CNY }; }

static ledger_result write_one(const ledger_entry *e)
{
	ledger_result r;
	OK(ledger_write(db, e, 1, &r));
	return r;
}

static ledger_result move_money(const char *key, ledger_account to, ledger_account from, int64_t amount)
{
	const ledger_leg legs[] = { { to, amount }, { from, -amount } };
	return write_one(&(ledger_entry){ .action = LEDGER_POST, .key = key, .legs = legs, .count = 2 });
}

static ledger_result hold_money(const char *key, ledger_account to, ledger_account from, int64_t amount, hub_time deadline)
{
	const ledger_leg legs[] = { { to, amount }, { from, -amount } };
	return write_one(&(ledger_entry){ .action = LEDGER_HOLD, .key = key, .legs = legs, .count = 2, .deadline = deadline });
}

static ledger_balance state_of(ledger_account of, hub_time at)
{
	ledger_balance b = { .of = of };
	OK(ledger_balances(db, &b, 1, at));
	return b;
}

static ledger_state verified(void)
{
	ledger_state s = { 0 };
	OK(ledger_verify(db, &s, &fault));
	return s;
}

/* INV-04, INV-05 */
static void the_same_request_is_answered_as_the_first_time(void **state)
{
	(void)state;
	ledger_result first = move_money("bill 1", owes(HOME), ahead(OTHER), 5);
	assert_int_equal(first.st, HUB_OK);
	assert_false(first.repeated);
	ledger_result again = move_money("bill 1", owes(HOME), ahead(OTHER), 5);
	assert_int_equal(again.st, HUB_OK);
	assert_true(again.repeated);
	assert_int_equal(again.seq, first.seq);
	assert_int_equal(again.time, first.time);
	ledger_result other = move_money("bill 1", owes(HOME), ahead(OTHER), 6);
	assert_int_equal(other.st, HUB_CONFLICT);
	assert_string_equal(other.code, "ledger.key");
	assert_int_equal(state_of(owes(HOME), 0).balance, 5);
	assert_int_equal(verified().lines, 2);
}

static void requests_that_break_a_rule_leave_no_trace(void **state)
{
	(void)state;
	const ledger_account dollars = { HOME, ledger_part(LEDGER_CREDIT, 0), 840 };
	const ledger_leg unbalanced[] = { { owes(HOME), 5 }, { cash(), -4 } }, mixed[] = { { owes(HOME), 5 }, { dollars, -5 } },
			 nothing[] = { { owes(HOME), 0 }, { cash(), 0 } }, single[] = { { owes(HOME), 5 } };
	const struct {
		const ledger_leg *legs;
		size_t count;
		const char *code;
	} cases[] = { { unbalanced, 2, "ledger.unbalanced" }, { mixed, 2, "ledger.unbalanced" },
		      { nothing, 2, "ledger.leg" }, { single, 1, "ledger.legs" } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ledger_result r = write_one(&(ledger_entry){ .action = LEDGER_POST, .key = "k", .legs = cases[i].legs,
							     .count = cases[i].count });
		assert_int_equal(r.st, HUB_REJECT);
		assert_string_equal(r.code, cases[i].code);
	}
	assert_int_equal(verified().lines, 0);
}

/* INV-09, INV-15 */
static void a_refusal_stays_one(void **state)
{
	(void)state;
	ledger_result r = move_money("spend", ahead(HOME), owes(HOME), 10);
	assert_int_equal(r.st, HUB_REJECT);
	assert_string_equal(r.code, "ledger.exceeds");
	assert_int_equal(move_money("pay", cash(), ahead(HOME), 100).st, HUB_OK);
	r = move_money("spend", ahead(HOME), owes(HOME), 10);
	assert_int_equal(r.st, HUB_REJECT);
	assert_true(r.repeated);
	assert_int_equal(move_money("spend 2", ahead(HOME), owes(HOME), 10).st, HUB_OK);
	assert_int_equal(state_of(ahead(HOME), 0).balance, -90);
	assert_int_equal(move_money("give", ahead(OTHER), cash(), 1).st, HUB_REJECT);
	assert_int_equal(move_money("back", owes(HOME), cash(), 101).st, HUB_REJECT);
	verified();
}

static void a_hold_reserves_until_it_ends(void **state)
{
	(void)state;
	hub_time later = clock_now() + 3600 * INT64_C(1000000);
	move_money("pay", cash(), ahead(HOME), 100);
	assert_int_equal(hold_money("h1", ahead(HOME), owes(HOME), 70, later).st, HUB_OK);
	ledger_balance b = state_of(ahead(HOME), 0);
	assert_int_equal(b.balance, -100);
	assert_int_equal(b.held_debit, 70);
	assert_int_equal(move_money("too much", ahead(HOME), owes(HOME), 31).st, HUB_REJECT);
	const ledger_leg part[] = { { ahead(HOME), 60 }, { owes(HOME), -60 } };
	const ledger_entry settle = { .action = LEDGER_SETTLE, .key = "h1", .home = HOME, .legs = part, .count = 2 };
	const ledger_entry all = { .action = LEDGER_SETTLE, .key = "h1", .home = HOME };
	const ledger_entry let_go = { .action = LEDGER_VOID, .key = "h1", .home = HOME };
	assert_int_equal(write_one(&settle).st, HUB_OK);
	assert_true(write_one(&settle).repeated);
	assert_int_equal(write_one(&all).st, HUB_CONFLICT);
	assert_string_equal(write_one(&let_go).code, "ledger.ended");
	b = state_of(ahead(HOME), 0);
	assert_int_equal(b.balance, -40);
	assert_int_equal(b.held_debit, 0);
	const ledger_entry none = { .action = LEDGER_VOID, .key = "h9", .home = HOME };
	assert_int_equal(write_one(&none).st, HUB_MISSING);
	assert_int_equal(hold_money("h2", ahead(HOME), owes(HOME), 40, later).st, HUB_OK);
	const ledger_leg more[] = { { ahead(HOME), 41 }, { owes(HOME), -41 } };
	const ledger_entry over = { .action = LEDGER_SETTLE, .key = "h2", .home = HOME, .legs = more, .count = 2 };
	assert_string_equal(write_one(&over).code, "ledger.held");
	const ledger_entry drop = { .action = LEDGER_VOID, .key = "h2", .home = HOME };
	assert_int_equal(write_one(&drop).st, HUB_OK);
	assert_int_equal(move_money("rest", ahead(HOME), owes(HOME), 40).st, HUB_OK);
	assert_int_equal(state_of(ahead(HOME), 0).balance, 0);
	verified();
}

static void a_hold_past_its_deadline_lapses(void **state)
{
	(void)state;
	move_money("pay", cash(), ahead(HOME), 100);
	assert_int_equal(hold_money("old", ahead(HOME), owes(HOME), 70, clock_now() - 1).st, HUB_OK);
	assert_int_equal(hold_money("new", ahead(HOME), owes(HOME), 30, clock_now() + 60 * INT64_C(1000000)).st, HUB_OK);
	const ledger_entry settle = { .action = LEDGER_SETTLE, .key = "old", .home = HOME };
	assert_string_equal(write_one(&settle).code, "ledger.lapsed");
	size_t n;
	OK(ledger_expire(db, 100, &n));
	assert_int_equal(n, 1);
	OK(ledger_expire(db, 100, &n));
	assert_int_equal(n, 0);
	assert_int_equal(write_one(&settle).st, HUB_CONFLICT);
	assert_int_equal(state_of(ahead(HOME), 0).held_debit, 30);
	verified();
}

static void a_balance_is_that_of_any_moment(void **state)
{
	(void)state;
	enum { N = 40 };
	hub_time times[N];
	for (int i = 0; i < N; i++) {
		char key[16];
		snprintf(key, sizeof key, "k%d", i);
		times[i] = move_money(key, cash(), owes(HOME), i + 1).time;
	}
	for (int i = 0; i < N; i++)
		assert_int_equal(state_of(cash(), times[i]).balance, (i + 1) * (i + 2) / 2);
	assert_int_equal(state_of(cash(), times[0] - 1).seq, 0);
	ledger_balance *list;
	size_t count;
	OK(ledger_of_party(db, BANK, &mem, &list, &count));
	assert_int_equal(count, 1);
	assert_int_equal(list[0].seq, N);
	OK(ledger_of_account(db, HOME, &mem, &list, &count));
	assert_int_equal(count, 1);
	assert_int_equal(list[0].balance, -N * (N + 1) / 2);
}

static void a_batch_answers_each_by_itself(void **state)
{
	(void)state;
	const ledger_leg pay[] = { { cash(), 50 }, { ahead(HOME), -50 } }, spend[] = { { ahead(HOME), 30 }, { owes(HOME), -30 } },
			 other[] = { { ahead(HOME), 31 }, { owes(HOME), -31 } };
	const ledger_entry list[] = {
		{ .action = LEDGER_POST, .key = "pay", .legs = pay, .count = 2 },
		{ .action = LEDGER_POST, .key = "spend", .legs = spend, .count = 2 },
		{ .action = LEDGER_POST, .key = "spend", .legs = spend, .count = 2 },
		{ .action = LEDGER_POST, .key = "spend", .legs = other, .count = 2 },
		{ .action = LEDGER_POST, .key = "", .legs = spend, .count = 2 },
		{ .action = LEDGER_POST, .key = "again", .legs = spend, .count = 2 },
	};
	ledger_result r[6];
	const hub_status expected[] = { HUB_OK, HUB_OK, HUB_OK, HUB_CONFLICT, HUB_REJECT, HUB_REJECT };
	for (int round = 0; round < 2; round++) {
		OK(ledger_write(db, list, 6, r));
		for (int i = 0; i < 6; i++)
			assert_int_equal(r[i].st, expected[i]);
		assert_int_equal(r[1].repeated, round);
		assert_true(r[2].repeated);
	}
	assert_int_equal(state_of(ahead(HOME), 0).balance, -20);
	assert_int_equal(verified().lines, 5);
}

/* INV-02, INV-03: not even the owner of the tables changes a line unseen. */
static void tampering_is_refused_and_seen(void **state)
{
	(void)state;
	static const char *const wrongs[] = {
		"update ledger_leg set amount = amount + 1, balance = balance + 1 where seq = 2 and account = 7",
		"update ledger_leg set time = time - interval '1 day' where seq = 1 and account = 7",
		"delete from ledger_leg where seq = 2 and account = 7",
		"delete from ledger_leg where account < 0",
		"update ledger_leg set body = set_byte(body, 10, 0) where account < 0 and seq = 1",
	};
	move_money("a", cash(), owes(HOME), 5);
	move_money("b", cash(), owes(HOME), 6);
	verified();
	for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
		char sql[512];
		snprintf(sql, sizeof sql, "psql -q -v ON_ERROR_STOP=1 -d '%s' -c \"%s\" >/dev/null 2>&1", conninfo, wrongs[i]);
		assert_int_not_equal(system(sql), 0);
		snprintf(sql, sizeof sql, "psql -q -v ON_ERROR_STOP=1 -d '%s' -c 'create table kept as table ledger_leg' -c 'set "
			 "session_replication_role = replica' -c \"%s\" >/dev/null 2>&1", conninfo, wrongs[i]);
		assert_int_equal(system(sql), 0);
		ledger_state s;
		assert_int_equal(ledger_verify(db, &s, &fault), HUB_REJECT);
		snprintf(sql, sizeof sql, "psql -q -v ON_ERROR_STOP=1 -d '%s' -c 'set session_replication_role = replica' -c 'delete from ledger_leg'"
			 " -c 'insert into ledger_leg table kept' -c 'drop table kept' >/dev/null 2>&1", conninfo);
		assert_int_equal(system(sql), 0);
		verified();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(the_same_request_is_answered_as_the_first_time),
		store_test(requests_that_break_a_rule_leave_no_trace),
		store_test(a_refusal_stays_one),
		store_test(a_hold_reserves_until_it_ends),
		store_test(a_hold_past_its_deadline_lapses),
		store_test(a_balance_is_that_of_any_moment),
		store_test(a_batch_answers_each_by_itself),
		store_test(tampering_is_refused_and_seen),
	};
	return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}
