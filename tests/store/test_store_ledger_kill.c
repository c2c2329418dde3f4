/* What must hold whatever dies in between: nothing is lost, nothing is doubled, the replay is the same. */
#include "fixture.h"

#include <stdio.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/ledger.h"

enum { HOMES = 40, WATER = 3, BATCH = 25 };

static uint64_t state_of_random;

static uint32_t rnd(uint32_t below)
{
	state_of_random = state_of_random * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(state_of_random >> 33) % below;
}

static void seed(uint64_t s)
{
	state_of_random = s * 2654435761u + 12345;
}

typedef struct plan {
	ledger_entry entries[BATCH];
	ledger_leg legs[BATCH][3];
	char keys[BATCH][32];
} plan;

/* Batch `number` of worker `who`: always the same content, so that it may be sent again. */
static void make_plan(plan *p, int who, int number)
{
	seed((uint64_t)who * 1000003 + (uint64_t)number + 1);
	for (int i = 0; i < BATCH; i++) {
		int64_t home = 1 + rnd(HOMES), pay = 1 + rnd(900), part = rnd((uint32_t)pay);
		snprintf(p->keys[i], sizeof p->keys[i], "w%d/%d/%d", who, number, i);
		p->legs[i][0] = (ledger_leg){ { home, ledger_part(LEDGER_RECEIVABLE, WATER), LEDGER_CNY }, pay };
		p->legs[i][1] = (ledger_leg){ { ledger_settlement(WATER, home), ledger_part(LEDGER_BILLED, 0), LEDGER_CNY },
					      part - pay };
		p->legs[i][2] = (ledger_leg){ { ledger_settlement(WATER, home), ledger_part(LEDGER_SUSPENSE, 0), LEDGER_CNY },
					      -part };
		p->entries[i] = (ledger_entry){ .action = LEDGER_POST, .key = p->keys[i], .legs = p->legs[i],
						.count = part ? 3 : 2 };
	}
}

/* Sends batches from `first` to `last`, each until it is answered; exits with a status. */
static void send_all(int who, int first, int last)
{
	store *own = NULL;
	static plan p;
	ledger_result r[BATCH];
	hub_status st = HUB_AGAIN;
	for (int i = 0; i < 400 && (st = store_open(conninfo, &own, NULL)) == HUB_AGAIN; i++)
		nanosleep(&(struct timespec){ 0, 25000000 }, NULL);
	for (int i = first; st == HUB_OK && i < last; i++) {
		make_plan(&p, who, i);
		for (int k = 0; k < 800 && (st = ledger_write(own, p.entries, BATCH, r)) == HUB_AGAIN; k++)
			if (store_ready(own) != HUB_OK)
				nanosleep(&(struct timespec){ 0, 25000000 }, NULL);
		for (int k = 0; st == HUB_OK && k < BATCH; k++)
			st = r[k].st;
	}
	_exit(st == HUB_OK ? 0 : 1);
}

static pid_t start(int who, int first, int last)
{
	pid_t pid = fork();
	if (!pid)
		send_all(who, first, last);
	assert_true(pid > 0);
	return pid;
}

static void finish(pid_t pid)
{
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* What the book must come to once every batch was taken exactly once. */
static void expect_exactly(int workers, int batches)
{
	static plan p;
	int64_t owed[HOMES + 1] = { 0 };
	uint64_t lines = 0;
	for (int w = 0; w < workers; w++)
		for (int i = 0; i < batches; i++) {
			make_plan(&p, w, i);
			for (int k = 0; k < BATCH; k++) {
				owed[p.legs[k][0].of.account] += p.legs[k][0].amount;
				lines += p.entries[k].count;
			}
		}
	ledger_state s = { 0 };
	OK(ledger_verify(db, &s, &fault));
	assert_int_equal(s.lines, lines);
	assert_int_equal(s.entries, (uint64_t)workers * (uint64_t)batches * BATCH);
	for (int h = 1; h <= HOMES; h++) {
		ledger_balance b = { .of = { h, ledger_part(LEDGER_RECEIVABLE, WATER), LEDGER_CNY } };
		OK(ledger_balances(db, &b, 1, 0));
		assert_int_equal(b.balance, owed[h]);
	}
}

static void nap(uint32_t ms)
{
	nanosleep(&(struct timespec){ ms / 1000, (long)(ms % 1000) * 1000000 }, NULL);
}

static int kills(int few)
{
	const char *full = getenv("HUB_TEST_FULL");
	return full && *full == '1' ? few * 10 : few;
}

static void a_killed_writer_that_starts_anew_loses_and_doubles_nothing(void **state)
{
	(void)state;
	enum { BATCHES = 60 };
	seed((uint64_t)clock_now());
	uint64_t naps = state_of_random;
	for (int i = 0; i < kills(6); i++) {
		pid_t pid = start(0, 0, BATCHES);
		nap(5 + (uint32_t)(naps >> (i % 50)) % 120);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	finish(start(0, 0, BATCHES));
	expect_exactly(1, BATCHES);
}

static void a_killed_server_loses_and_doubles_nothing(void **state)
{
	(void)state;
	enum { BATCHES = 60, WORKERS = 2 };
	pid_t pids[WORKERS];
	for (int w = 0; w < WORKERS; w++)
		pids[w] = start(w, 0, BATCHES);
	for (int i = 0; i < kills(2); i++) {
		nap(150);
		pg_halt(cluster, SIGKILL);
		pg_resume(cluster);
	}
	for (int w = 0; w < WORKERS; w++)
		finish(pids[w]);
	store_close(db);
	OK(store_open(conninfo, &db, &fault));
	expect_exactly(WORKERS, BATCHES);
}

/* INV-05, INV-06: all send the same and their own, at the same accounts, at once. */
static void writers_at_once_collapse_duplicates_and_lose_no_update(void **state)
{
	(void)state;
	enum { BATCHES = 20, WORKERS = 3 };
	pid_t pids[2 * WORKERS];
	for (int w = 0; w < 2 * WORKERS; w++)
		pids[w] = start(w % WORKERS, 0, BATCHES);
	for (int w = 0; w < 2 * WORKERS; w++)
		finish(pids[w]);
	expect_exactly(WORKERS, BATCHES);
}

/* INV-09: many spend what is there once. */
static void nobody_spends_what_another_spent(void **state)
{
	(void)state;
	const ledger_account ahead = { 5, ledger_part(LEDGER_CREDIT, 0), LEDGER_CNY },
			     cash = { ledger_settlement(9, 5), ledger_part(LEDGER_CASH, 0), LEDGER_CNY };
	const ledger_leg pay[] = { { cash, 100 }, { ahead, -100 } }, spend[] = { { ahead, 30 }, { cash, -30 } };
	ledger_result r;
	OK(ledger_write(db, &(ledger_entry){ .action = LEDGER_POST, .key = "pay", .legs = pay, .count = 2 }, 1, &r));
	pid_t pids[8];
	for (int w = 0; w < 8; w++) {
		pids[w] = fork();
		if (pids[w])
			continue;
		store *own = NULL;
		char key[16];
		snprintf(key, sizeof key, "spend %d", w);
		const ledger_entry e = { .action = LEDGER_POST, .key = key, .legs = spend, .count = 2 };
		hub_status st = store_open(conninfo, &own, NULL);
		while (st == HUB_OK && (st = ledger_write(own, &e, 1, &r)) == HUB_AGAIN)
			st = HUB_OK;
		_exit(st != HUB_OK ? 3 : r.st == HUB_OK ? 0 : r.st == HUB_REJECT ? 1 : 2);
	}
	int counts[4] = { 0 };
	for (int w = 0; w < 8; w++) {
		int status;
		waitpid(pids[w], &status, 0);
		assert_true(WIFEXITED(status));
		counts[WEXITSTATUS(status) & 3]++;
	}
	assert_int_equal(counts[0], 3);
	assert_int_equal(counts[1], 5);
	ledger_balance b = { .of = ahead };
	OK(ledger_balances(db, &b, 1, 0));
	assert_int_equal(b.balance, -10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(a_killed_writer_that_starts_anew_loses_and_doubles_nothing),
		store_test(writers_at_once_collapse_duplicates_and_lose_no_update),
		store_test(nobody_spends_what_another_spent),
		store_test(a_killed_server_loses_and_doubles_nothing),
	};
	return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}
