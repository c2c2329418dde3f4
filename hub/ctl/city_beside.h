/* A step of the city's making on a thread and a store connection of its own, beside another. */
#ifndef CTL_CITY_BESIDE_H
#define CTL_CITY_BESIDE_H

#include <pthread.h>

#include "ctl/city.h"

typedef hub_status (*city_step)(city *t, void *user);

typedef struct city_beside {
	pthread_t thread;
	bool running;
	ctl own;
	city its; /* as the other's, but for connection and fault */
	hub_fault fault;
	city_step step;
	void *user;
	hub_status st;
} city_beside;

/* Begins it; b must stay where it is until the end. */
hub_status city_beside_begin(city_beside *b, const city *t, city_step step, void *user);
/* Waits for it, if it was begun; what it came to, with *fault where it failed and st, the caller's own, did not. */
hub_status city_beside_end(city_beside *b, hub_status st, hub_fault *fault);

#endif
