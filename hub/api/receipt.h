/* GET /v1/receipts/{id}: what became of a batch, for the party whose source sent it. */
#ifndef API_RECEIPT_H
#define API_RECEIPT_H

#include "api/request.h"

hub_status receipt_get(request *r);
/* GET /v1/receipts: the caller's, or of party=CODE, newest first; source=, limit=, cursor=. */
hub_status receipts_get(request *r);
/* The receipt as members of an object, without its braces. Refused records, at most 1,000, with it. */
hub_status receipt_write(request *r, uint64_t id);

#endif
