#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/fail.h"
#include "billing/bills_charging.h"
#include "hubd/work.h"

#define PAUSE 500000 /* µs */

struct cashier {
	const core *core;
	pthread_t thread;
	worker worker;
};

static hub_status drain(cashier *s, bills *b)
{
	bool any = true;
	hub_fault fault = { 0 };
	hub_status st = HUB_OK;
	while (st == HUB_OK && any && !s->core->stopping) {
		arena_reset(&s->worker.memory);
		st = bills_charge_next(b, clock_now(), &s->worker.memory, &any, &fault);
	}
	if (st != HUB_OK && st != HUB_AGAIN)
		log_error("cashier: %s (%s)", fault.message, fault.code ? fault.code : hub_status_name(st));
	return st;
}

/* The parsed tariffs live as long as the connection. */
static hub_status serve(cashier *s)
{
	const struct timespec pause = { 0, PAUSE * 1000 };
	bills *b = NULL;
	hub_status st = worker_ready(&s->worker);
	if (st == HUB_OK)
		st = bills_new(s->worker.db, &b);
	while (st == HUB_OK && !s->core->stopping) {
		st = drain(s, b);
		nanosleep(&pause, NULL);
	}
	bills_free(b);
	return st;
}

static void *run(void *user)
{
	const struct timespec pause = { 0, PAUSE * 1000 };
	cashier *s = user;
	while (!s->core->stopping) {
		serve(s);
		nanosleep(&pause, NULL);
	}
	return NULL;
}

hub_status cashier_start(const core *c, cashier **ret)
{
	cashier *s = fail_calloc(1, sizeof *s);
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

void cashier_stop(cashier *s)
{
	if (!s)
		return;
	pthread_join(s->thread, NULL);
	worker_fini(&s->worker);
	free(s);
}
