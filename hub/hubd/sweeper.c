#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/fail.h"
#include "hubd/work.h"

/* µs: between two looks, between two steps, and how long the end may take. */
#define LOOK 10000000
#define BREATH 50000
#define PATIENCE 200000
enum { AT_ONCE = 500 };

struct sweeper {
	const core *core;
	retention keep;
	pthread_t thread;
	worker worker;
};

static void rest(const sweeper *s, int64_t time)
{
	int64_t until = clock_monotonic() + time;
	while (!s->core->stopping && clock_monotonic() < until) {
		const struct timespec t = { 0, (time < PATIENCE ? time : PATIENCE) * 1000 };
		nanosleep(&t, NULL);
	}
}

static void *run(void *user)
{
	sweeper *s = user;
	while (!s->core->stopping) {
		size_t cleared = 0;
		hub_status st = worker_ready(&s->worker);
		if (st == HUB_OK)
			st = retention_step(s->worker.db, &s->keep, clock_now(), AT_ONCE, &cleared);
		if (st == HUB_FAILED)
			log_error("sweeper: the database refuses; trying again");
		rest(s, st == HUB_OK && cleared ? BREATH : LOOK);
	}
	return NULL;
}

hub_status sweeper_start(const core *c, const retention *keep, sweeper **ret)
{
	sweeper *s = fail_calloc(1, sizeof *s);
	if (!s)
		return HUB_NOMEM;
	s->core = c;
	s->keep = *keep;
	worker_init(&s->worker, c);
	if (pthread_create(&s->thread, NULL, run, s)) {
		worker_fini(&s->worker);
		free(s);
		return HUB_FAILED;
	}
	*ret = s;
	return HUB_OK;
}

void sweeper_stop(sweeper *s)
{
	if (!s)
		return;
	pthread_join(s->thread, NULL);
	worker_fini(&s->worker);
	free(s);
}
