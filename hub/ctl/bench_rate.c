#include "base/clock.h"
#include "billing/rating.h"
#include "ctl/bench.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A residential bill: four periods, a yearly ladder of three blocks, a fixed charge and a fund, 720 hourly values. */
enum { BILLS = 20000, RUNS = 5, HOURS = 720 };

static const char tariff_text[] =
    "{\"tariff\":\"bench\",\"currency\":\"CNY\",\"zone\":\"Asia/Shanghai\",\"cycle\":{\"months\":1},"
    "\"calendar\":{\"periods\":{\"sharp\":\"尖\",\"peak\":\"峰\",\"flat\":\"平\",\"valley\":\"谷\"},\"default\":"
    "\"flat\",\"rules\":["
    "{\"months\":[7,8],\"from\":\"19:00\",\"to\":\"21:00\",\"period\":\"sharp\"},"
    "{\"months\":[7,8],\"from\":\"08:00\",\"to\":\"11:00\",\"period\":\"peak\"},"
    "{\"months\":[1,2,3,4,5,6,9,10,11,12],\"from\":\"18:00\",\"to\":\"22:00\",\"period\":\"peak\"},"
    "{\"from\":\"23:00\",\"to\":\"07:00\",\"period\":\"valley\"}]},"
    "\"charges\":[{\"code\":\"energy\",\"kind\":\"usage\",\"quantity\":\"active_energy_import\",\"unit\":\"kWh\","
    "\"ladder\":{"
    "\"period\":{\"months\":12},\"blocks\":["
    "{\"upto\":\"2520\",\"prices\":{\"sharp\":\"0.81\",\"peak\":\"0.61\",\"flat\":\"0.51\",\"valley\":\"0.31\"}},"
    "{\"upto\":\"4800\",\"prices\":{\"sharp\":\"0.86\",\"peak\":\"0.66\",\"flat\":\"0.56\",\"valley\":\"0.36\"}},"
    "{\"prices\":{\"sharp\":\"1.11\",\"peak\":\"0.91\",\"flat\":\"0.81\",\"valley\":\"0.61\"}}]}},"
    "{\"code\":\"base\",\"kind\":\"fixed\",\"amount\":\"5\",\"per\":\"month\"},"
    "{\"code\":\"fund\",\"kind\":\"percent\",\"rate\":\"0.03\",\"base\":[\"energy\"]}],"
    "\"rounding\":{\"line\":{\"unit\":\"0.01\"}}}";

/* The thread's own time in ns: who else runs on the machine does not make a bill dearer. */
static int64_t processor(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static hub_status bills(const tariff *t, usage *u, double *ret_us, hub_fault *fault)
{
	arena a;
	arena_init(&a, 0);
	rating_bill bill;
	hub_status st = HUB_OK;
	int64_t from = processor();
	for (int i = 0; i < BILLS && st == HUB_OK; i++) {
		u->state.ladders[0].used = decimal_of(1500 + i % 4000, 0); /* from the first block into the last */
		st = rating_rate(t, u, &a, &bill, fault);
		arena_reset(&a);
	}
	*ret_us = (double)(processor() - from) / 1000 / BILLS;
	arena_fini(&a);
	return st;
}

static int rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

hub_status bench_rate(bench *b, hub_fault *fault)
{
	static int64_t values[HOURS];
	for (int i = 0; i < HOURS; i++)
		values[i] = 300 + (i * 7919 + i % 24 * 131) % 900;
	tariff *t = NULL;
	hub_status st = tariff_parse(tariff_text, sizeof tariff_text - 1, &t, fault);
	hub_time start = clock_days(2026, 11, 1) * 86400000000LL - 8 * 3600000000LL;
	usage_series series = { .quantity = "active_energy_import",
				.unit = "kWh",
				.meter = "",
				.scale = 3,
				.start = start,
				.step = 3600000000LL,
				.values = values,
				.count = HOURS };
	usage *u = calloc(1, sizeof *u);
	if (st == HUB_OK && !u)
		st = HUB_NOMEM;
	if (st == HUB_OK)
		st = tariff_prepare(t, start, start + HOURS * 3600000000LL);
	double us[RUNS];
	if (st == HUB_OK) {
		u->start = start;
		u->end = start + HOURS * 3600000000LL;
		u->series = &series;
		u->series_count = 1;
		u->state.ladder_count = 1;
	}
	for (int i = 0; i < RUNS && st == HUB_OK; i++)
		st = bills(t, u, &us[i], fault);
	if (st == HUB_OK) {
		qsort(us, RUNS, sizeof *us, rising);
		bench_report(b, "rate", us[RUNS / 2], "us", NULL, 0);
	}
	free(u);
	tariff_free(t);
	return st;
}
