/* Running conditions over one request. */
#ifndef POLICY_RUN_H
#define POLICY_RUN_H

#include "policy/entities.h"
#include "policy/set.h"

typedef struct run {
	const policy_set *set;
	const policy_entities *entities, *extra;
	arena *a;
	value vars[4];             /* by node_var */
	const entity *found[3];    /* principal, action, resource; NULL: no such entity */
	lineage lines[3];
	const program *code;       /* whose ops run */
	const value **registers;   /* as code wants them; a path is NULL until its first use */
	uint8_t *outcomes;         /* of shared tests, 1 more than they are; 0: not made yet. The first is nobody's */
	const policy *policy;      /* running */
	const char *error;         /* of the last policy that erred: file:line:column: text */
	bool nomem;
} run;

typedef enum run_result { RUN_FALSE, RUN_TRUE, RUN_ERROR } run_result;

/* Sets up a request. HUB_REJECT: the context nests too deep or names an attribute twice. */
hub_status run_start(run *r, const policy_set *set, const policy_entities *entities, const policy_entities *extra,
		     const policy_request *request, const uid uids[3], arena *a);
run_result run_policy(run *r, const policy *p);

/* What came of the candidates. Each list has room for one more than there are. */
typedef struct verdict {
	uint32_t *held[2]; /* permits, forbids that hold */
	size_t counts[2];
	uint32_t *errors;
	const char **texts;
	size_t error_count;
} verdict;

/* Runs the policies whose bits are set. False: out of memory. */
bool run_candidates(run *r, const uint64_t *bits, verdict *v);

/* Registers for another program over the same request. HUB_NOMEM. */
hub_status run_with(run *r, const program *code);
/* What the program returns from an op on; NULL: it erred. */
const value *run_ops(run *r, uint32_t from);

#endif
