#include "series.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"

static size_t hash(const char *p)
{
	uint64_t h = UINT64_C(14695981039346656037);
	for (; *p; p++)
		h = (h ^ (unsigned char)*p) * UINT64_C(1099511628211);
	return (size_t)(h % SERIES_BUCKETS);
}

series *series_at(series_map *map, const char *meter, const char *channel, const char *quantity)
{
	char key[256];
	int n = snprintf(key, sizeof key, "%.80s\n%.40s\n%.80s", meter, channel, quantity);
	if (!map->buckets)
		map->buckets = fail_calloc(SERIES_BUCKETS, sizeof(series *));
	if (!map->buckets || n < 0)
		return NULL;
	series **at = &map->buckets[hash(key)];
	for (series *s = *at; s; s = s->next)
		if (!strcmp(s->key, key))
			return s;
	if (map->count == SERIES_MAX)
		return NULL;
	series *s = fail_calloc(1, sizeof *s + (size_t)n + 1);
	if (!s)
		return NULL;
	memcpy(s->key, key, (size_t)n + 1);
	s->next = *at;
	*at = s;
	map->count++;
	return s;
}

void series_fini(series_map *map)
{
	for (size_t i = 0; map->buckets && i < SERIES_BUCKETS; i++)
		for (series *s = map->buckets[i], *next; s; s = next) {
			next = s->next;
			free(s);
		}
	free(map->buckets);
	*map = (series_map){ 0 };
}
