/*
 * What a party may do with points. A decision is made once for all points with equal attributes,
 * and kept for the call.
 */
#ifndef API_RIGHTS_H
#define API_RIGHTS_H

#include "policy/policy.h"
#include "store/party.h"
#include "store/point.h"
#include "store/subscription.h"

typedef struct rights rights;

/* A point as the call sees it. */
typedef struct rights_point {
	point point;
	const int64_t *path; /* its premise's, from the root */
	size_t path_count;
	bool allowed;
} rights_point;

/*
 * action: "read", … Everything lives in the arena. set NULL: nothing is allowed. by_name: a policy
 * names single points, so each is decided by itself. now: at which the parties of points count.
 */
hub_status rights_new(store *db, const policy_set *set, bool by_name, const party *caller, const char *action, hub_time now,
		      arena *a, rights **ret);
/* Loads and decides those that are not known yet. */
hub_status rights_load(rights *r, const int64_t *points, size_t count);
/* NULL: no such point, or not loaded. */
const rights_point *rights_of(const rights *r, int64_t point);

#endif
