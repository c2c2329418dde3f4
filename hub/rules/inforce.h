/*
 * The policies in force: read from their folder as a whole or not at all, swapped while they are used. Any number
 * of threads. Whoever took them decides by them until it gives them back, so one answer is made by one version.
 */
#ifndef RULES_INFORCE_H
#define RULES_INFORCE_H

#include "policy/policy.h"

#include <stdbool.h>

enum { RULES_VERSION = 16 };

typedef struct ruleset {
	policy_set *set;
	bool by_name;			 /* one of them names single points */
	char version[RULES_VERSION + 1]; /* hex of SHA-256 over the topology and all files, names and texts */
	size_t count;			 /* policies */
	const char *folder, *topology;
	const char *bundle; /* of rules_bundle, for whoever decides elsewhere */
} ruleset;

typedef struct inforce inforce;
hub_status inforce_new(inforce **ret);
void inforce_free(inforce *p);
/* The folder's policies for a topology (rules/rules.h) instead of the old ones, which stay on a fault. */
hub_status inforce_load(inforce *p, const char *folder, const char *topology, bool *ret_changed, hub_fault *fault);
/* As the last load that succeeded, for whoever is told that the files changed. HUB_MISSING: there was none. */
hub_status inforce_again(inforce *p, bool *ret_changed, hub_fault *fault);
/* NULL: none were ever loaded, so nothing is permitted. */
const ruleset *inforce_take(inforce *p);
void inforce_give(inforce *p, const ruleset *used); /* NULL: nothing happens */

#endif
