/*
 * What one address may do: open connections, and requests a second by a token bucket. Pure but
 * for its table; the clock is an argument. An IPv6 /64 counts as one address.
 */
#ifndef GATEWAY_LIMIT_H
#define GATEWAY_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LIMIT_KEY = 64 };

typedef struct limit limit;
typedef struct limit_address limit_address; /* lives as long as a connection of it is open */

/* connections: at once; rate: requests a second on average; burst: at once. All > 0. NULL: out of memory. */
limit *limit_new(unsigned connections, unsigned rate, unsigned burst);
void limit_free(limit *l);

/* The address as it is counted: "192.0.2.7" itself, of "2001:db8:1:2:3::4" the first four groups. */
void limit_key(const char *address, char ret[LIMIT_KEY]);

/* A connection comes; NULL: refuse it. now: monotonic µs. */
limit_address *limit_open(limit *l, const char *key, int64_t now);
void limit_close(limit_address *of);
/* Somebody else holds it too, without a connection of its own; it ends by limit_release. */
void limit_hold(limit_address *of);
void limit_release(limit_address *of);
bool limit_request(limit *l, limit_address *of, int64_t now);
/* How many requests and connections were refused so far, and whose was the last. Any thread. */
uint64_t limit_refused(limit *l, char ret_last[LIMIT_KEY]);

#endif
