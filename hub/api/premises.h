/* Places, as far as the caller may know of them. */
#ifndef API_PREMISES_H
#define API_PREMISES_H

#include "api/request.h"

/*
 * GET /v1/premises: those where the caller has a point, and what is above them; all=true: every place that it may
 * see, however many must be looked at, so that a page may be short. limit=, cursor=.
 */
hub_status premises_get(request *r);
/* GET /v1/premises/{code} */
hub_status premise_get(request *r);

#endif
