/* Adapter instances: which zone daemon runs which adapter, for which party, with what settings. */
#ifndef STORE_INSTANCE_H
#define STORE_INSTANCE_H

#include "store/store.h"

typedef struct instance {
	const char *name;      /* [a-z0-9_-]{1,64}: the source of its batches */
	const char *zone;      /* the zone daemon's name */
	int64_t party;         /* it speaks for; never changes */
	const char *adapter;
	const char *options;   /* JSON objects, "" as "{}" */
	const char *transport;
	bool journalled;       /* the promise: journalled, else committed */
	const char *journal;   /* JSON object: limits */
	bool enabled;
	int64_t version;       /* rises with each change; not read by instance_put */
} instance;

/* Adds or changes. Bumps epoch "instance". HUB_CONFLICT: the name belongs to another party. */
hub_status instance_put(store *db, const instance *i, bool *ret_changed, hub_fault *fault);
hub_status instance_get(store *db, const char *name, arena *a, instance *ret);
/* Those of a zone daemon (NULL: all), by name; *ret_version rises with every change, for `configure`. */
hub_status instance_list(store *db, const char *zone, arena *a, instance **ret, size_t *ret_count,
			 int64_t *ret_version);
hub_status instance_enable(store *db, const char *name, bool enabled);

#endif
