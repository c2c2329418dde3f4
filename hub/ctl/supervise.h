/*
 * Runs a list of units until told to stop: services, restarted when they end, and steps, which
 * must end well before the units behind them start. Started in order, stopped in reverse.
 */
#ifndef CTL_SUPERVISE_H
#define CTL_SUPERVISE_H

#include "base/buf.h"
#include "ctl/process.h"

#include <hub/adapter.h>

typedef enum unit_kind {
	UNIT_SERVICE,
	UNIT_STEP,  /* its failure ends everything */
	UNIT_CHECK, /* comes last; its success makes the whole ready, its failure is only told */
} unit_kind;

/* A unit is in one state; unit_move is the only one to change it. */
typedef enum unit_state {
	UNIT_WAITING,  /* for the steps before it */
	UNIT_RUNNING,
	UNIT_BACKOFF,  /* ended; started again at `next` */
	UNIT_STOPPING, /* told to end; killed at `next` */
	UNIT_STOPPED,
	UNIT_DONE,     /* steps and checks: ended with 0 */
	UNIT_FAILED,   /* steps and checks: ended otherwise */
} unit_state;

typedef struct unit {
	const char *name;
	unit_kind kind;
	process_spec process;
	int stop_signal;
	int64_t stop_timeout; /* µs from stop_signal to SIGKILL */

	unit_state state; /* from here on the supervisor's */
	pid_t pid;        /* 0 unless RUNNING or STOPPING */
	hub_time since;   /* in this state, wall clock */
	int64_t started, next; /* monotonic µs */
	int64_t delay;    /* the back-off to come */
	unsigned restarts;
	char last[48];    /* how it ended last, "" if it never did */
} unit;

enum { BACKOFF_FIRST = 100000, BACKOFF_MAX = 10000000, BACKOFF_RESET = BACKOFF_MAX };

/* The back-off after a run of `ran` µs, given the one before: doubles to BACKOFF_MAX. One that ran longer than the
   longest rest begins anew: whoever is killed from outside, however often, is back at once. */
int64_t backoff_next(int64_t before, int64_t ran);

const char *unit_state_name(unit_state s);

typedef struct supervisor_events {
	/* After any change; the units are the caller's array. */
	void (*changed)(void *user, const unit *units, size_t count);
	/* Once: a check ended well (HUB_OK), or it or a step failed. */
	void (*ready)(void *user, hub_status st, const unit *which);
	void *user;
} supervisor_events;

/*
 * Returns when every unit has stopped: after SIGTERM or SIGINT (HUB_OK) or because a step failed
 * (HUB_FAILED). SIGHUP is passed on to the services. Must run in a process with one thread; takes
 * over its signals and becomes the reaper of orphans, which it ends.
 */
hub_status supervise(unit *units, size_t count, const supervisor_events *events);

/* The units as a JSON array of {"name","kind","state","pid","since","restarts","user","last"}. */
void units_json(buf *out, const unit *units, size_t count);

#endif
