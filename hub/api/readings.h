/* GET and POST /v1/readings. */
#ifndef API_READINGS_H
#define API_READINGS_H

#include "api/request.h"

/* point=CODE (repeats), quantity=, from=, to=, step=raw|hour|day|month, channel=, known_at=, limit=, cursor=. */
hub_status readings_get(request *r);
/*
 * An array of readings in the canonical shape, or {"readings":[…]}: at most BATCH_RECORDS_MAX, of
 * the caller's own meters. 202 after COMMIT with the receipt and an error per refused one. The
 * same idempotency-key again is answered as the first time; with other content it is 409.
 */
hub_status readings_post(request *r);

#endif
