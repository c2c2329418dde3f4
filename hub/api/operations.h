/* What runs for each row of the table of operations (route/route.h). */
#ifndef API_OPERATIONS_H
#define API_OPERATIONS_H

#include "api/request.h"

typedef hub_status (*operation)(request *r);

extern const operation operations[ROUTE_COUNT];
/*
 * Those that once.h runs: in a transaction of the request, with the answer kept under its key. A changing operation
 * that is not among them has the key in what it makes, as a batch of readings has in its receipt.
 */
extern const bool operations_once[ROUTE_COUNT];

#endif
