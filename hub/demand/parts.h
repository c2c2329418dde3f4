/* An event under way with all that belongs to it; internal to the room. */
#ifndef DEMAND_PARTS_H
#define DEMAND_PARTS_H

#include "demand/event.h"
#include "demand/learn.h"
#include "demand/meter.h"

typedef struct demand_stage {
	store *db;
	arena *arena;
	demand_event *event;
	hub_time now;
	const demand_hands *hands;
	demand_programme programme;
	demand_member *members; /* by feeder, point */
	size_t member_count;
	demand_order *orders; /* by round, point */
	size_t order_count;
} demand_stage;

hub_status demand_stage_open(demand_stage *s);

/* plan.c: writes down the round's orders, for `need` W of those that were not called yet. */
hub_status demand_plan(demand_stage *s, int64_t need);
/* settle.c: what each order delivers now; what the event taught and pays. */
hub_status demand_measure(demand_stage *s);
hub_status demand_settle(demand_stage *s);

#endif
