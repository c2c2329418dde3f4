/* One batch from its source to everybody who was told of it, as a JSON object. */
#ifndef CTL_TRACE_H
#define CTL_TRACE_H

#include <jansson.h>

#include "base/arena.h"
#include "ctl/ctl.h"
#include "rules/inforce.h"
#include "store/receipt.h"

/*
 * {"receipt","trace","party","source","received",…,"readings":[…],"refused":[…],"told":[…],"deliveries":[…]}: values
 * with their flags and reasons, refusals with the original frame, and, for each party that was told, where its
 * delivery stands and what the policies and consents say of it now. rules NULL: without decisions. The caller's to free.
 */
hub_status trace_gather(ctl *c, const receipt *r, const ruleset *rules, arena *a, json_t **ret);

#endif
