/*
 * The parties beside the simulated city's devices, as they come to the hub's own doors: the grid's metering automation,
 * the water and the gas company, an estate's management, a third party's app, a payment and a message provider. Each
 * knows its token, or its certificate, and nothing of the hub's insides.
 */
#ifndef PEERS_PEER_H
#define PEERS_PEER_H

#include <curl/curl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/invoice.h"

enum { PEER_WORD = 128 };

typedef struct peer peer;

/* The outside of the hub, and the city that is simulated. */
typedef struct outside {
	const char *http;	/* the HTTP door, http://127.0.0.1:8480 */
	const char *party_door; /* that for certificates, https://localhost:9443; NULL: closed */
	const char *state;	/* folder with ca.pem, city-power.crt and .key */
	sim_city city;
	int64_t from;  /* s since 1970: all registers stood at nought */
	int64_t until; /* the history's end */
	int64_t leaks; /* an hour since 1970: when leaks began */
	CURL *curl;
} outside;

typedef struct peer_kind {
	const char *name; /* the party's code */
	bool certificate; /* comes to the party door with it, not with a token */
	int64_t every;	  /* s between its rounds */
	/* What it does by itself; false: it failed, and is tried again the next time. */
	bool (*round)(peer *p, int64_t now);
	/* A message of its feed; false: it is to come again. NULL: taken, and that is all. */
	bool (*heard)(peer *p, const json_t *body, int64_t now);
} peer_kind;

struct peer {
	const peer_kind *kind;
	outside *hub;
	char token[PEER_WORD], key[PEER_WORD]; /* key: what it signs with */
	int64_t next;			       /* round */
	int64_t done;			       /* what the kind wants to remember */
	int64_t again;			       /* not before, what it could not do to the end */
	uint64_t taken, sent;		       /* of feeds; calls that changed something */
};

extern const peer_kind peer_kinds[];
extern const size_t peer_kind_count;

/*
 * One call; body NULL: GET, else a POST of JSON. The answer's document, for the caller to free, or NULL;
 * *ret_status: HTTP's, 0: nobody answered. name: the call's Idempotency-Key, or NULL.
 */
json_t *peer_call(peer *p, const char *path, const char *body, const char *name, long *ret_status);
/* The same with a body of another media type. */
json_t *peer_post(peer *p, const char *path, const char *type, const char *body, const char *name, long *ret_status);
/* What its feed has, told to the kind and acknowledged. False: the hub could not be reached. */
bool peer_feed(peer *p, int64_t now);
/*
 * The last month's bills that the company makes by itself, once the month is over (peer.done is the month that is done
 * with). What was handed in twice is there once. False: not all of them yet; the rest is tried again an hour later.
 */
bool peer_bill(peer *p, sim_biller b, int64_t now);
/* s since 1970 as 2026-10-01T00:00:00Z. */
const char *peer_time(int64_t second, char ret[24]);

/* The message provider: takes what webhooks bring, on a thread of its own. False: the port is taken. */
bool peer_messages_listen(int port);

#endif
