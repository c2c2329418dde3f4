/* Parties and their roles. Texts of results live in the arena. */
#ifndef STORE_PARTY_H
#define STORE_PARTY_H

#include "store/store.h"

typedef struct party {
	int64_t id;
	const char *code;    /* [a-z0-9][a-z0-9_-]{0,63}; never changes */
	const char *name_zh, *name_en;
	const char *kind;    /* "utility", "grid", "government", …: the list stands in 0001 */
	const char *const *roles; /* rising */
	size_t role_count;
} party;

/*
 * Adds, or makes names and kind as given; roles are replaced. id is not read. *ret_changed (may
 * be NULL): whether anything did. Bumps epoch "party". HUB_REJECT: a field breaks a rule.
 */
hub_status party_put(store *db, const party *p, int64_t *ret_id, bool *ret_changed, hub_fault *fault);
hub_status party_by_code(store *db, const char *code, arena *a, party *ret); /* HUB_MISSING */
hub_status party_by_id(store *db, int64_t id, arena *a, party *ret);
/* Those of these ids, by id; those that do not exist are left out. */
hub_status party_by_ids(store *db, const int64_t *ids, size_t count, arena *a, party **ret, size_t *ret_count);
/* All, by id, above `after`, at most limit. */
hub_status party_list(store *db, int64_t after, size_t limit, arena *a, party **ret, size_t *ret_count);

#endif
