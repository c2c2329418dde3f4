/*
 * Allow and deny examples beside policies: a JSON object {about, entities, requests}, each request
 * with the decision it must get and maybe the @id of a policy that must be among the reasons. The
 * entities of the examples are Cedar's; the file is also a request file.
 */
#ifndef POLICY_EXAMPLE_H
#define POLICY_EXAMPLE_H

#include "policy/policy.h"

typedef struct policy_example {
	policy_text about;
	policy_request request;
	bool allow;
	policy_text reason; /* an @id, or empty */
} policy_example;

/* Both in the caller's hands: *ret_entities to free, *ret in the arena. */
hub_status policy_examples_parse(const char *json, size_t len, arena *a, policy_entities **ret_entities,
				 const policy_example **ret, size_t *ret_count, hub_fault *fault);
/* Decides one. HUB_CONFLICT: the decision or its reason is another one; *ret_why says which. */
hub_status policy_example_run(const policy_set *set, const policy_entities *entities, const policy_example *x,
			      arena *a, const char **ret_why);

#endif
