/* Parts of bills that their customer contests, until that is settled. */
#ifndef STORE_DISPUTE_H
#define STORE_DISPUTE_H

#include "store/store.h"

typedef struct bill_dispute {
	int64_t account, party, point;
	int32_t cycle;
	const char *reason, *answer; /* answer: of the utility, once it is settled */
	hub_time opened, settled; /* settled 0: open */
	int16_t revision;	  /* dispute_of_party: where the part stands now */
	int32_t part;
	int64_t amount;
} bill_dispute;

/* Opens it, or opens it again with this reason; opened and settled are set by the store. *ret_changed false: it stood so. */
hub_status dispute_open(store *db, const bill_dispute *d, bool *ret_changed, hub_fault *fault);
/* With the answer. HUB_MISSING: none is open. */
hub_status dispute_settle(store *db, const bill_dispute *d);
/* Of an account's cycle, settled ones too, by party and point. */
hub_status dispute_list(store *db, int64_t account, int32_t cycle, arena *a, bill_dispute **ret, size_t *ret_count);

/* Those open against a utility, the oldest first, with the posted part that they are about. */
hub_status dispute_of_party(store *db, int64_t party, size_t limit, arena *a, bill_dispute **ret, size_t *ret_count);

#endif
