/* A person's own things: who one is, the password, and the people of one's party. */
#ifndef API_ME_H
#define API_ME_H

#include "api/request.h"

/* The call is this person's from here on. */
hub_status me_become(request *r, const person *who);

hub_status me_get(request *r);          /* GET /v1/me */
hub_status password_post(request *r);   /* POST /v1/me/password */
hub_status members_get(request *r);     /* GET /v1/members */
hub_status member_delete(request *r);   /* DELETE /v1/members/{login}, for the head */
hub_status invitation_post(request *r); /* POST /v1/members/invitations, for the head */
hub_status join_post(request *r);       /* POST /v1/invitations */

#endif
