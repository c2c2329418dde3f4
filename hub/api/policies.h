/* The policies in force, and why they would let the caller do something or not. */
#ifndef API_POLICIES_H
#define API_POLICIES_H

#include "api/request.h"

/* GET /v1/policies: version, and each policy's id, file and line. */
hub_status policies_get(request *r);
/*
 * POST /v1/policies/why {"action","point"}: the decision for the caller itself, and which policies made it. A point
 * that the caller may not know of is denied like one that is not there.
 */
hub_status policies_why_post(request *r);

#endif
