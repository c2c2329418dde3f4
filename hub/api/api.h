/*
 * Resources: a call in, a reply out, no transport. The core believes nobody: the caller's token is
 * looked up here, and every content is decided by policy when it is read.
 */
#ifndef API_API_H
#define API_API_H

#include "api/rate.h"
#include "identity/jwt.h"
#include "intake/intake.h"
#include "rules/inforce.h"
#include "store/session.h"
#include "wire/call.h"

/* What all workers of a process share. Any number of threads. */
typedef struct api api;
hub_status api_new(api **ret);
void api_free(api *p);
/* The policies in force, for whoever loads or uses them. Without policies everything is denied. */
inforce *api_rules(const api *p);

/* How often each party may call; 1,000 a second and 2,000 at once, before it is said. */
void api_rate_set(api *p, unsigned per_second, unsigned burst);
/* Who was refused for calling too often since it was asked last. */
size_t api_rate_refused(api *p, rate_refusals *ret, size_t max);

/* What our access tokens say of themselves. */
#define API_ISSUER "hub"
#define API_AUDIENCE "api"
/*
 * The keys that sign access tokens: a JWKS with private parts, made if the file is absent, for this
 * user alone. Again: takes the new ones in place of the old, all or nothing. HUB_REJECT: the file is
 * damaged; HUB_FAILED: it cannot be read or made.
 */
hub_status api_keys_load(api *p, const char *path, hub_fault *fault);
/* Those in force, held until they are given back; NULL: none loaded. turn (may be NULL): another once others are. */
const jwt_keys *api_keys_take(api *p, unsigned *turn);
void api_keys_give(api *p, const jwt_keys *keys); /* NULL is fine */

/* How long people stay logged in; by default 30 minutes without use, 12 hours in all. Before the first call. */
void api_sessions_set(api *p, const session_limits *limits);
const session_limits *api_sessions(const api *p);

/* One thread's: its own store and intake worker, which the caller owns. */
typedef struct api_worker {
	api *api;
	store *db;
	intake_worker *intake;
} api_worker;

/*
 * Answers a call; the reply lives in the arena. HUB_OK whatever the reply's status is. HUB_AGAIN
 * (database away), HUB_NOMEM: nothing is answered and the gateway asks again.
 */
hub_status api_answer(const api_worker *w, const wire_call *call, arena *a, wire_reply *ret);

#endif
