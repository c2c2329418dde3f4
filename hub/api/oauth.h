/* OAuth 2: access tokens for parties by client credentials (RFC 6749 4.4), bound to certificates (RFC 8705). */
#ifndef API_OAUTH_H
#define API_OAUTH_H

#include "api/form.h"
#include "api/request.h"

/*
 * POST /oauth2/token. The client shows its certificate, or its code and a party token as
 * client_id and client_secret, in the form or as Basic. Errors have RFC 6749's form, 5.2, and our
 * code beside it.
 */
hub_status oauth_token_post(request *r);
/* GET /oauth2/jwks: the public keys, RFC 7517. */
hub_status oauth_jwks_get(request *r);

/* POST /oauth2/revoke: an app gives a refresh token up, and with it the grant; unknown ones are fine (RFC 7009). */
hub_status oauth_revoke_post(request *r);

/* For the grants of apps (oauth_grant.c): a code with its PKCE verifier, or a refresh token, for new tokens. */
hub_status oauth_code(request *r, const wire_field *fields, size_t count);
hub_status oauth_refresh(request *r, const wire_field *fields, size_t count);
/* The form of the call. HUB_REJECT: it was refused. */
hub_status oauth_form(request *r, const wire_field **ret, size_t *ret_count);
/* An answer as RFC 6749, 5.2, has it; HUB_OK. */
hub_status oauth_invalid(request *r, int status, const char *error, const char *code, const char *field, const char *text);
enum { OAUTH_ID = 96 };
/* Signs and writes {"access_token",…} without its closing brace. */
hub_status oauth_sign(request *r, const jwt_claims *claims, int64_t lifetime);

#endif
