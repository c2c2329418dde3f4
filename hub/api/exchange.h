/* Requests between parties, for data or to be shown something, with their trail; and who looked at what. */
#ifndef API_EXCHANGE_H
#define API_EXCHANGE_H

#include "api/request.h"
#include "store/account.h"

hub_status exchange_requests_get(request *r);
hub_status exchange_requests_post(request *r);
hub_status exchange_request_get_one(request *r);
hub_status exchange_request_step_post(request *r);
hub_status viewings_get(request *r);

/* Keeps that the caller read a quantity of these points, where they are somebody else's home. */
hub_status viewing_keep(request *r, const int64_t *points, size_t count, uint16_t quantity, int grain);
/* The same of something that is no reading: "bill", "account", "session". */
hub_status viewing_keep_of(request *r, const char *what, const int64_t *points, size_t count);
/* Of all points that an account has contracts for now; nothing if the caller holds it. */
hub_status viewing_keep_account(request *r, const billing_account *account);

#endif
