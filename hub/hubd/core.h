/* What hubd's roles share, and a worker: one thread's connection, caches and memory. */
#ifndef HUBD_CORE_H
#define HUBD_CORE_H

#include <stdatomic.h>

#include "api/api.h"
#include "intake/intake.h"
#include "store/retention.h"
#include "store/store.h"
#include "wire/wire.h"

typedef struct core {
	const char *database;  /* conninfo */
	const char *zone_base; /* "ipc:///run/uhub/zone" */
	wire_tls tls;          /* ca "" for ipc */
	const char *keys;      /* directory of the core's keys; "": none */
	intake *intake;
	struct alarm_watch *alarms;
	api *api;
	uint64_t epoch;        /* of this process's life */
	retention keep;	       /* what deliveries left behind */
	atomic_bool stopping;
} core;

/* The address of a daemon's wire; ports of tls+tcp count up in wire_kind's order. */
void core_url(const core *c, const char *daemon_name, wire_kind kind, char *out, size_t size);
const wire_tls *core_tls(const core *c); /* NULL for ipc */

typedef struct worker {
	const core *core;
	store *db;              /* NULL until the database was reached once */
	intake_worker *intake;
	arena memory;           /* of the message being answered */
	bool away;              /* the database could not be reached; logged once */
} worker;

void worker_init(worker *w, const core *c);
void worker_fini(worker *w);
/* Connected, with empty memory. HUB_AGAIN: the database is away. */
hub_status worker_ready(worker *w);

#endif
