/* Whether the caller may send or receive a message that the hub itself knows all about, by the policies in force. */
#ifndef API_MESSAGE_RIGHT_H
#define API_MESSAGE_RIGHT_H

#include "api/request.h"
#include "rights/message.h"

/* action: "send", "receive". Without policies nothing is allowed. */
hub_status message_right(request *r, const char *action, const message_facts *m, bool *ret_allowed);

#endif
