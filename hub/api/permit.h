/*
 * What the caller may do with things of the registry and with what is a party's own; points have
 * rights.h. Each is one decision of the policies in force.
 */
#ifndef API_PERMIT_H
#define API_PERMIT_H

#include "api/request.h"
#include "store/premise.h"

/* May the caller see that there is this party, and what it is called? */
hub_status permit_party(request *r, const party *p, bool *ret);
/* own: the caller has a point there or below it. */
hub_status permit_premise(request *r, const premise *p, bool own, bool *ret);

/*
 * Something of a party's own. action: "view", "change"; kind: "subscription", "receipt", "quarantine".
 * owner 0 or the caller's: no party is looked up. HUB_MISSING: no such owner.
 */
hub_status permit_item(request *r, const char *action, const char *kind, int64_t owner, bool *ret);
/*
 * The party whose items a list is of: party=CODE, the caller if absent. HUB_REJECT after a problem: unknown, or the
 * caller may not view such items of it.
 */
hub_status permit_list(request *r, const char *kind, int64_t *ret_owner);

#endif
