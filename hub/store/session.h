/*
 * Where people are logged in. A session is a secret that the browser holds as a cookie; the store knows its
 * digest, when it began and when it was last used. Old ones end by either.
 */
#ifndef STORE_SESSION_H
#define STORE_SESSION_H

#include "store/secret.h"

typedef struct session_limits {
	int64_t idle, absolute; /* µs since the last use, since the login */
} session_limits;

typedef struct session {
	int64_t party, person;
	const char *address; /* it began at */
	hub_time started, seen;
	const uint8_t *digest;
} session;

/* A new one, its text shown this once; the person's that are over are cleared away. */
hub_status session_new(store *db, int64_t party, int64_t person, const char *address, hub_time now,
		       const session_limits *limits, char ret[SECRET_TEXT]);
/* Whose it is at `now`, and it counts as used. HUB_DENIED: unknown, or over. */
hub_status session_find(store *db, const char *text, hub_time now, const session_limits *limits, arena *a, session *ret);
hub_status session_end(store *db, const char *text); /* again is fine */
hub_status session_end_all(store *db, int64_t party, int64_t person);
hub_status session_list(store *db, int64_t party, int64_t person, hub_time now, const session_limits *limits, arena *a,
			session **ret, size_t *ret_count);

#endif
