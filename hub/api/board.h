/* How things stand: what came and went of whom, how late and how whole; credentials; what was imported of bills. */
#ifndef API_BOARD_H
#define API_BOARD_H

#include "api/request.h"

/* GET /v1/board: the caller's own; operators of the hub without party= see everybody's. */
hub_status board_get(request *r);
/* GET /v1/credentials: certificates and tokens with their state; never a token itself. */
hub_status credentials_get(request *r);
/* GET /v1/bills/imported: cycle=YYYY-MM, by default the last. */
hub_status bills_imported_get(request *r);
/* GET /v1/bills/shares: what of payments is the party's, with the payment and the bill; cycle=YYYY-MM, by default the last paid. */
hub_status bills_shares_get(request *r);

#endif
