/* Which policies the core's processes decide by, as they loaded them. Epoch "policy" tells them to load anew. */
#ifndef STORE_POLICY_VERSION_H
#define STORE_POLICY_VERSION_H

#include "store/store.h"

typedef struct policy_version {
	const char *process; /* "hubd@host" */
	const char *version, *topology, *folder;
	int32_t policies;
	hub_time loaded;     /* set by the store */
} policy_version;

hub_status policy_version_put(store *db, const policy_version *v);
hub_status policy_version_list(store *db, arena *a, policy_version **ret, size_t *ret_count);

#endif
