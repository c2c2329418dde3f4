/* Logging in and out. A session is a cookie of the public port alone. */
#ifndef API_LOGIN_H
#define API_LOGIN_H

#include "api/request.h"

/* Whether a page of ours asks, and no other's (CSRF). HUB_REJECT after a problem. */
hub_status login_own_page(request *r);
/* A session for the person, in the place of the one that came with the call; the answer will be `me` (api/me.h). */
hub_status login_begin(request *r, const person *who);

hub_status login_post(request *r);           /* POST /v1/session */
hub_status logout_delete(request *r);        /* DELETE /v1/session */
hub_status sessions_get(request *r);         /* GET /v1/sessions */
hub_status sessions_delete(request *r);      /* DELETE /v1/sessions */

#endif
