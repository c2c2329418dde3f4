#include "hubd/core.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEMORY_MAX = 256 * 1024 * 1024 };

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

static hub_status reach(worker *w, hub_fault *fault)
{
	hub_status st = w->db ? store_ready(w->db) : store_open(w->core->database, &w->db, fault);
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
