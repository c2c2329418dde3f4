/* What a party wants to be told of: its subscriptions. They grant nothing. */
#ifndef API_SUBSCRIPTIONS_H
#define API_SUBSCRIPTIONS_H

#include "api/request.h"
#include "deliver/subscribe.h"

/* GET /v1/subscriptions: the caller's, or of party=CODE; all=true: ended ones too. limit=, cursor=. */
hub_status subscriptions_get(request *r);
/* POST /v1/subscriptions: 201 with what was made. */
hub_status subscription_make(request *r);
hub_status subscription_show(request *r);    /* GET /v1/subscriptions/{id}, with its ETag */
hub_status subscription_change(request *r);    /* PUT, with If-Match */
hub_status subscription_stop(request *r); /* DELETE: it ends now */

/* By the number in the path, if the caller may do this with it; HUB_REJECT after a problem. */
hub_status subscription_find(request *r, const char *action, subscription *ret);
/* The caller's words as a subscription with its door; HUB_REJECT after a problem. door NULL: it stays. subscription_words.c */
hub_status subscription_read(request *r, subscription *ret, subscribe_door *door);
/* As JSON, its codes looked up. */
hub_status subscription_write(request *r, const subscription *s);

#endif
