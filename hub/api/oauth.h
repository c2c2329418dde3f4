/* OAuth 2: access tokens for parties by client credentials (RFC 6749 4.4), bound to certificates (RFC 8705). */
#ifndef API_OAUTH_H
#define API_OAUTH_H

#include "api/request.h"

/*
 * POST /oauth2/token. The client shows its certificate, or its code and a party token as
 * client_id and client_secret, in the form or as Basic. Errors have RFC 6749's form, 5.2, and our
 * code beside it.
 */
hub_status oauth_token_post(request *r);
/* GET /oauth2/jwks: the public keys, RFC 7517. */
hub_status oauth_jwks_get(request *r);

#endif
