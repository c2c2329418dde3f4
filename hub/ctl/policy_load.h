/* The hub's own folder of policies, as hub.conf has it. */
#ifndef CTL_POLICY_LOAD_H
#define CTL_POLICY_LOAD_H

#include <limits.h>

#include "ctl/hubconf.h"
#include "rules/inforce.h"

/* The option, or what is installed beside the programs. HUB_REJECT: neither is there. */
hub_status policy_folder(const ctl *c, const hubconf *conf, char out[PATH_MAX], hub_fault *fault);

/*
 * Loads what the core decides by, from where its newest process said it has it; if none ever did, as hub.conf says.
 * *ret is the caller's, with the policies in it.
 */
hub_status policy_current(ctl *c, inforce **ret, hub_fault *fault);

/* What is installed, in the topology of the transition, for benches. */
hub_status policy_installed(const ctl *c, inforce **ret, hub_fault *fault);

#endif
