/* A charging station at the charger port: may it come in, and which instance speaks with it. */
#ifndef API_CHARGER_H
#define API_CHARGER_H

#include "api/request.h"

/*
 * The gateway asks for the station that the call's path names, before it opens the WebSocket. 200
 * {"station","instance"}; 401, 403, 404 as problems.
 */
hub_status charger_admit(request *r);

#endif
