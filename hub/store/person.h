/* People who act for a party: residents, officers, operators. Texts of results live in the arena. */
#ifndef STORE_PERSON_H
#define STORE_PERSON_H

#include "store/store.h"

typedef struct person {
	int64_t id, party;
	const char *login;  /* [a-z0-9][a-z0-9._@-]{2,63}, lower case; never changes */
	const char *name;
	const char *hash;   /* identity/password.h; "": nobody can log in */
	bool head;          /* invites and removes members */
	const char *const *roles; /* the person's own, beside those of the party */
	size_t role_count;
	const char *const *kinds; /* of message that the person deals with */
	size_t kind_count;
	const char *area;   /* a premise's code, "" everywhere */
	hub_time disabled;  /* 0: not */
} person;

/* id is not read. HUB_CONFLICT: the login is taken; HUB_REJECT: it breaks its form; HUB_MISSING: party or area. */
hub_status person_add(store *db, const person *p, int64_t *ret_id, hub_fault *fault);
hub_status person_by_login(store *db, const char *login, arena *a, person *ret); /* HUB_MISSING */
hub_status person_by_id(store *db, int64_t id, arena *a, person *ret);
/* By id above `after`; party 0: of all. */
hub_status person_list(store *db, int64_t party, int64_t after, size_t limit, arena *a, person **ret, size_t *ret_count);

/* A new password ends every session and grant of the person's, and is told to the party. */
hub_status person_password(store *db, const person *p, const char *hash, hub_time now);
/* The same password with today's parameters; nothing ends. */
hub_status person_rehash(store *db, int64_t id, const char *hash);
/* Cannot log in any more; sessions and grants end. Again is fine. */
hub_status person_disable(store *db, const person *p, hub_time now);
hub_status person_enable(store *db, const person *p);

/* What the party's people should know: newest first. */
typedef struct party_note {
	const char *kind, *subject;
	hub_time at;
} party_note;
hub_status party_note_add(store *db, int64_t party, const char *kind, const char *subject, hub_time at);
hub_status party_note_list(store *db, int64_t party, hub_time since, size_t limit, arena *a, party_note **ret,
			   size_t *ret_count);

#endif
