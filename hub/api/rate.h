/*
 * How often one party may call, whatever addresses, tokens or connections it comes by: a token bucket each. Any number
 * of threads; the clock is an argument.
 */
#ifndef API_RATE_H
#define API_RATE_H

#include <hub/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct rate rate;

/* per_second on average, burst at once; both > 0. */
hub_status rate_new(unsigned per_second, unsigned burst, rate **ret);
void rate_free(rate *r);
/* From now on; buckets keep what is in them. */
void rate_set(rate *r, unsigned per_second, unsigned burst);
/* One call of a party at `now`, monotonic µs. false: too many. Out of memory it is not counted. */
bool rate_take(rate *r, int64_t party, int64_t now);

typedef struct rate_refusals {
	int64_t party;
	uint64_t count;
} rate_refusals;
/* Who was refused since it was asked last, at most `max` of them; the others are told next time. */
size_t rate_refused(rate *r, rate_refusals *ret, size_t max);

#endif
