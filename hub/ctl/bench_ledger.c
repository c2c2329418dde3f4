#include "base/clock.h"
#include "ctl/bench_psql.h"
#include "store/ledger.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * Bills of 100,000 households by three utilities as a cycle run posts them: page by page in the order of accounts, a
 * household's bill one entry, a transfer for each utility; then single transfers of two legs of households at random, as
 * payments come. Two workers own half of the stripes each. Durable: fsync on, after COMMIT.
 */
enum { WORKERS = 2, HOUSEHOLDS = 100000, UTILITIES = 3, BATCH_LEGS = 16384, BATCHES = 12, RUNS = 5, LEGS = 2 * UTILITIES };

typedef struct worker {
	store *db;
	uint64_t random, next;
	int number, run, legs; /* legs: of an entry */
	hub_status st;
	hub_fault fault;
	ledger_entry entries[BATCH_LEGS / 2];
	ledger_leg transfers[BATCH_LEGS / 2][LEGS];
	char keys[BATCH_LEGS / 2][40];
	ledger_result results[BATCH_LEGS / 2];
} worker;

static uint32_t rnd(worker *w, uint32_t below)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return (uint32_t)(w->random >> 32) % below;
}

static void transfer(worker *w, ledger_leg to[2], int64_t household, int64_t utility)
{
	int64_t amount = 1 + rnd(w, 100000);
	to[0] = (ledger_leg){ { household, ledger_part(LEDGER_RECEIVABLE, utility), LEDGER_CNY }, amount };
	to[1] = (ledger_leg){ { ledger_settlement(utility, household), ledger_part(LEDGER_BILLED, 0), LEDGER_CNY }, -amount };
}

static size_t fill(worker *w)
{
	const size_t count = BATCH_LEGS / (size_t)w->legs;
	for (size_t i = 0; i < count; i++, w->next++) {
		bool cycle = w->legs == LEGS;
		int64_t place = cycle ? (int64_t)(w->next % (HOUSEHOLDS / WORKERS)) : rnd(w, HOUSEHOLDS / WORKERS);
		int64_t household = 1 + WORKERS * place + w->number;
		snprintf(w->keys[i], sizeof w->keys[i], "bill %d/%d/%d/%llu", w->legs, w->run, w->number, (unsigned long long)w->next);
		for (int k = 0; k < w->legs / 2; k++)
			transfer(w, &w->transfers[i][2 * k], household, 1 + (cycle ? (unsigned)k : rnd(w, UTILITIES)));
		w->entries[i] = (ledger_entry){ .action = LEDGER_POST, .key = w->keys[i], .legs = w->transfers[i], .count = (size_t)w->legs };
	}
	return count;
}

static void *work(void *arg)
{
	worker *w = arg;
	for (int i = 0; w->st == HUB_OK && i < BATCHES; i++) {
		size_t count = fill(w);
		w->st = ledger_write(w->db, w->entries, count, w->results);
		for (size_t k = 0; w->st == HUB_OK && k < count; k++)
			if (w->results[k].st != HUB_OK || w->results[k].repeated)
				w->st = HUB_FAILED;
	}
	return NULL;
}

static hub_status run(worker *workers, int number, int legs, double *ret_rate, hub_fault *fault)
{
	pthread_t threads[WORKERS];
	int64_t from = clock_monotonic();
	for (int i = 0; i < WORKERS; i++) {
		workers[i].run = number;
		workers[i].legs = legs;
		if (pthread_create(&threads[i], NULL, work, &workers[i]))
			return HUB_FAILED;
	}
	hub_status st = HUB_OK;
	for (int i = 0; i < WORKERS; i++) {
		pthread_join(threads[i], NULL);
		if (workers[i].st != HUB_OK) {
			st = workers[i].st;
			*fault = workers[i].fault;
		}
	}
	*ret_rate = (double)WORKERS * BATCHES * (BATCH_LEGS / legs * legs) * 1e6 / (double)(clock_monotonic() - from);
	return st;
}

/* The same rows, each worker's half in one COPY, into a table with the same primary key and nothing else. */
static hub_status copy(bench *b, const char *conninfo, double *ret_rate, hub_fault *fault)
{
	const char *directory;
	char out[WORKERS][400], in[WORKERS][300];
	const size_t half = (size_t)BATCHES * (BATCH_LEGS / LEGS * LEGS);
	hub_status st = bench_directory(b, &directory, fault);
	for (int i = 0; st == HUB_OK && i < WORKERS; i++) {
		snprintf(out[i], sizeof out[i], "\\copy (select * from ledger_leg where abs(account) %% %d = %d limit %zu) to "
			 "'%s/legs%d' (format binary)", WORKERS, (i + 1) % WORKERS, half, directory, i);
		snprintf(in[i], sizeof in[i], "\\copy plain from '%s/legs%d' (format binary)", directory, i);
		st = bench_psql(conninfo, (const char *const[]){ out[i], NULL }, fault);
	}
	if (st == HUB_OK)
		st = bench_psql(conninfo, (const char *const[]){ "create table plain (like ledger_leg, "
			      "primary key (account, part, currency, seq))", NULL }, fault);
	pid_t pids[WORKERS] = { 0 };
	int64_t from = clock_monotonic();
	for (int i = 0; st == HUB_OK && i < WORKERS; i++)
		st = bench_psql_start(conninfo, (const char *const[]){ in[i], NULL }, &pids[i], fault);
	for (int i = 0; i < WORKERS; i++)
		if (pids[i] && bench_psql_finish(pids[i]) != HUB_OK && st == HUB_OK)
			st = hub_fault_set(fault, "bench.psql", "", "COPY of the same rows failed");
	*ret_rate = (double)half * WORKERS * 1e6 / (double)(clock_monotonic() - from);
	return st;
}

static int rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static hub_status median_of_runs(worker *workers, int legs, double *ret, hub_fault *fault)
{
	double rates[RUNS];
	hub_status st = HUB_OK;
	for (int i = 0; st == HUB_OK && i < RUNS; i++)
		st = run(workers, i, legs, &rates[i], fault);
	if (st != HUB_OK)
		return st;
	qsort(rates, RUNS, sizeof *rates, rising);
	*ret = rates[RUNS / 2];
	return HUB_OK;
}

hub_status bench_ledger(bench *b, hub_fault *fault)
{
	const char *conninfo;
	double cycle, single, baseline = 0;
	worker *workers = calloc(WORKERS, sizeof *workers);
	hub_status st = workers ? bench_database(b, &conninfo, fault) : HUB_NOMEM;
	for (int i = 0; st == HUB_OK && i < WORKERS; i++) {
		workers[i].number = i;
		workers[i].random = 0x9e3779b97f4a7c15u + (uint64_t)i;
		st = store_open(conninfo, &workers[i].db, fault);
	}
	if (st == HUB_OK)
		st = median_of_runs(workers, LEGS, &cycle, fault);
	if (st == HUB_OK)
		st = copy(b, conninfo, &baseline, fault);
	if (st == HUB_OK)
		st = median_of_runs(workers, 2, &single, fault);
	if (st == HUB_OK) {
		bench_report(b, "ledger", cycle, "legs/s", "COPY of the same rows into a table with the same primary key", baseline);
		bench_report(b, "ledger-single", single, "legs/s", NULL, 0);
	}
	for (int i = 0; workers && i < WORKERS; i++)
		store_close(workers[i].db);
	free(workers);
	return st;
}
