/*
 * What entities and actions there are: Cedar's schema language
 * (https://docs.cedarpolicy.com/schema/human-readable-schema.html), and the check of policies
 * against it. Types, actions and attributes that the schema does not know are refused, as are operands of the
 * wrong type and optional attributes that no `has` guards.
 */
#ifndef POLICY_SCHEMA_H
#define POLICY_SCHEMA_H

#include "policy/policy.h"

typedef struct policy_schema policy_schema;

/* *fault's message begins with "file:line:column:". */
hub_status policy_schema_parse(const policy_source *source, policy_schema **ret, hub_fault *fault);
void policy_schema_free(policy_schema *s);
/* HUB_REJECT with the first place that does not fit, "file:line:column: …". */
hub_status policy_schema_check(const policy_schema *s, const policy_set *set, hub_fault *fault);

#endif
