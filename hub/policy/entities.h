/* Entities as decisions see them: looked up by uid, ancestors closed and sorted. */
#ifndef POLICY_ENTITIES_H
#define POLICY_ENTITIES_H

#include "policy/value.h"

/* All proper ancestors of one entity, by rising hash. */
typedef struct lineage {
	const uid *const *uids;
	const uint64_t *hashes;
	size_t count;
} lineage;

typedef struct entity {
	const uid *uid;
	const value *attrs, *tags; /* records */
	const uid *const *parents; /* direct */
	size_t parent_count;
	lineage ancestors;
} entity;

struct policy_entities {
	arena a;
	entity *list;
	size_t count;
	struct entity_slot {
		uint64_t hash;
		const entity *entity; /* NULL: free */
	} *slots;
	size_t mask; /* slots - 1, a power of two */
};

const entity *entities_find(const policy_entities *e, const uid *u); /* e may be NULL */

static inline bool lineage_has(const lineage *l, const uid *u)
{
	size_t lo = 0, hi = l->count;
	while (hi - lo > 8) {
		size_t mid = lo + (hi - lo) / 2;
		if (l->hashes[mid] < u->hash)
			lo = mid + 1;
		else
			hi = mid + 1;
	}
	for (; lo < l->count && l->hashes[lo] <= u->hash; lo++)
		if (l->hashes[lo] == u->hash && uid_is(l->uids[lo], u))
			return true;
	return false;
}

/* Sorts and drops repeats; false: out of memory. */
bool lineage_build(arena *a, const uid **uids, size_t count, lineage *ret);
/* The ancestors of u over both sets, where an entity of extra hides its namesake. False: out of memory. */
bool lineage_of(const policy_entities *e, const policy_entities *extra, const uid *u, arena *a, lineage *ret);

#endif
