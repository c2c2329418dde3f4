#include "api/rate.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/fail.h"

enum { CHAINS = 1024 };

typedef struct bucket {
	struct bucket *next;
	int64_t party, at; /* at: when `left` was counted */
	double left;
	uint64_t refused; /* and not told yet */
} bucket;

struct rate {
	pthread_mutex_t lock;
	double per_second, burst;
	bucket *chains[CHAINS];
};

hub_status rate_new(unsigned per_second, unsigned burst, rate **ret)
{
	rate *r = fail_calloc(1, sizeof *r);
	if (!r)
		return HUB_NOMEM;
	pthread_mutex_init(&r->lock, NULL);
	r->per_second = per_second;
	r->burst = burst;
	*ret = r;
	return HUB_OK;
}

void rate_free(rate *r)
{
	if (!r)
		return;
	for (int i = 0; i < CHAINS; i++)
		for (bucket *b = r->chains[i], *next; b; b = next) {
			next = b->next;
			free(b);
		}
	pthread_mutex_destroy(&r->lock);
	free(r);
}

void rate_set(rate *r, unsigned per_second, unsigned burst)
{
	pthread_mutex_lock(&r->lock);
	r->per_second = per_second;
	r->burst = burst;
	pthread_mutex_unlock(&r->lock);
}

/* Parties are registered, so there are no more buckets than an operator made parties. */
static bucket *find(rate *r, int64_t party, int64_t now)
{
	bucket **chain = &r->chains[(uint64_t)party % CHAINS], *b = *chain;
	while (b && b->party != party)
		b = b->next;
	if (!b && (b = fail_calloc(1, sizeof *b))) {
		*b = (bucket) { .next = *chain, .party = party, .at = now, .left = r->burst };
		*chain = b;
	}
	return b;
}

bool rate_take(rate *r, int64_t party, int64_t now)
{
	bool allowed = true;
	pthread_mutex_lock(&r->lock);
	bucket *b = find(r, party, now);
	if (b) {
		b->left += (double)(now - b->at) * r->per_second / 1e6;
		b->left = b->left > r->burst ? r->burst : b->left;
		b->at = now;
		allowed = b->left >= 1;
		b->left -= allowed;
		b->refused += !allowed;
	}
	pthread_mutex_unlock(&r->lock);
	return allowed;
}

size_t rate_refused(rate *r, rate_refusals *ret, size_t max)
{
	size_t count = 0;
	pthread_mutex_lock(&r->lock);
	for (int i = 0; i < CHAINS; i++)
		for (bucket *b = r->chains[i]; b && count < max; b = b->next) {
			if (!b->refused)
				continue;
			ret[count++] = (rate_refusals){ b->party, b->refused };
			b->refused = 0;
		}
	pthread_mutex_unlock(&r->lock);
	return count;
}
