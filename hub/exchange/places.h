/* Places as a party names them. */
#ifndef EXCHANGE_PLACES_H
#define EXCHANGE_PLACES_H

#include "base/arena.h"
#include "store/store.h"

/* Their ids, as many as codes. HUB_MISSING: there is no such place, for whom the connection speaks; *fault says which.
 */
hub_status places_by_code(store *db, const char *const *codes, size_t count, arena *a, const int64_t **ret,
			  hub_fault *fault);
/* Codes of those that there are; *ret_count may be less than count. */
hub_status places_codes(store *db, const int64_t *ids, size_t count, arena *a, const char ***ret, size_t *ret_count);

#endif
