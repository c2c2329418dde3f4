/* OCPP 1.6J inside: the instance, a session, and what its parts say to each other. */
#ifndef OCPP16_OCPP16_H
#define OCPP16_OCPP16_H

#include <jansson.h>

#include "schema.h"
#include "station.h"

enum { CALL_ID = 37, COMMAND_ID = 129, QUEUE_MAX = 64, QUIRKS_MAX = 32 };

typedef struct maker {
	char vendor[21]; /* prefix of chargePointVendor */
	uint32_t quirks;
} maker;

typedef struct instance {
	const hub_host_api *api;
	hub_host *host;
	stations all;
	int interval;	      /* s, heartbeat */
	hub_time call_time;   /* µs that a station may take to answer */
	hub_time sample_time; /* µs of an interval value whose predecessor is unknown */
	bool unknown_tags;    /* pass */
	boot_state unknown_station;
	uint32_t quirks; /* of all */
	maker makers[QUIRKS_MAX];
	size_t maker_count;
	char station[65]; /* who speaks, if the link has no name; "" for the link's */
	bool keep_signed;
	hub_time look_time; /* µs between a station's yes and reading back; -1: its yes is enough */
} instance;

/*
 * A CALL of ours: waiting, or the one that is out. An order that can be checked is asked twice: what it
 * wants, and then what became of it.
 */
typedef struct look look;
typedef struct order {
	struct order *next;
	char command[COMMAND_ID]; /* "" for one that nobody ordered */
	char id[CALL_ID];
	const action *a;
	char *payload; /* JSON: what it wants */
	char channel[12];
	hub_time expires; /* 0: never */
	hub_time after;	  /* not before; 0: at once */
	bool told;	  /* as sent, now or by a process before */
	bool looking;	  /* the CALL reads back */
	char said[24];	  /* the station's yes; "": none heard */
} order;

typedef struct session {
	instance *in;
	hub_link *link;
	station *st;
	bool live;	     /* a station, not a file */
	size_t index, taken; /* records of the message at hand: reached now; given to the host before */
	const uint8_t *raw;
	size_t raw_len;
	order *queue, *out; /* `out` was sent and has no answer yet */
	size_t queued;
	hub_time deadline; /* of out */
	uint64_t mark, calls;
	hub_time opened;
} session;

/* Every record of a message goes through these, so that a repeat after HUB_AGAIN skips what was taken. */
hub_status session_emit(session *s, hub_record *r);
hub_status session_refuse(session *s, const hub_fault *fault);
bool session_lenient(const session *s);

/* "" for connector 0, the station itself. */
const char *channel_of(int64_t connector_id, char out[12]);
int64_t member_int(const json_t *o, const char *name, int64_t fallback);
const char *member_text(const json_t *o, const char *name, const char *fallback);
hub_time member_time(const session *s, const json_t *o, const char *name); /* 0: absent */

/*
 * A station's CALL (calls.c). Emits what it says and gives the answer's payload. *ret_error other
 * than OCPP_FINE with *why: the answer is a CALLERROR.
 */
hub_status call_answer(session *s, const action *a, const json_t *payload, json_t **ret, violation *why);
void calls_quirks(session *s, const char *vendor);

/* A list of MeterValue (meter.c): readings, and a transaction's update if it is of one. */
hub_status meter_values(session *s, const json_t *list, int64_t connector_id, int32_t transaction, bool updates);
/* A register of meterStart and meterStop, in Wh. */
hub_status meter_register(session *s, int64_t connector_id, int64_t wh, hub_time time);

/* Orders (orders.c, order_make.c). */
hub_status orders_take(session *s, const hub_command *command);
hub_status orders_timer(session *s, hub_time now);
hub_status orders_answered(session *s, const char *id, const json_t *payload);
hub_status orders_failed(session *s, const char *id, const char *code, const char *text);
void orders_free(session *s);

/*
 * Reading back (orders_look.c). look_of: how the effect of this action is read; NULL: the protocol has no way.
 * look_make: the CALL that reads; look_judge: what its answer says of the order.
 */
typedef enum look_word {
	LOOK_DONE,     /* as ordered */
	LOOK_NOT_DONE, /* otherwise */
	LOOK_BLIND,    /* the answer does not tell */
} look_word;
const look *look_of(const order *o);
const action *look_action(const look *l);
json_t *look_payload(const session *s, const look *l, const json_t *meant);
look_word look_judge(const session *s, const look *l, const json_t *meant, const json_t *answer);
/* Asking it again changes nothing at the station. */
bool look_harmless(const order *o);
/* The action and payload of a command. HUB_REJECT with *fault; HUB_MISSING: no such kind. */
hub_status order_make(const session *s, const hub_command *command, const action **ret, json_t **ret_payload,
		      hub_fault *fault);
/* The payload of charger_limit (order_limit.c): {limit, unit A|W|kW, until or duration s, phases, transaction, stack}.
 */
hub_status limit_make(const session *s, const hub_command *c, json_t **ret, hub_fault *fault);
hub_status order_bad(hub_fault *fault, const char *name, const char *of, const char *rule);

/* The frame at hand (frame.c). */
hub_status frame_take(session *s);

hub_status options_read(instance *in, const hub_setting *settings, hub_fault *fault);

#endif
