#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/fail.h"
#include "deliver/feed.h"
#include "hubd/work.h"
#include "store/epoch.h"

/* µs: how long the end may take; and a batch whose notice was lost waits so long. */
#define PATIENCE 250000
enum { AT_ONCE = 200 };

struct sequencer {
	const core *core;
	pthread_t thread;
	worker worker;
};

static void rest(void)
{
	const struct timespec t = { 0, PATIENCE * 1000 };
	nanosleep(&t, NULL);
}

static hub_status drain(sequencer *s)
{
	size_t done = 1;
	hub_status st = HUB_OK;
	while (st == HUB_OK && done && !s->core->stopping)
		st = feed_sequence(s->worker.db, AT_ONCE, &done);
	return st;
}

/* Listening ends with the connection, so each new one begins here. */
static hub_status serve(sequencer *s)
{
	store_notice notice;
	hub_status st = worker_ready(&s->worker);
	if (st == HUB_OK)
		st = store_listen(s->worker.db, "hub_announcement");
	while (st == HUB_OK && !s->core->stopping) {
		st = drain(s);
		if (st == HUB_OK)
			st = store_wait(s->worker.db, PATIENCE, &notice);
		/* One round takes them all, so the notices that wait are one. */
		while (st == HUB_OK)
			st = store_wait(s->worker.db, 0, &notice);
		if (st == HUB_MISSING)
			st = HUB_OK;
	}
	return st;
}

static void *run(void *user)
{
	sequencer *s = user;
	while (!s->core->stopping) {
		hub_status st = serve(s);
		if (st == HUB_FAILED)
			log_error("sequencer: the database refuses; trying again");
		if (st != HUB_OK)
			rest();
	}
	return NULL;
}

hub_status sequencer_start(const core *c, sequencer **ret)
{
	sequencer *s = fail_calloc(1, sizeof *s);
	if (!s)
		return HUB_NOMEM;
	s->core = c;
	worker_init(&s->worker, c);
	if (pthread_create(&s->thread, NULL, run, s)) {
		worker_fini(&s->worker);
		free(s);
		return HUB_FAILED;
	}
	*ret = s;
	return HUB_OK;
}

void sequencer_stop(sequencer *s)
{
	if (!s)
		return;
	pthread_join(s->thread, NULL);
	worker_fini(&s->worker);
	free(s);
}
