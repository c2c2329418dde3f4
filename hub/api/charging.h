/* /v1/charging-sessions: to the operator of the station, to who pays, and to who serves or operates the point. */
#ifndef API_CHARGING_H
#define API_CHARGING_H

#include "api/request.h"

hub_status charging_sessions_get(request *r);
hub_status charging_session_get(request *r);

#endif
