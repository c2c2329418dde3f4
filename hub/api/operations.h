/* What runs for each row of the table of operations (route/route.h). */
#ifndef API_OPERATIONS_H
#define API_OPERATIONS_H

#include "api/request.h"

typedef hub_status (*operation)(request *r);

extern const operation operations[ROUTE_COUNT];

#endif
