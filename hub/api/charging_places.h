/*
 * Charging stations in public as anybody finds them: where, what is free now, what it costs; and a session that a
 * household begins or ends with a card of its own. Of other people's sessions nothing is told but that a connector is
 * taken.
 */
#ifndef API_CHARGING_PLACES_H
#define API_CHARGING_PLACES_H

#include "api/request.h"

hub_status charging_places_get(request *r);    /* GET /v1/charging-places */
hub_status charging_session_start(request *r); /* POST /v1/charging-sessions */
hub_status charging_session_stop(request *r);  /* POST /v1/charging-sessions/{id}/stop */

#endif
