#include "limit.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"

enum { LIMIT_SLOTS = 16384, LIMIT_PROBES = 16, REQUEST = 1000000 };

struct limit_address {
	char key[LIMIT_KEY]; /* "" free */
	unsigned open, held;
	int64_t tokens;      /* REQUEST each */
	int64_t at;          /* when they were counted */
};

struct limit {
	unsigned connections, rate, burst;
	pthread_mutex_t lock; /* over these */
	uint64_t refused;
	char last[LIMIT_KEY];
	limit_address slots[LIMIT_SLOTS];
};

limit *limit_new(unsigned connections, unsigned rate, unsigned burst)
{
	limit *l = fail_calloc(1, sizeof *l);
	if (l) {
		pthread_mutex_init(&l->lock, NULL);
		l->connections = connections;
		l->rate = rate;
		l->burst = burst;
	}
	return l;
}

void limit_free(limit *l)
{
	if (l)
		pthread_mutex_destroy(&l->lock);
	free(l);
}

void limit_key(const char *address, char ret[LIMIT_KEY])
{
	struct in6_addr six;
	if (!strncmp(address, "::ffff:", 7) && strchr(address, '.'))
		address += 7;
	const uint8_t *b = six.s6_addr;
	if (inet_pton(AF_INET6, address, &six) == 1)
		snprintf(ret, LIMIT_KEY, "%02x%02x:%02x%02x:%02x%02x:%02x%02x::/64", b[0], b[1], b[2], b[3], b[4], b[5],
			 b[6], b[7]);
	else
		snprintf(ret, LIMIT_KEY, "%s", address[0] ? address : "-");
}

static void refill(const limit *l, limit_address *s, int64_t now)
{
	int64_t full = (int64_t)l->burst * REQUEST, passed = now - s->at;
	/* Longer than it takes to fill is as good as that long. */
	s->tokens = passed > full / (int64_t)l->rate ? full : s->tokens + passed * (int64_t)l->rate;
	if (s->tokens > full)
		s->tokens = full;
	s->at = now;
}

/* Whether forgetting it changes nothing: no connection, and a full bucket. */
static bool is_idle(const limit *l, limit_address *s, int64_t now)
{
	if (s->open || s->held)
		return false;
	refill(l, s, now);
	return s->tokens == (int64_t)l->burst * REQUEST;
}

/* NULL: its neighbourhood is full of busy addresses, so the table is under attack. */
static limit_address *place(limit *l, const char *key, int64_t now)
{
	uint64_t h = UINT64_C(14695981039346656037);
	for (const char *p = key; *p; p++)
		h = (h ^ (uint8_t)*p) * UINT64_C(1099511628211);
	h ^= h >> 31;
	limit_address *vacant = NULL;
	for (unsigned i = 0; i < LIMIT_PROBES; i++) {
		limit_address *s = &l->slots[(h + i) % LIMIT_SLOTS];
		if (!strcmp(s->key, key))
			return s;
		if (!vacant && (!s->key[0] || is_idle(l, s, now)))
			vacant = s;
	}
	if (!vacant)
		return NULL;
	*vacant = (limit_address){ .tokens = (int64_t)l->burst * REQUEST, .at = now };
	snprintf(vacant->key, sizeof vacant->key, "%s", key);
	return vacant;
}

static void refuse(limit *l, const char *key)
{
	pthread_mutex_lock(&l->lock);
	l->refused++;
	snprintf(l->last, sizeof l->last, "%s", key);
	pthread_mutex_unlock(&l->lock);
}

uint64_t limit_refused(limit *l, char ret_last[LIMIT_KEY])
{
	pthread_mutex_lock(&l->lock);
	uint64_t refused = l->refused;
	memcpy(ret_last, l->last, LIMIT_KEY);
	pthread_mutex_unlock(&l->lock);
	return refused;
}

limit_address *limit_open(limit *l, const char *key, int64_t now)
{
	limit_address *s = place(l, key, now);
	if (!s || s->open >= l->connections) {
		refuse(l, key);
		return NULL;
	}
	s->open++;
	return s;
}

void limit_close(limit_address *of)
{
	of->open--;
}

void limit_hold(limit_address *of)
{
	of->held++;
}

void limit_release(limit_address *of)
{
	of->held--;
}

bool limit_request(limit *l, limit_address *of, int64_t now)
{
	refill(l, of, now);
	if (of->tokens < REQUEST) {
		refuse(l, of->key);
		return false;
	}
	of->tokens -= REQUEST;
	return true;
}
