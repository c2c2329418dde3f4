/* Charging stations as their operator sees them: connectors with their state, limits and whether they are kept. */
#ifndef API_CHARGERS_H
#define API_CHARGERS_H

#include "api/request.h"
#include "store/charger.h"

/* ,"connectors":[…]: what stands at these points of one station, with the last state that it told; appended. */
hub_status chargers_connectors(request *r, const charger_place *list, size_t count);

hub_status chargers_get(request *r); /* GET /v1/chargers */

#endif
