/* The pull door: GET /v1/feed and POST /v1/feed/dequeue. */
#ifndef API_FEED_H
#define API_FEED_H

#include "api/request.h"

hub_status feed_get(request *r);
hub_status feed_dequeue_post(request *r);

#endif
