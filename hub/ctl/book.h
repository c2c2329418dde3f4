/* The supervisor's book, DATA/hub.state, as others read it. */
#ifndef CTL_BOOK_H
#define CTL_BOOK_H

#include "base/arena.h"
#include "ctl/place.h"

typedef struct book_unit {
	const char *name, *kind, *state, *since, *user, *last;
	pid_t pid;
	unsigned restarts;
} book_unit;

typedef struct book {
	pid_t supervisor;    /* 0: nobody supervises this data directory */
	const char *since;
	const char *http;    /* where the HTTP door listens */
	bool ready, zones_share_user;
	book_unit *units;
	size_t count;
} book;

/* Believed only while its supervisor holds the lock. HUB_MISSING: there is none. Texts in the arena. */
hub_status book_read(const place *p, arena *a, book *ret, hub_fault *fault);
const book_unit *book_find(const book *b, const char *name); /* NULL */

#endif
