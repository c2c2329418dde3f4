/*
 * Who asks: by the certificate that TLS verified at the gateway, a party's token, or an access
 * token of ours. The gateway is not believed: each is looked up or verified here, and all that
 * were shown must name one party.
 */
#ifndef API_CREDENTIAL_H
#define API_CREDENTIAL_H

#include "api/request.h"
#include "identity/certificate.h"

typedef struct credential {
	party caller;           /* the certificate's; nobody (id 0) if none was shown */
	const char *thumbprint; /* of the certificate shown, "" if none */
} credential;

/* HUB_MISSING: none was shown. HUB_DENIED with *fault: it is not (any more) a party's. */
hub_status credential_certificate(request *r, credential *ret, hub_fault *fault);
/* "hub_…" of the store, or a JWT for audience "api", which may be an app's that acts for a person: then r->person
   and r->scope are set. beside: the certificate shown with it, whose party is not looked up again. */
hub_status credential_token(request *r, const char *text, const credential *beside, party *ret, hub_fault *fault);

/* A session of the public port; r->caller, r->person and r->session are set. HUB_DENIED with *fault. */
hub_status credential_session(request *r, const char *text, hub_fault *fault);

/* How access tokens for apps name a person, and the grant that they end with: "person/LOGIN", "PARTY.GRANT.RANDOM". */
#define CREDENTIAL_PERSON "person/"

#endif
