/* Parties, as far as the caller may know of them. */
#ifndef API_PARTIES_H
#define API_PARTIES_H

#include "api/request.h"

/* GET /v1/parties: limit=, cursor=. */
hub_status parties_get(request *r);
/* GET /v1/parties/{code}; "self" is the caller. */
hub_status party_get(request *r);
/* ,"name":{"zh","en"} without its comma. */
void name_write(buf *out, const char *zh, const char *en);
/* ,"FIELD":"time" or nothing if 0. */
void time_write(buf *out, const char *field, hub_time t);

#endif
