/*
 * Cache epochs: one counter per kind of reference data. Whoever changes the data bumps its epoch
 * in the same transaction; whoever caches compares, or waits for the notice, and loads anew.
 */
#ifndef STORE_EPOCH_H
#define STORE_EPOCH_H

#include "store/store.h"

/* Names: "party" (tokens and roles too), "premise", "point" (devices, installations, limits too),
   "instance", "subscription", "policy", "consent". */
hub_status epoch_get(store *db, const char *name, int64_t *ret); /* 0: never bumped */
/* Of all these at one moment, into ret_values. */
hub_status epoch_list(store *db, const char *const *names, size_t count, int64_t *ret_values);
/* In the caller's transaction, once however often it is called; the notice goes out at COMMIT. */
hub_status epoch_bump(store *db, const char *name);

/*
 * Notices: store_listen once per connection ("hub_epoch", "hub_announcement", "hub_feed"), then store_wait,
 * which answers HUB_OK with a notice, HUB_MISSING when timeout µs passed without one, HUB_AGAIN
 * when the connection was lost (store_ready, then listen again and look at the epochs). Outside a transaction.
 * An epoch's text is "name value", a feed's the party that got positions, an announcement's "".
 */
typedef struct store_notice {
	char channel[32], text[64];
} store_notice;

hub_status store_listen(store *db, const char *channel);
hub_status store_wait(store *db, int64_t timeout, store_notice *ret);
/* The descriptor to poll beside others; readable: call store_wait with timeout 0 until HUB_MISSING. */
int store_descriptor(const store *db);

#endif
