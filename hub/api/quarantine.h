/* What was refused, with its original: seen, mended, taken in again or dropped by its party. */
#ifndef API_QUARANTINE_H
#define API_QUARANTINE_H

#include "api/request.h"

/* GET /v1/quarantine: the caller's, or of party=CODE; open ones, all=true: all. source=, code=, receipt=, limit=,
 * cursor=. */
hub_status quarantine_entries_get(request *r);
/* GET /v1/quarantine/{id}: with the reading as it was understood, and its original bytes in base64. */
hub_status quarantine_entry_get(request *r);
/*
 * POST /v1/quarantine/{id}/replay: through the intake again, {"reading": {…}} instead of the original if given; 200
 * with the receipt. 422 if it is refused again: it stays open, the problem says why.
 */
hub_status quarantine_replay_post(request *r);
/* POST /v1/quarantine/{id}/drop */
hub_status quarantine_drop_post(request *r);

#endif
