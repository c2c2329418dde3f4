#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "aggregate/day.h"
#include "base/clock.h"
#include "base/fail.h"
#include "hubd/work.h"

/* µs: between two looks, and how long the end may take. */
#define LOOK INT64_C(600000000)
#define PATIENCE 200000
#define DAY INT64_C(86400000000)
/* Days back that are published by themselves, and percent of the points that a day must have been measured at. */
enum { BACK = 8, WHOLE = 90 };

struct publisher {
	const core *core;
	pthread_t thread;
	worker worker;
	zone *zone;
	arena arena;
};

static void rest(const publisher *p)
{
	int64_t until = clock_monotonic() + LOOK;
	const struct timespec t = { 0, PATIENCE * 1000L };
	while (!p->core->stopping && clock_monotonic() < until)
		nanosleep(&t, NULL);
}

static bool is_there(const aggregate_run *runs, size_t count, hub_time at)
{
	for (size_t i = 0; i < count; i++)
		if (runs[i].at == at)
			return true;
	return false;
}

/* The days of the last week that are over and not published yet. */
static hub_status look(publisher *p, const aggregate_kind *kind)
{
	aggregate_run *runs;
	size_t count;
	aggregate_report done = { 0 };
	hub_time today = zone_floor(p->zone, clock_now(), ZONE_DAY), at = zone_floor(p->zone, today - BACK * DAY, ZONE_DAY);
	store *db = p->worker.db;
	arena_reset(&p->arena);
	hub_status st = aggregate_runs(db, kind->commodity, at, today, &p->arena, &runs, &count);
	while (st == HUB_OK && at < today && !p->core->stopping) {
		hub_time next = zone_next(p->zone, at, ZONE_DAY);
		const aggregate_work w = { .kind = kind, .from = at, .to = next, .whole = WHOLE };
		if (!is_there(runs, count, at))
			st = aggregate_day_publish(db, &w, p->zone, &done);
		at = next;
	}
	if (done.published)
		log_info("publisher: %s of %zu days published, %zu sums, %zu withheld", kind->commodity, done.published, done.sums,
			 done.withheld);
	return st;
}

static void *run(void *user)
{
	publisher *p = user;
	rest(p);
	while (!p->core->stopping) {
		hub_status st = worker_ready(&p->worker);
		for (const aggregate_kind *k = aggregate_kinds; st == HUB_OK && k->commodity && !p->core->stopping; k++)
			st = look(p, k);
		if (st != HUB_OK && st != HUB_AGAIN)
			log_error("publisher: sums of areas could not be made; trying again in ten minutes");
		rest(p);
	}
	return NULL;
}

hub_status publisher_start(const core *c, publisher **ret)
{
	publisher *p = fail_calloc(1, sizeof *p);
	if (!p)
		return HUB_NOMEM;
	p->core = c;
	if (zone_load(AGGREGATE_ZONE, &p->zone) != HUB_OK) {
		free(p);
		return HUB_FAILED;
	}
	arena_init(&p->arena, 0);
	worker_init(&p->worker, c);
	if (pthread_create(&p->thread, NULL, run, p)) {
		worker_fini(&p->worker);
		arena_fini(&p->arena);
		zone_free(p->zone);
		free(p);
		return HUB_FAILED;
	}
	*ret = p;
	return HUB_OK;
}

void publisher_stop(publisher *p)
{
	if (!p)
		return;
	pthread_join(p->thread, NULL);
	worker_fini(&p->worker);
	arena_fini(&p->arena);
	zone_free(p->zone);
	free(p);
}
