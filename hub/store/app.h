/*
 * Apps that act for people (OAuth 2, RFC 6749), what a person lets one do, and the codes and refresh tokens of
 * that. A code or refresh token is used once; one that comes again is stolen goods and ends its grant.
 */
#ifndef STORE_APP_H
#define STORE_APP_H

#include "store/secret.h"

typedef struct app {
	int64_t id, party;  /* who answers for it */
	const char *code;   /* client_id, [a-z0-9][a-z0-9_-]{0,63} */
	const char *name_zh, *name_en;
	const char *const *redirects; /* each compared as a whole */
	size_t redirect_count;
	const char *const *scopes;
	size_t scope_count;
	hub_time disabled;  /* 0: not */
} app;

/* Adds, or makes everything but the code as given. HUB_REJECT: a rule; HUB_MISSING: the party. */
hub_status app_put(store *db, const app *p, hub_fault *fault);
hub_status app_by_code(store *db, const char *code, arena *a, app *ret); /* HUB_MISSING */
hub_status app_list(store *db, arena *a, app **ret, size_t *ret_count);

typedef struct app_grant {
	int64_t party, id, person, app;
	const char *scope;
	hub_time granted, revoked; /* 0: not */
	const char *code, *name_zh, *name_en; /* the app's; only in lists */
} app_grant;

/* Those in force. */
hub_status app_grant_list(store *db, int64_t party, int64_t person, arena *a, app_grant **ret, size_t *ret_count);
hub_status app_grant_by_id(store *db, int64_t party, int64_t id, arena *a, app_grant *ret); /* HUB_MISSING */
hub_status app_grant_revoke(store *db, int64_t party, int64_t id, hub_time now); /* again is fine */

/* The person lets the app: a grant and its code. challenge: PKCE's, S256. */
hub_status app_code_new(store *db, const app_grant *g, const char *challenge, const char *redirect, hub_time expires,
			char ret[SECRET_TEXT]);

typedef struct app_secret {
	app_grant grant;
	const char *challenge, *redirect; /* of a code */
} app_secret;

/*
 * Uses a code ("hubc_") or refresh token ("hubr_"). HUB_DENIED: unknown, over, its grant revoked; or used
 * before, and then the grant has ended now.
 */
hub_status app_secret_use(store *db, const char *text, hub_time now, arena *a, app_secret *ret);
/* A refresh token of the grant. */
hub_status app_refresh_new(store *db, const app_grant *g, hub_time expires, char ret[SECRET_TEXT]);
/* Whose refresh token it is, used or not; for its revocation. HUB_DENIED. */
hub_status app_refresh_find(store *db, const char *text, arena *a, app_secret *ret);

#endif
