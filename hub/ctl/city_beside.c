#include "ctl/city_beside.h"

static void *run(void *user)
{
	city_beside *b = user;
	b->st = b->step(&b->its, b->user);
	return NULL;
}

hub_status city_beside_begin(city_beside *b, const city *t, city_step step, void *user)
{
	*b = (city_beside) { .own = *t->c, .its = *t, .step = step, .user = user };
	b->own.db = NULL;
	b->its.c = &b->own;
	b->its.fault = &b->fault;
	hub_status st = store_open(t->c->conninfo, &b->own.db, t->fault);
	/* What a power cut would take is made again by the next run. */
	if (st == HUB_OK)
		st = store_relax(b->own.db);
	b->running = st == HUB_OK && !pthread_create(&b->thread, NULL, run, b);
	return st == HUB_OK && !b->running ? HUB_FAILED : st;
}

hub_status city_beside_end(city_beside *b, hub_status st, hub_fault *fault)
{
	if (b->running)
		pthread_join(b->thread, NULL);
	b->running = false;
	store_close(b->own.db);
	b->own.db = NULL;
	if (st != HUB_OK || b->st == HUB_OK)
		return st;
	*fault = b->fault;
	return b->st;
}
