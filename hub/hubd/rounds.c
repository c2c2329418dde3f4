#include "hubd/rounds.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/fail.h"
#include "base/log.h"

typedef struct runner {
	rounds *all;
	const role *role;
	pthread_t thread;
	bool running;
	worker worker;
	void *own;
} runner;

struct rounds {
	const core *core;
	pthread_mutex_t lock;
	pthread_cond_t stops;
	size_t count;
	runner list[];
};

static void rest(rounds *r, int64_t time)
{
	const int64_t until = clock_monotonic() + time;
	const struct timespec t = { until / 1000000, until % 1000000 * 1000 };
	pthread_mutex_lock(&r->lock);
	while (!r->core->stopping && !pthread_cond_timedwait(&r->stops, &r->lock, &t))
		;
	pthread_mutex_unlock(&r->lock);
}

static void end(runner *n)
{
	if (n->role->end)
		n->role->end(n->own);
	memset(n->own, 0, n->role->size);
}

static void *run(void *user)
{
	runner *n = user;
	while (!n->all->core->stopping) {
		int64_t pause = n->role->rest;
		hub_status st = worker_ready(&n->worker);
		if (st == HUB_OK)
			st = n->role->round(&n->worker, n->own, &pause);
		if (st == HUB_FAILED)
			log_error("%s: the database refuses; trying again", n->role->name);
		if (st != HUB_OK) {
			end(n);
			pause = n->role->rest;
		}
		if (pause > 0)
			rest(n->all, pause);
	}
	end(n);
	return NULL;
}

static hub_status start_one(rounds *r, runner *n, const role *what)
{
	n->all = r;
	n->role = what;
	worker_init(&n->worker, r->core);
	n->own = fail_calloc(1, what->size + 1);
	if (!n->own)
		return HUB_NOMEM;
	n->running = !pthread_create(&n->thread, NULL, run, n);
	return n->running ? HUB_OK : HUB_FAILED;
}

hub_status rounds_start(const core *c, const role *const *roles, size_t count, rounds **ret)
{
	pthread_condattr_t attr;
	hub_status st = HUB_OK;
	rounds *r = fail_calloc(1, sizeof *r + count * sizeof r->list[0]);
	if (!r)
		return HUB_NOMEM;
	r->core = c;
	pthread_mutex_init(&r->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&r->stops, &attr);
	pthread_condattr_destroy(&attr);
	*ret = r;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		r->count = i + 1;
		st = start_one(r, &r->list[i], roles[i]);
	}
	return st;
}

void rounds_stop(rounds *r)
{
	if (!r)
		return;
	pthread_mutex_lock(&r->lock);
	pthread_cond_broadcast(&r->stops);
	pthread_mutex_unlock(&r->lock);
	for (size_t i = 0; i < r->count; i++) {
		runner *n = &r->list[i];
		if (n->running)
			pthread_join(n->thread, NULL);
		worker_fini(&n->worker);
		free(n->own);
	}
	pthread_cond_destroy(&r->stops);
	pthread_mutex_destroy(&r->lock);
	free(r);
}
