/* Plain HTTP endpoints on loopback for benches: each answers a POST with 200, and a challenge with its text. */
#ifndef CTL_STREET_H
#define CTL_STREET_H

#include <hub/status.h>

#include <stddef.h>
#include <stdint.h>

enum { STREET_MAX = 64 };

typedef struct street street;
/* On the street's thread, for each request that is no challenge, before it is answered. */
typedef void (*street_heard)(void *user, unsigned door, const char *body, size_t len);
/* `count` listening sockets served by one thread. heard may be NULL. ret_ports has `count` places. */
hub_status street_open(unsigned count, street_heard heard, void *user, street **ret, unsigned *ret_ports,
		       hub_fault *fault);
void street_close(street *s);		/* NULL is fine */
uint64_t street_taken(const street *s); /* requests that were no challenges */

#endif
