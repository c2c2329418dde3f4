#include "counter.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"

enum { FIRST = 64 };

struct counter {
	counter *next;
	int64_t value;
	char name[];
};

void counters_fini(counters *c)
{
	for (size_t i = 0; i < c->bucket_count; i++)
		for (counter *at = c->buckets[i], *next; at; at = next) {
			next = at->next;
			free(at);
		}
	free(c->buckets);
}

static size_t place(const char *name, size_t count)
{
	uint64_t h = UINT64_C(14695981039346656037);
	for (; *name; name++)
		h = (h ^ (uint8_t)*name) * UINT64_C(1099511628211);
	return (size_t)(h % count);
}

static bool grow(counters *c)
{
	size_t count = c->bucket_count ? 2 * c->bucket_count : FIRST;
	counter **buckets = fail_calloc(count, sizeof *buckets);
	if (!buckets)
		return false;
	for (size_t i = 0; i < c->bucket_count; i++)
		for (counter *at = c->buckets[i], *next; at; at = next) {
			next = at->next;
			counter **to = &buckets[place(at->name, count)];
			at->next = *to;
			*to = at;
		}
	free(c->buckets);
	c->buckets = buckets;
	c->bucket_count = count;
	return true;
}

static counter *find(const counters *c, const char *name)
{
	counter *at = c->bucket_count ? c->buckets[place(name, c->bucket_count)] : NULL;
	while (at && strcmp(at->name, name))
		at = at->next;
	return at;
}

hub_status counters_put(counters *c, const char *name, int64_t value)
{
	counter *at = find(c, name);
	if (!at) {
		size_t len = strlen(name) + 1;
		if (c->count >= c->bucket_count && !grow(c))
			return HUB_NOMEM;
		at = fail_malloc(sizeof *at + len);
		if (!at)
			return HUB_NOMEM;
		memcpy(at->name, name, len);
		counter **to = &c->buckets[place(name, c->bucket_count)];
		at->next = *to;
		*to = at;
		c->count++;
	}
	at->value = value;
	return HUB_OK;
}

hub_status counters_add(counters *c, const char *name, int64_t step, int64_t *ret_value)
{
	const counter *at = find(c, name);
	int64_t value = at ? at->value : 0;
	if (__builtin_add_overflow(value, step, &value))
		return HUB_RANGE;
	hub_status st = step ? counters_put(c, name, value) : HUB_OK;
	if (st == HUB_OK)
		*ret_value = value;
	return st;
}
