/* Commands to devices over HTTP: asked, approved, cancelled, followed. */
#ifndef API_COMMANDS_H
#define API_COMMANDS_H

#include "api/request.h"

hub_status commands_post(request *r);
hub_status commands_get(request *r);
hub_status command_get(request *r);
hub_status command_approve_post(request *r);
hub_status command_cancel_post(request *r);

#endif
