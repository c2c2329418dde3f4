/*
 * Guesses at secrets: how many failed, and until when none is looked at. A guess is counted before it is
 * checked and taken back when it was right, so a thousand at once are no better than one after another.
 */
#ifndef STORE_GUESS_H
#define STORE_GUESS_H

#include "store/store.h"

typedef struct guess_rule {
	int free;       /* failures without consequence */
	int64_t first;  /* µs of the first wait; it doubles with each failure more */
	int64_t most;   /* µs of the longest */
	int64_t forget; /* µs after the last failure, all are forgotten */
} guess_rule;

/* key: "login:alice". HUB_DENIED: not before *ret_until. */
hub_status guess_begin(store *db, const char *key, const guess_rule *rule, hub_time now, hub_time *ret_until);
/* It was right: all are forgotten, or (once) only this one. */
hub_status guess_right(store *db, const char *key, bool once);

#endif
