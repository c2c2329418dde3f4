/* Whether bills, payments and the ledger say the same, party by party: two countings of one thing. */
#ifndef STORE_RECONCILE_H
#define STORE_RECONCILE_H

#include "store/store.h"

typedef struct reconcile_utility {
	int64_t party;
	int64_t billed, paid;                  /* by the posted bills' parts */
	int64_t receivable, unpaid, collected; /* by the ledger: what households owe, what is billed and not paid, what is due to it */
} reconcile_utility;

typedef struct reconcile_provider {
	int64_t party;
	int64_t paid; /* by its paid orders */
	int64_t cash; /* by the ledger */
} reconcile_provider;

static inline bool reconcile_agrees(const reconcile_utility *u)
{
	return u->receivable == u->billed - u->paid && u->unpaid == u->receivable && u->collected == u->paid;
}

/* Of one party or of all (0), by party. */
hub_status reconcile_utilities(store *db, int64_t party, arena *a, reconcile_utility **ret, size_t *ret_count);
hub_status reconcile_providers(store *db, int64_t party, arena *a, reconcile_provider **ret, size_t *ret_count);

#endif
