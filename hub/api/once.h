/* A change happens once, however often the call comes: under the caller's Idempotency-Key. */
#ifndef API_ONCE_H
#define API_ONCE_H

#include "api/operations.h"

/*
 * Runs an operation that changes something in one transaction with the record of its answer. The same
 * key again with the same content is answered from that record; with other content 409
 * (call.idempotency). A refusal is not recorded: the same key may come again, mended or not.
 */
hub_status once_run(request *r, operation run);

#endif
