/* Templates made whole: a link names a template and what stands in its slots. */
#ifndef POLICY_LINK_H
#define POLICY_LINK_H

#include "policy/set.h"

/* Appends the linked policy to s->policies, which has room. */
hub_status link_template(policy_set *s, const policy_link *link, hub_fault *fault);

#endif
