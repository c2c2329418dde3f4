/* Metering points, as far as the caller may read them. */
#ifndef API_POINTS_H
#define API_POINTS_H

#include "api/request.h"

/*
 * GET /v1/points: those at which the caller has a role and which it may read; all=true: every one that it may read,
 * however many must be looked at, so that a page may be short. commodity=, premise=CODE (and below), role= (the
 * caller's), limit=, cursor=.
 */
hub_status points_get(request *r);
/* GET /v1/points/{code} */
hub_status point_get(request *r);

#endif
