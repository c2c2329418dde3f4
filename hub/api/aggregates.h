/* Sums of areas for the government, their map, and what was asked of them. */
#ifndef API_AGGREGATES_H
#define API_AGGREGATES_H

#include "api/request.h"

/* GET /v1/areas.geojson: the places whose sums the caller may have, with their outlines where the city drew them. */
hub_status areas_get(request *r);
/* GET /v1/aggregates, /v1/aggregates.xlsx: area=, below=, commodity=, step=, from=, to=, purpose=. Kept as asked. */
hub_status aggregates_get(request *r);
hub_status aggregates_book_get(request *r);
/* GET /v1/aggregates/asked: the caller's own; an operator of the hub those of party=. */
hub_status aggregates_asked_get(request *r);

#endif
