/*
 * Commands to devices: requested → approved → queued → sent → confirmed | refused | expired. Every change is
 * one statement that names the states it may come from, so that two who act at once cannot both succeed; who
 * hands a command to a zone does so under a fence. docs/decisions/0015-commands.md
 */
#ifndef STORE_COMMAND_H
#define STORE_COMMAND_H

#include "store/store.h"

typedef struct command {
	int64_t point, id;
	int64_t batch;	     /* 0: alone */
	int64_t requester;   /* party */
	const char *key;     /* of idempotency, "": none */
	const char *request; /* digest of what was asked */
	int64_t party;	     /* of the device */
	const char *meter, *channel, *kind;
	const char *arguments; /* JSON object */
	bool cuts_off;
	const char *reason, *requested_by, *decided_by;
	const char *state, *cause;
	const char *details;		    /* JSON object: what the device said with its end */
	hub_time requested, expires, ended; /* ended 0: open */
	int32_t attempts, attempts_max;
	int64_t fence;
	const char *instance;
} command;

typedef struct command_step {
	hub_time at;
	const char *state; /* "": it stayed */
	const char *by, *note;
} command_step;

/* Which device stands at a point, and by which of its channels. */
typedef struct command_device {
	int64_t party;
	const char *meter, *channel;
} command_device;
hub_status command_device_at(store *db, int64_t point, hub_time at, arena *a, command_device *ret); /* HUB_MISSING */

/*
 * Adds with state "requested" or, if approved, "queued" (both steps are written). *ret_id: its number; *ret_new
 * false: the requester's key is there already, and the number is that command's. HUB_CONFLICT: the key stands for
 * another request. In the caller's transaction.
 */
hub_status command_add(store *db, const command *c, bool approved, int64_t *ret_id, bool *ret_new);
hub_status command_by_id(store *db, int64_t id, arena *a, command *ret); /* HUB_MISSING */
hub_status command_steps(store *db, int64_t point, int64_t id, arena *a, command_step **ret, size_t *ret_count);

typedef struct command_filter {
	int64_t point;	   /* 0: any */
	int64_t requester; /* 0: any */
	const char *state; /* NULL: any */
	const char *meter; /* NULL: any */
	int64_t before;	   /* below this number; 0: from the newest */
} command_filter;
hub_status command_list(store *db, const command_filter *f, size_t limit, arena *a, command **ret, size_t *ret_count);

/* requested → approved → queued by another person. HUB_CONFLICT: it is in another state or by the same person. */
hub_status command_approve(store *db, int64_t id, const char *by);
/* Anything that was not sent → refused. HUB_CONFLICT: it was sent or has ended. */
hub_status command_cancel(store *db, int64_t id, const char *by, const char *cause);

/* Up to limit commands that are due, each under a new fence and for `lease` µs, skipping what others hold. */
hub_status command_claim(store *db, int64_t lease, size_t limit, arena *a, command **ret, size_t *ret_count);
/* What came of handing it over: due again after `wait` µs. note "": none. Nothing if the fence is older. */
hub_status command_handed(store *db, const command *c, const char *instance, int64_t wait, const char *note);
/* queued → sent, by who published it to its device. Nothing if the fence is older. */
hub_status command_sent(store *db, const command *c);
/* As command_handed, and no instance has it: any may be asked. */
hub_status command_released(store *db, const command *c, int64_t wait, const char *note);
/* queued → refused, by a zone that will never take it. Nothing if the fence is older. */
hub_status command_refuse(store *db, const command *c, const char *cause);
/* Those past their time, or handed over too often, end. `grace` µs: a result may be on its way. */
hub_status command_expire(store *db, int64_t grace, size_t *ret_count);

/*
 * A device's result, in the transaction that stores it. Only instances of the device's party are heard.
 * *ret_point 0: it tells of no command of theirs. "no_answer" is a word and no end.
 */
hub_status command_told(store *db, int64_t party, const hub_result *r, const char *details, int64_t *ret_point);

#endif
