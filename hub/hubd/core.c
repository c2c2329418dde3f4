#include "hubd/core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { MEMORY_MAX = 256 * 1024 * 1024, KNOCK = 50000 /* µs between attempts to reach a database that is away */ };

void core_url(const core *c, const char *daemon_name, wire_kind kind, char *out, size_t size)
{
	static const char *const names[] = { "intake", "call", "order", "hint" };
	const char *colon = strrchr(c->zone_base, ':');
	if (!strncmp(c->zone_base, "tls+tcp://", 10))
		snprintf(out, size, "%.*s:%d", (int)(colon - c->zone_base), c->zone_base, atoi(colon + 1) + (int)kind);
	else
		snprintf(out, size, "%s/%s.%s", c->zone_base, daemon_name, names[kind]);
}

const wire_tls *core_tls(const core *c)
{
	return c->tls.ca && c->tls.ca[0] ? &c->tls : NULL;
}

void worker_init(worker *w, const core *c)
{
	*w = (worker){ .core = c };
	arena_init(&w->memory, MEMORY_MAX);
}

void worker_fini(worker *w)
{
	intake_worker_free(w->intake);
	store_close(w->db);
	arena_fini(&w->memory);
	*w = (worker){ 0 };
}

/*
 * A server that starts again is slowed by each that knocks, and all of us would; so one of the process's threads tries
 * at a time, and once it is let in all do.
 */
static hub_status reach(worker *w, hub_fault *fault)
{
	static _Atomic int64_t next; /* monotonic; 0: the database was there when last asked */
	if (w->db && store_alive(w->db) && w->intake)
		return HUB_OK;
	int64_t now = clock_monotonic(), due = atomic_load(&next);
	if (due && (now < due || !atomic_compare_exchange_strong(&next, &due, now + KNOCK)))
		return HUB_AGAIN;
	hub_status st = w->db ? store_ready(w->db) : store_open(w->core->database, &w->db, fault);
	if (st != HUB_AGAIN)
		atomic_store(&next, 0);
	else if (!due)
		atomic_store(&next, now + KNOCK);
	if (st == HUB_OK && !w->intake)
		st = intake_worker_new(w->core->intake, w->db, &w->intake);
	return st;
}

hub_status worker_ready(worker *w)
{
	hub_fault fault = { 0 };
	arena_reset(&w->memory);
	hub_status st = reach(w, &fault);
	if (st != HUB_OK && !w->away)
		log_error("database: %s (%s)", fault.message[0] ? fault.message : "away", hub_status_name(st));
	if (st == HUB_OK && w->away)
		log_info("database: back");
	w->away = st != HUB_OK;
	return st;
}
