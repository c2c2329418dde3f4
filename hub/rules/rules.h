/*
 * The folder of policies as every daemon and command loads it: the .cedar files in it, then those in
 * topology/NAME, each in the order of their names, all checked against schema.cedarschema.
 */
#ifndef RULES_RULES_H
#define RULES_RULES_H

#include "base/buf.h"
#include "policy/policy.h"

typedef struct rules {
	policy_set *set; /* the caller's, for policy_set_free */
	const policy_source *sources; /* in the arena; the set does not need them */
	size_t source_count;
	policy_source schema; /* as the sources */
} rules;

/*
 * topology: "transition", "grid-led", "third-party" or a folder of the operator's own; NULL: the common
 * policies alone. All or nothing: HUB_REJECT (a policy that is malformed or names what the schema has not, "file:line:column: …"),
 * HUB_MISSING (a file or folder that cannot be read), HUB_NOMEM.
 */
hub_status rules_load(const char *folder, const char *topology, arena *a, rules *ret, hub_fault *fault);
/* Parses the sources into r->set and checks it against the schema. HUB_REJECT: then there is no set. */
hub_status rules_check(rules *r, hub_fault *fault);

/* The same policies as one JSON document, {"schema": {"name", "text"}, "policies": [{"name", "text"}, …]}, and back. */
void rules_bundle(const rules *r, buf *out);
hub_status rules_unbundle(const char *json, size_t len, arena *a, rules *ret, hub_fault *fault);

#endif
