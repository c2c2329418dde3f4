/*
 * Which policies' scopes match: one bit a policy, one table of bits a dimension. The candidates are
 * the intersection of the dimensions, exactly; no scope is looked at again.
 */
#ifndef POLICY_INDEX_H
#define POLICY_INDEX_H

#include "policy/ast.h"
#include "policy/entities.h"

typedef enum dimension { DIM_PRINCIPAL, DIM_PRINCIPAL_TYPE, DIM_ACTION, DIM_RESOURCE, DIM_RESOURCE_TYPE, DIMS } dimension;

typedef struct index_slot {
	uint64_t hash;
	const uid *uid;      /* NULL: the key is a type */
	policy_text type;
	bool exact;          /* == rather than in */
	uint64_t *bits;      /* NULL: free slot */
} index_slot;

typedef struct index_table {
	uint64_t *any; /* policies that this dimension does not restrict */
	index_slot *slots;
	size_t mask, count;
} index_table;

typedef struct scope_index {
	size_t words;
	index_table tables[DIMS];
} scope_index;

/* False: out of memory. */
bool index_build(scope_index *x, policy *const *policies, size_t count, arena *a);
/* Fills out[words]; lines: of principal, action, resource. scratch: as many words. */
void index_match(const scope_index *x, const uid *const uids[3], const lineage lines[3], uint64_t *scratch,
		 uint64_t *out);

#endif
