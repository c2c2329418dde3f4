/* Payment providers: who takes money for us, where, and the key that signs their call-backs. */
#ifndef STORE_PROVIDER_H
#define STORE_PROVIDER_H

#include "store/store.h"

typedef struct payment_provider {
	int64_t party;
	const uint8_t *key; /* at least 16 bytes */
	size_t key_len;
	const char *url; /* where people pay; "" */
} payment_provider;

/* Adds, or takes the new key and address. HUB_REJECT: a short key. */
hub_status provider_put(store *db, const payment_provider *p, hub_fault *fault);
hub_status provider_by_party(store *db, int64_t party, arena *a, payment_provider *ret); /* HUB_MISSING */
/* The one that was added first and has an address. HUB_MISSING. */
hub_status provider_first(store *db, arena *a, payment_provider *ret);
/* Their parties, in the order in which they were added. */
hub_status provider_list(store *db, arena *a, int64_t **ret, size_t *ret_count);

#endif
