/* Files of policies, entities and requests, read for the policy commands. */
#ifndef CTL_POLICY_FILES_H
#define CTL_POLICY_FILES_H

#include "base/arena.h"
#include "base/buf.h"
#include "policy/policy.h"

/* The whole file; "-" is standard input. HUB_MISSING with *fault when it cannot be read. */
hub_status policy_file_read(const char *path, buf *out, hub_fault *fault);
/* One file, or every *.cedar of a folder in the order of their names; texts in the arena. */
hub_status policy_sources_read(const char *path, arena *a, policy_source **ret, size_t *ret_count, hub_fault *fault);

#endif
