/* Accounts that are billed, and their contracts: which utility serves which point, at which tariff, from when. */
#ifndef STORE_ACCOUNT_H
#define STORE_ACCOUNT_H

#include "store/store.h"

typedef struct billing_account {
	int64_t id;       /* also its account in the ledger */
	const char *code; /* unique, never changes */
	const char *kind; /* "household", "shop", "enterprise", "park", "public" */
	const char *name_zh, *name_en;
	const char *zone; /* in which its cycles are cut */
	int64_t holder;   /* party that sees and pays its bills; 0: none */
} billing_account;

/* Adds by code, or makes the rest as given. *ret_changed may be NULL. */
hub_status account_put(store *db, const billing_account *b, int64_t *ret_id, bool *ret_changed, hub_fault *fault);
hub_status account_by_code(store *db, const char *code, arena *a, billing_account *ret); /* HUB_MISSING */
hub_status account_by_id(store *db, int64_t id, arena *a, billing_account *ret);           /* HUB_MISSING */
hub_status account_of_holder(store *db, int64_t holder, arena *a, billing_account **ret, size_t *ret_count);
hub_status account_list(store *db, int64_t after, size_t limit, arena *a, billing_account **ret, size_t *ret_count);

typedef struct contract {
	int64_t account, point, party; /* party: the utility */
	const char *tariff;            /* code; "": the utility sends its own bill */
	const char *facts;             /* JSON object */
	hub_time valid_from, valid_to; /* 0: open */
} contract;

/*
 * Begins a contract. What the account had at the point ends at that moment: this is a change of
 * supplier or tariff. The same again is fine (*ret_changed false). HUB_CONFLICT: another account holds
 * the point in that time (it must move out first), or the account has a later contract there.
 */
hub_status contract_begin(store *db, const contract *c, bool *ret_changed, hub_fault *fault);
/* Move out: ends what is open at `at`, at one point or at all (0). HUB_MISSING: nothing was. */
hub_status contract_end(store *db, int64_t account, int64_t point, hub_time at);
/* The one that holds at a point at a moment. HUB_MISSING. */
hub_status contract_at(store *db, int64_t point, hub_time at, arena *a, contract *ret);
/* Those of accounts that hold in some part of [from, to), by account, point, valid_from. */
hub_status contract_list(store *db, const int64_t *accounts, size_t count, hub_time from, hub_time to, arena *a,
			 contract **ret, size_t *ret_count);

#endif
