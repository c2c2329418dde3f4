/*
 * An event from notice to settlement, a step at a time: planned → told → active → releasing → over. What is delivered is
 * known from metering only. Whoever steps hands over orders; the room knows nothing of how.
 */
#ifndef DEMAND_EVENT_H
#define DEMAND_EVENT_H

#include "base/buf.h"
#include "store/demand.h"

/*
 * Orders a limit in W of a resource, until a time. *ret_command: its number, 0 for a scheme; *ret_cause: why nobody will
 * carry it out, "" if it is on its way. The same key again is the same order. HUB_OK also if it is refused.
 */
typedef struct demand_hands {
	hub_status (*order)(void *user, const demand_programme *p, const demand_event *e, const demand_member *m, int64_t watts,
			    hub_time until, const char *key, int64_t *ret_command, const char **ret_cause);
	void *user;
} demand_hands;

/* One step of a claimed event, as far as `now` asks for one; moves it and gives its lease back. */
hub_status demand_step(store *db, demand_event *e, hub_time now, const demand_hands *hands, arena *a);

/* The report: target, orders, curve a minute, baselines with their errors, results. A JSON object, appended. */
hub_status demand_report(store *db, const demand_event *e, hub_time now, arena *a, buf *out);

#endif
