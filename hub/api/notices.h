/* Notices (公告): sent by whom the policies let, seen by whom they are addressed to while they hold. */
#ifndef API_NOTICES_H
#define API_NOTICES_H

#include "api/request.h"

hub_status notices_get(request *r);
hub_status notices_post(request *r);
hub_status notice_withdraw_post(request *r);

#endif
