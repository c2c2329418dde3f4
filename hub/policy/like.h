/* The like operator: a pattern of bytes, some of which are wildcards for any run of bytes. */
#ifndef POLICY_LIKE_H
#define POLICY_LIKE_H

#include "policy/policy.h"

/* stars: one flag per byte of the pattern. */
bool like_match(policy_text text, policy_text pattern, const bool *stars);

#endif
