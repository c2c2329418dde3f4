/* Saving advice for a home: what its own hours say, and what use moved to the cheapest period would save. */
#ifndef API_ADVICE_H
#define API_ADVICE_H

#include "api/request.h"
#include "store/account.h"

hub_status advice_get(request *r);

/* The same as JSON, for an account whose right is decided. */
hub_status advice_write(store *db, const billing_account *account, hub_time at, arena *a, buf *out, hub_fault *fault);

#endif
