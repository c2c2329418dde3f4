/* Files of policies, entities and requests. */
#ifndef RULES_FILE_H
#define RULES_FILE_H

#include "base/buf.h"
#include "policy/policy.h"

/* The whole file; "-" is standard input. HUB_MISSING with *fault when it cannot be read. */
hub_status rules_file_read(const char *path, buf *out, hub_fault *fault);
/* One file, or every *.cedar of a folder in the order of their names; texts in the arena. */
hub_status rules_sources_read(const char *path, arena *a, policy_source **ret, size_t *ret_count, hub_fault *fault);

#endif
