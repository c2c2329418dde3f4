/*
 * Consents: a resident gives one for its own point and takes it back; it and whom it was given to see it, nobody else.
 * Problems: consent.unknown (404), consent.grantor (403), party.unknown and point.unknown (404), the rules of docs/faults.md (400).
 */
#ifndef API_CONSENTS_H
#define API_CONSENTS_H

#include "api/request.h"

hub_status consents_get(request *r);
hub_status consents_post(request *r);
hub_status consent_get(request *r);
hub_status consent_withdraw_post(request *r);
/* {"point","out"}: in or out of comparisons with neighbours. */
hub_status comparison_post(request *r);

#endif
