#include "base/clock.h"
#include "ctl/bench_psql.h"
#include "store/ledger.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * Bills of 100,000 households by three utilities, a transfer of two legs each, written by two workers
 * that own half of the stripes each, as a cycle run does. Durable: fsync on, after COMMIT.
 */
enum { WORKERS = 2, HOUSEHOLDS = 100000, BATCH = 8192, BATCHES = 12, RUNS = 5, LEGS = 2 };

typedef struct worker {
	const char *conninfo;
	uint64_t random, next;
	int number, run;
	hub_status st;
	hub_fault fault;
	ledger_entry entries[BATCH];
	ledger_leg legs[BATCH][LEGS];
	char keys[BATCH][40];
	ledger_result results[BATCH];
} worker;

static uint32_t rnd(worker *w, uint32_t below)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return (uint32_t)(w->random >> 32) % below;
}

static void fill(worker *w)
{
	for (int i = 0; i < BATCH; i++) {
		int64_t household = 1 + WORKERS * (int64_t)rnd(w, HOUSEHOLDS / WORKERS) + w->number;
		int64_t utility = 1 + rnd(w, 3), amount = 1 + rnd(w, 100000);
		snprintf(w->keys[i], sizeof w->keys[i], "bill %d/%d/%llu", w->run, w->number, (unsigned long long)w->next++);
		w->legs[i][0] = (ledger_leg){ { household, ledger_part(LEDGER_RECEIVABLE, utility), LEDGER_CNY }, amount };
		w->legs[i][1] = (ledger_leg){ { ledger_settlement(utility, household), ledger_part(LEDGER_BILLED, 0), LEDGER_CNY },
					      -amount };
		w->entries[i] = (ledger_entry){ .action = LEDGER_POST, .key = w->keys[i], .legs = w->legs[i], .count = LEGS };
	}
}

static void *work(void *arg)
{
	worker *w = arg;
	store *db = NULL;
	w->st = store_open(w->conninfo, &db, &w->fault);
	for (int i = 0; w->st == HUB_OK && i < BATCHES; i++) {
		fill(w);
		w->st = ledger_write(db, w->entries, BATCH, w->results);
		for (int k = 0; w->st == HUB_OK && k < BATCH; k++)
			if (w->results[k].st != HUB_OK || w->results[k].repeated)
				w->st = HUB_FAILED;
	}
	store_close(db);
	return NULL;
}

static hub_status run(worker *workers, int number, double *ret_rate, hub_fault *fault)
{
	pthread_t threads[WORKERS];
	int64_t from = clock_monotonic();
	for (int i = 0; i < WORKERS; i++) {
		workers[i].run = number;
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
	*ret_rate = (double)WORKERS * BATCHES * BATCH * LEGS * 1e6 / (double)(clock_monotonic() - from);
	return st;
}

/* The same rows, each worker's half in one COPY, into a table with the same primary key and nothing else. */
static hub_status copy(bench *b, const char *conninfo, double *ret_rate, hub_fault *fault)
{
	const char *directory;
	char out[WORKERS][400], in[WORKERS][300];
	const size_t half = (size_t)BATCHES * BATCH * LEGS;
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

hub_status bench_ledger(bench *b, hub_fault *fault)
{
	const char *conninfo;
	double rates[RUNS], baseline = 0;
	worker *workers = calloc(WORKERS, sizeof *workers);
	hub_status st = workers ? bench_database(b, &conninfo, fault) : HUB_NOMEM;
	for (int i = 0; st == HUB_OK && i < WORKERS; i++) {
		workers[i].conninfo = conninfo;
		workers[i].number = i;
		workers[i].random = 0x9e3779b97f4a7c15u + (uint64_t)i;
	}
	for (int i = 0; st == HUB_OK && i < RUNS; i++)
		st = run(workers, i, &rates[i], fault);
	if (st == HUB_OK)
		st = copy(b, conninfo, &baseline, fault);
	if (st == HUB_OK) {
		qsort(rates, RUNS, sizeof *rates, rising);
		bench_report(b, "ledger", rates[RUNS / 2], "legs/s", "COPY of the same rows into a table with the same primary key",
			     baseline);
	}
	free(workers);
	return st;
}
