/* What went wrong with the hub itself, and until when, as a core saw it: told to its operators, and of a flood to who made it. */
#ifndef STORE_TROUBLE_H
#define STORE_TROUBLE_H

#include "store/store.h"

typedef struct trouble {
	const char *core;           /* host of the core that saw it */
	const char *kind, *subject; /* a code of docs/faults.md; process, instance, party or address */
	const char *text;
	hub_time began, last;
	hub_time ended;             /* 0: it lasts */
	int64_t count;              /* starts, refusals; else 1 */
} trouble;

/* By core, kind, subject and began: written down, or what moved since. */
hub_status trouble_save(store *db, const trouble *t, hub_fault *fault);
/* What the core left open when it died is over since it was seen last. */
hub_status trouble_end_left(store *db, const char *core);
/* What was still there since then, the newest first. party "": all; else the floods of that party. */
hub_status trouble_list(store *db, const char *party, hub_time since, size_t limit, arena *a, trouble **ret, size_t *ret_count);
/* Forgets what was over before that. */
hub_status trouble_clear(store *db, hub_time before);
/* Since when the database server runs. */
hub_status trouble_server_since(store *db, hub_time *ret);

#endif
