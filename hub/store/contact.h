/* Whom a customer asks about a party's part of a bill. */
#ifndef STORE_CONTACT_H
#define STORE_CONTACT_H

#include "store/store.h"

typedef struct party_contact {
	const char *phone, *web; /* "": none */
} party_contact;

hub_status contact_put(store *db, int64_t party, const party_contact *c, hub_fault *fault);
/* Empty texts where nothing is known. */
hub_status contact_of_party(store *db, int64_t party, arena *a, party_contact *ret);

#endif
