/* The description of all operations, OpenAPI 3.1. */
#ifndef API_DESCRIPTION_H
#define API_DESCRIPTION_H

#include "api/request.h"
#include "base/embed.h"

/* The document as it was built: the only one of this list. */
extern const hub_embedded api_documents[];

/* GET /v1/openapi.json */
hub_status description_get(request *r);

#endif
