/*
 * What lies before the doors that push: webhook, MQTT and drop directory. One head per subscription
 * says where it stands, and one lease at a time may move it.
 *
 * An entry points at a stored batch. It is queued behind `sent`, leased while a lease runs, sent up
 * to `sent`, acknowledged up to `acknowledged`, or among the dead. A lease has a number; whoever
 * comes with an older one changes nothing, so a process that was thought dead does no harm.
 */
#ifndef STORE_OUTBOX_H
#define STORE_OUTBOX_H

#include "base/log.h"
#include "store/store.h"

/* Up to `position` all, and of the entry behind it the rows below `item`. */
typedef struct outbox_mark {
	uint64_t position;
	uint32_t item;
} outbox_mark;

/* How a subscription is served. */
typedef struct outbox_head {
	int64_t party, subscription;
	const char *door;   /* "webhook", "mqtt", "drop" */
	const char *target; /* a webhook's URL; "" else */
	uint32_t bundle_count, bundle_bytes;
	int64_t bundle_wait, give_up; /* µs */
	const char *state;	      /* "pending" (not verified), "active", "paused" */
	const char *reason;	      /* why it is paused */
	const char *challenge;
	uint64_t last; /* position given */
	outbox_mark sent, acknowledged;
	uint64_t lease;
	bool leased;	      /* a lease runs */
	hub_time due, resend; /* 0: never */
	uint32_t attempts;    /* failed since the last success */
	hub_time failing;     /* since; 0: it does not */
	int last_status;
	const char *last_code, *last_message;
	hub_time last_try, last_ok, made;
	uint64_t dead; /* letters; outbox_get and outbox_list only */
} outbox_head;

/* With the subscription, in the caller's transaction; marks, lease and times are not read.
   A webhook begins "pending" with its challenge. HUB_REJECT: a limit out of range. */
hub_status outbox_open(store *db, const outbox_head *h, hub_fault *fault);
hub_status outbox_get(store *db, int64_t party, int64_t subscription, arena *a, outbox_head *ret); /* HUB_MISSING */
/* Of a party (0: all) whose subscriptions are in force, by subscription. */
hub_status outbox_list(store *db, int64_t party, arena *a, outbox_head **ret, size_t *ret_count);

/*
 * The sequencer's part, in its transaction: what these announcements tell goes before the doors of
 * the subscriptions that match, in their order. announcements: a statement's one parameter.
 */
struct args;
hub_status outbox_give(store *db, const struct args *announcements);

/* This connection holds leases under that number (above 0, its own) until it ends. */
hub_status outbox_hold(store *db, int32_t holder);
/*
 * Leases whose holders' connections have ended are free at once, and so is what was last tried in the future: the
 * database's clock went back, and would have to come there again. Its holder's outcome counts until it is leased anew.
 */
hub_status outbox_free(store *db);
typedef struct outbox_held {
	int64_t subscription;
	uint64_t lease;
} outbox_held;
/*
 * Of this holder's leases all but these are free at once: a server that ended suddenly may have kept a lease and forgotten
 * that it was settled (store_relax), and its holder lives.
 */
hub_status outbox_keep_only(store *db, int32_t holder, const outbox_held *held, size_t count);
/*
 * At most `limit` of those that are due, for `lease` µs; failing false: none of those whose last
 * attempt failed. Never two leases at once on one subscription.
 */
hub_status outbox_lease(store *db, int32_t holder, size_t limit, int64_t lease, bool failing, arena *a,
			outbox_head **ret, size_t *ret_count);

typedef struct outbox_entry {
	uint64_t position, receipt;
	hub_time at;	/* when it was numbered */
	int64_t sender; /* party of the source; 0: the receipt is gone */
	const char *source;
	trace_id trace;
} outbox_entry;
hub_status outbox_take(store *db, int64_t party, int64_t subscription, uint64_t after, size_t limit, arena *a,
		       outbox_entry **ret, size_t *ret_count);

typedef enum outbox_result { OUTBOX_FAILED, OUTBOX_GOOD, OUTBOX_LATE } outbox_result;

/* What became of a lease. */
typedef struct outbox_outcome {
	int64_t party, subscription;
	uint64_t lease;
	outbox_mark acknowledged, sent; /* where it came to */
	outbox_result result;		/* of the last message; LATE: not tried */
	bool progress;			/* something was acknowledged before it failed */
	int64_t delay;			/* µs to the next attempt if it failed */
	int status;
	const char *code, *message;
} outbox_outcome;
/*
 * Ends the lease. What failed and is older than the subscription's patience becomes dead, which
 * lets the rest go on. HUB_CONFLICT: the lease is another's by now, nothing was changed.
 */
hub_status outbox_settle(store *db, const outbox_outcome *o);
/* The target has echoed the challenge: active from now on. HUB_CONFLICT as above. */
hub_status outbox_verified(store *db, int64_t party, int64_t subscription, uint64_t lease);
/*
 * The recipient has everything up to `position`; again: it asks for what is behind it anew. What was
 * not sent is not believed; what a running lease may have sent is believed once that is settled.
 */
hub_status outbox_acknowledge(store *db, int64_t party, int64_t subscription, uint64_t position, bool again);
/*
 * Believes what was acknowledged while the lease ran, now that it is settled: a quick recipient speaks
 * before the courier knows what went out. After what went out is written down, in the same transaction.
 */
hub_status outbox_hear(store *db, int64_t party, int64_t subscription);

/* HUB_MISSING: no such subscription behind such a door. A lease that runs ends its message. */
hub_status outbox_pause(store *db, int64_t party, int64_t subscription, const char *reason);
/* HUB_CONFLICT: it was never verified. */
hub_status outbox_resume(store *db, int64_t party, int64_t subscription);
/* From this position on everything is sent once more. HUB_MISSING; HUB_RANGE: beyond the last one. */
hub_status outbox_replay(store *db, int64_t party, int64_t subscription, uint64_t position);
/* The first position numbered at or after `from`; one beyond the last if none is. Where that is the first one kept and
   others were cleared, the one before, so that a replay says so. */
hub_status outbox_position_at(store *db, int64_t party, int64_t subscription, hub_time from, uint64_t *ret);

/* How far back a replay reaches: the first position that is still kept; one beyond the last if none is. */
hub_status outbox_earliest(store *db, int64_t party, int64_t subscription, uint64_t *ret);

/* For health: entries not acknowledged, since when the oldest failing subscription fails, dead letters. */
typedef struct outbox_health {
	uint64_t queued, subscriptions, failing, dead;
	hub_time failing_since, oldest_due; /* 0: none */
} outbox_health;
hub_status outbox_health_read(store *db, outbox_health *ret);

#endif
