/* The table of resources: what the OpenAPI description, the rights and the dispatch all start from. */
#ifndef API_ROUTE_H
#define API_ROUTE_H

#include "api/request.h"

enum { ROUTE_VALUES = 4 };

typedef hub_status (*route_run)(request *r);

typedef struct route {
	const char *method;
	const char *path;      /* "/v1/receipts/{id}" */
	const char *operation; /* OpenAPI's operationId */
	route_run run;
	bool open;             /* needs no token */
	const char *summary;   /* one line */
} route; /* the table ends with a NULL method */

extern const route routes[];

/*
 * The route of a method and path, with the texts in braces, in the arena. NULL: *ret_known says
 * whether the path exists with another method. Case counts; a trailing slash is another path.
 */
const route *route_find(const route *table, const char *method, const char *path, arena *a,
			const char *ret_values[ROUTE_VALUES], bool *ret_known);

#endif
