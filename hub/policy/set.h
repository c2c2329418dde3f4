/* A parsed set of policies: sources, policies as written, their program and the index of their scopes. */
#ifndef POLICY_SET_H
#define POLICY_SET_H

#include "policy/ast.h"
#include "policy/index.h"
#include "policy/program.h"

/* What a decision needs of a policy, side by side. */
typedef struct entry {
	uint32_t code;
	bool forbid;
} entry;

struct policy_set {
	arena a; /* holds everything below */
	policy_source *sources;
	size_t source_count;
	policy **policies; /* those that can decide: written out or linked */
	size_t count;
	entry *entries; /* one each */
	policy **templates;
	size_t template_count;
	program code;
	scope_index index;
};

#endif
