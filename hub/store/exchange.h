/* Notices, requests between parties, and who looked at what, as rows. What they mean is in hub/exchange. */
#ifndef STORE_EXCHANGE_H
#define STORE_EXCHANGE_H

#include "store/store.h"

typedef struct notice {
	int64_t party, id;
	const char *kind;		  /* "notice", "security_notice" */
	const char *commodity, *severity; /* severity: "info", "warning", "urgent" */
	const int64_t *premises;
	size_t premise_count;
	const char *title_zh, *title_en, *text_zh, *text_en;
	hub_time valid_from, valid_to;
	const char *by;
	hub_time made, withdrawn; /* set by the store; withdrawn 0: it stands */
	int32_t told;
	const char *sender, *sender_zh, *sender_en; /* read only: the party's code and names */
} notice;

/* With its first step; purpose "": none is said. */
hub_status notice_add(store *db, const notice *n, const char *purpose, int64_t *ret_id, hub_fault *fault);
hub_status notice_told(store *db, const notice *n, int32_t count);
hub_status notice_get(store *db, int64_t id, arena *a, notice *ret); /* HUB_MISSING */
/* The newest first. sent by a party (0: any); withdrawn ones too. */
hub_status notice_sent(store *db, int64_t party, size_t limit, arena *a, notice **ret, size_t *ret_count);
/*
 * Those that hold at a moment or later, and stand, where the party has a point (as what it is about wants) or manages
 * places, and security notices where it has a consent; the newest first.
 */
hub_status notice_for(store *db, int64_t party, hub_time at, size_t limit, arena *a, notice **ret, size_t *ret_count);
/* HUB_MISSING: no such notice of the party that stands. note: why. */
hub_status notice_withdraw(store *db, int64_t party, int64_t id, const char *by, const char *note);
/*
 * Ids of parties that a notice is for and that have a subscription: those with a point there, who manages places there,
 * estates and buildings with anything there, of a security notice whom a home there gave a consent, and whoever carries
 * messages to people. By id.
 */
hub_status notice_recipients(store *db, const notice *n, arena *a, int64_t **ret, size_t *ret_count);

typedef struct exchange_step {
	const char *state, *actor, *by, *note; /* state of a notice: "sent", "withdrawn"; actor: party's code */
	hub_time at;
} exchange_step;

hub_status notice_steps(store *db, const notice *n, arena *a, exchange_step **ret, size_t *ret_count);

typedef struct exchange_request {
	int64_t party, id, asked_of;
	const char *kind; /* "data_request", "view_command" */
	const char *commodity, *purpose, *what;
	const int64_t *premises;
	size_t premise_count;
	hub_time data_from, data_to; /* 0: open */
	hub_time expires;
	const char *state; /* "asked", "granted", "refused", "fulfilled", "withdrawn" */
	const char *reference, *by;
	hub_time made;
	const char *asker_code, *asked_code; /* read only */
} exchange_request;

/* With its first step. */
hub_status exchange_request_add(store *db, const exchange_request *q, int64_t *ret_id, hub_fault *fault);
hub_status exchange_request_get(store *db, int64_t id, arena *a, exchange_request *ret); /* HUB_MISSING */
/* That the party asked or was asked (0: all), the newest first. */
hub_status exchange_request_list(store *db, int64_t party, size_t limit, arena *a, exchange_request **ret,
				 size_t *ret_count);
/* From one state to another, with its step. HUB_CONFLICT: it is in none of `from` ("asked,granted") any more, or has
 * expired. */
hub_status exchange_request_move(store *db, const exchange_request *q, const char *const *from, size_t count,
				 const char *to, const char *reference, int64_t actor, const char *by,
				 const char *note);
hub_status exchange_steps(store *db, const exchange_request *q, arena *a, exchange_step **ret, size_t *ret_count);

typedef struct viewing {
	int64_t point, party;
	const char *person, *purpose;
	const char *what;  /* "readings", "bill", "account", "session" */
	uint16_t quantity; /* 0: of none */
	int16_t grain;
	hub_time at;						   /* set by the store */
	const char *point_code, *party_code, *party_zh, *party_en; /* read only */
} viewing;

/* Of points that are somebody else's home's; those of others are left out. Once a day. */
hub_status viewing_note(store *db, const viewing *v, const int64_t *points, size_t count);
/* Of points that the party lives at or owns, in its own time there; or what it looked at itself. The newest first. */
hub_status viewing_of_home(store *db, int64_t party, size_t limit, arena *a, viewing **ret, size_t *ret_count);
hub_status viewing_by(store *db, int64_t party, size_t limit, arena *a, viewing **ret, size_t *ret_count);

#endif
