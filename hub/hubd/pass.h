/* The token by which the core's own client "@hub" speaks to the broker, renewed in time. For one thread. */
#ifndef HUBD_PASS_H
#define HUBD_PASS_H

#include "hubd/core.h"
#include "identity/jwt.h"

typedef struct pass {
	char text[JWT_TOKEN_MAX];
	hub_time until; /* 0: none yet, or the keys have changed */
} pass;

/* Lives with p. NULL: the core has no keys to sign with. */
const char *pass_token(pass *p, const core *c, arena *a);

#endif
