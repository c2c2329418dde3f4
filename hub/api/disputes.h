/* Parts of bills that their customer contests (争议), and the utilities' answers. */
#ifndef API_DISPUTES_H
#define API_DISPUTES_H

#include "api/request.h"

hub_status dispute_post(request *r);
hub_status dispute_settle_post(request *r);
hub_status disputes_get(request *r);

#endif
