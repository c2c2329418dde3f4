#include "intake/cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"

enum { CACHE_BYTES = 256 * 1024 * 1024, CACHE_FIRST = 1024 };

void cache_init(cache *c)
{
	*c = (cache){ .epoch = -1 };
	arena_init(&c->memory, 0);
}

void cache_fini(cache *c)
{
	arena_fini(&c->memory);
	free(c->slots);
	*c = (cache){ 0 };
}

void cache_epoch(cache *c, int64_t epoch)
{
	if (c->epoch == epoch && c->memory.used < CACHE_BYTES)
		return;
	arena_reset(&c->memory);
	if (c->slots)
		memset(c->slots, 0, c->size * sizeof c->slots[0]);
	c->used = 0;
	c->epoch = epoch;
}

void cache_rights(cache *c, const char *policies, int64_t parties, int64_t premises)
{
	if (c->turn && !strcmp(c->policies, policies) && c->parties == parties && c->premises == premises)
		return;
	c->turn++;
	snprintf(c->policies, sizeof c->policies, "%s", policies);
	c->parties = parties;
	c->premises = premises;
}

static size_t hash(int64_t party, const char *meter)
{
	uint64_t h = UINT64_C(14695981039346656037) ^ (uint64_t)party;
	for (const char *p = meter; *p; p++)
		h = (h ^ (uint8_t)*p) * UINT64_C(1099511628211);
	return (size_t)(h ^ h >> 29);
}

/* Where it is, or the free slot where it would be. size > 0. */
static cached_meter *place(const cached_meter *slots, size_t size, int64_t party, const char *meter)
{
	size_t i = hash(party, meter) & (size - 1);
	while (slots[i].meter && (slots[i].party != party || strcmp(slots[i].meter, meter)))
		i = (i + 1) & (size - 1);
	return (cached_meter *)&slots[i];
}

const cached_meter *cache_find(const cache *c, int64_t party, const char *meter)
{
	const cached_meter *m = c->size ? place(c->slots, c->size, party, meter) : NULL;
	return m && m->meter ? m : NULL;
}

static hub_status grow(cache *c)
{
	size_t size = c->size ? c->size * 2 : CACHE_FIRST;
	cached_meter *slots = fail_calloc(size, sizeof *slots);
	if (!slots)
		return HUB_NOMEM;
	for (size_t i = 0; i < c->size; i++)
		if (c->slots[i].meter)
			*place(slots, size, c->slots[i].party, c->slots[i].meter) = c->slots[i];
	free(c->slots);
	c->slots = slots;
	c->size = size;
	return HUB_OK;
}

hub_status cache_add(cache *c, const cached_meter *meter)
{
	if (c->used * 2 >= c->size && grow(c) != HUB_OK)
		return HUB_NOMEM;
	*place(c->slots, c->size, meter->party, meter->meter) = *meter;
	c->used++;
	return HUB_OK;
}

const cached_binding *cache_binding(const cached_meter *m, const char *channel, hub_time time)
{
	const point_binding *b = point_binding_find(m->list, m->count, m->meter, channel, time);
	return b ? &m->bindings[b - m->list] : NULL;
}
