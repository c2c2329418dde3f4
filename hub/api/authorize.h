/*
 * A person lets an app act (RFC 6749 4.1 with RFC 7636, S256 only). The app leads the browser to
 * /oauth2/authorize, that to the portal's consent page, and the page asks here.
 */
#ifndef API_AUTHORIZE_H
#define API_AUTHORIZE_H

#include "api/request.h"

/* GET /oauth2/authorize: 303 to the portal. Nothing is decided yet. */
hub_status authorize_get(request *r);
/*
 * POST /v1/authorization: the app's parameters and "decision": ask (what is asked for), allow or deny (where to
 * return to). An unknown app or address never leads anywhere; other errors return to the app.
 */
hub_status authorization_post(request *r);
hub_status grants_get(request *r);   /* GET /v1/grants */
hub_status grant_delete(request *r); /* DELETE /v1/grants/{grant} */

#endif
