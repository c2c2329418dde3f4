/* Parts of bills that their customer contests, until that is settled. */
#ifndef STORE_DISPUTE_H
#define STORE_DISPUTE_H

#include "store/store.h"

typedef struct bill_dispute {
	int64_t account, party, point;
	int32_t cycle;
	const char *reason;
	hub_time opened, settled; /* settled 0: open */
} bill_dispute;

/* Opens it, or opens it again with this reason; opened and settled are set by the store. */
hub_status dispute_open(store *db, const bill_dispute *d, hub_fault *fault);
/* HUB_MISSING: none is open. */
hub_status dispute_settle(store *db, const bill_dispute *d);
/* Of an account's cycle, settled ones too, by party and point. */
hub_status dispute_list(store *db, int64_t account, int32_t cycle, arena *a, bill_dispute **ret, size_t *ret_count);

#endif
