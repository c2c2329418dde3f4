/* Commands to devices over HTTP: asked, approved, cancelled, followed. */
#ifndef API_COMMANDS_H
#define API_COMMANDS_H

#include "api/request.h"

#include "command/commands.h"

/* What was ordered for the caller, or why it was not: 202 with the commands, or a problem of the refusal. */
hub_status commands_answer(request *r, hub_status st, const hub_fault *fault, const command *list, size_t count);

hub_status commands_post(request *r);
hub_status commands_get(request *r);
hub_status command_get(request *r);
hub_status command_approve_post(request *r);
hub_status command_cancel_post(request *r);

#endif
