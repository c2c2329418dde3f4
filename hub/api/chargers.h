/* Charging stations as their operator sees them: connectors with their state, limits and whether they are kept. */
#ifndef API_CHARGERS_H
#define API_CHARGERS_H

#include "api/request.h"

hub_status chargers_get(request *r); /* GET /v1/chargers */

#endif
