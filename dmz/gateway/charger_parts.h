/* Inside of the charger port: a station's connection from its first byte to its last. */
#ifndef GATEWAY_CHARGER_PARTS_H
#define GATEWAY_CHARGER_PARTS_H

#include "charger.h"
#include "handover.h"
#include "limit.h"
#include "serving.h"
#include "stream.h"
#include "upgrade.h"
#include "wsframe.h"

enum { NAMES = 16384, ADMITTED = 16384 };

typedef enum station_state {
	STATION_HEAD,	 /* its request is coming in */
	STATION_ASKED,	 /* the core decides */
	STATION_WAITING, /* adapterd is being reached */
	STATION_OPEN,
	STATION_ENDING, /* what waits is written, then it closes */
} station_state;

typedef struct station {
	stream s; /* first: libuv's callbacks find the station by it */
	forward_owner owner;
	charger_port *port;
	struct station *prev, *next; /* all */
	struct station *named;	     /* of the same bucket of names */
	struct station *dirty;	     /* the next to be flushed, if is_dirty */
	bool is_dirty;
	station_state state;
	limit_address *address;
	buf in;
	upgrade *u; /* until it is open */
	forward *asked;
	handover *to;
	uint64_t session;
	char name[UPGRADE_STATION];
	wsframe ws;
	int64_t heard, pinged, deadline; /* monotonic µs */
	int64_t second;			 /* the window in which `messages` came */
	unsigned messages;
} station;

/* What the core said lately: SHA-256 over what was shown, and the instance. */
typedef struct admitted {
	uint8_t shown[32];
	char instance[HANDOFF_NAME];
	int64_t until; /* 0: free */
} admitted;

struct charger_port {
	uv_loop_t *loop;
	charger_settings settings;
	forwarder *forwarder;
	limit *limit;
	tls *tls;
	serving *serving; /* NULL: no TLS */
	uv_tcp_t listeners[2]; /* plain, TLS */
	bool listening[2];
	uv_timer_t timer;
	uv_prepare_t prepare;
	handovers *handovers;
	station *all, *dirty;
	station *seats[HANDOFF_PLACES];
	uint32_t seat_next, generation;
	station *names[NAMES];
	admitted admitted[ADMITTED];
	uint64_t refused, opened;
	bool stopping;
};

/* charger_admit.c: asks the core, or remembers what it said within the minute. Ends in station_admitted or
 * station_refuse. */
void station_admit(station *st);
void station_answered(forward_owner *owner, forward *w);

/* charger_session.c */
void station_admitted(station *st, const char *instance);
void station_refuse(station *st, int status, const hub_fault *fault);
void station_heard(station *st, const uint8_t *bytes, size_t len);
/* Tells adapterd, and the peer by a close frame unless code is 0. */
void station_end(station *st, uint16_t code, const char *reason);
void station_dirty(station *st);
void sessions_changed(void *user, const handover *h, bool there);
void sessions_heard(void *user, const handoff *frame);
void sessions_tick(charger_port *p, int64_t now);

#endif
