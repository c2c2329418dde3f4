/*
 * A worker's copy of meters' bindings, by (party, meter), under one epoch of the registry. Only
 * what exists is kept: a meter that was unknown is asked for again.
 */
#ifndef INTAKE_CACHE_H
#define INTAKE_CACHE_H

#include "base/zone.h"
#include "store/device.h"

/* What its party may send there without a consent. */
typedef struct cached_permit {
	uint32_t turn;	  /* of the cache; another: nothing is known */
	uint32_t allowed; /* bits by kind and way (permit.c) */
	hub_time until;	  /* then another may have the point */
} cached_permit;

typedef struct cached_binding {
	const point_binding *binding;
	const zone *zone; /* of the point; NULL: UTC */
	cached_permit *permit;
} cached_binding;

/* One meter's bindings, past and present. */
typedef struct cached_meter {
	int64_t party;
	const char *meter;
	const point_binding *list;
	const cached_binding *bindings; /* as list */
	size_t count;
} cached_meter;

typedef struct cache {
	arena memory;
	int64_t epoch;
	uint32_t turn; /* 1 …; moves on whenever rights may have changed */
	char policies[32];
	int64_t parties, premises;
	cached_meter *slots; /* open addressing; meter NULL: free */
	size_t size, used;   /* size is 0 or a power of two; used <= size / 2 */
} cache;

void cache_init(cache *c);
void cache_fini(cache *c);
/* Forgets everything if the epoch is another, or if it has grown too large. */
void cache_epoch(cache *c, int64_t epoch);

/* Rights were decided by these policies and epochs; if by others, what was remembered counts no more. */
void cache_rights(cache *c, const char *policies, int64_t parties, int64_t premises);

const cached_meter *cache_find(const cache *c, int64_t party, const char *meter); /* NULL: not kept */
/* The meter is not kept yet. Everything it points at lives in c->memory. HUB_NOMEM. */
hub_status cache_add(cache *c, const cached_meter *meter);
/* The binding of a channel at a time, or NULL. */
const cached_binding *cache_binding(const cached_meter *m, const char *channel, hub_time time);

#endif
