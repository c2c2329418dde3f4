/*
 * Which resources a demand-response event calls, and for how much: the pure core of dispatch. No
 * database, clock or floating point; the same input gives the same selection.
 *
 * A resource gives nothing, or between `min` and `max`. What it is expected to deliver is what is
 * ordered times its delivery rate, learned from the past; what may be ordered on a feeder is bounded
 * by the order itself, since all of it may come. The selection reaches the target at least expected
 * cost, within what whole resources permit: never below it, and above it by less than the smallest
 * step of the dearest resources chosen.
 */
#ifndef DEMAND_SELECT_H
#define DEMAND_SELECT_H

#include <hub/status.h>

#include <stddef.h>
#include <stdint.h>

enum {
	DEMAND_RATE_ONE = 1000000,      /* a delivery rate of 1 */
	DEMAND_POWER_MAX = 100000000,   /* W of one resource */
	DEMAND_COST_MAX = 1000000000,   /* of one kW delivered */
};

#define DEMAND_NO_FEEDER UINT32_MAX

typedef struct demand_resource {
	int64_t min, max; /* W, 0 ≤ min ≤ max ≤ DEMAND_POWER_MAX; max 0: protected or unavailable now */
	int64_t cost;     /* of one kW delivered for the event, 10^-4 of the currency's unit, 0 … DEMAND_COST_MAX;
			     with the fairness debt that the programme adds */
	uint32_t rate;    /* delivered of ordered, 0 … DEMAND_RATE_ONE */
	uint32_t feeder;  /* index into caps; DEMAND_NO_FEEDER */
} demand_resource;

typedef struct demand_selection {
	int64_t expected;  /* W delivered, rounded down */
	int64_t cost;      /* expected, 10^-4 of the currency's unit, rounded up */
	int64_t marginal;  /* the cost per kW at which the target was reached */
	size_t called;     /* resources with an order */
} demand_selection;

/*
 * orders[count] is set: W ordered of each. caps: W that may be ordered on each feeder.
 * HUB_RANGE: the target is out of reach; orders then hold all that can be had.
 * HUB_REJECT: a value outside its range. HUB_NOMEM.
 */
hub_status demand_select(const demand_resource *resources, size_t count, const int64_t *caps, size_t feeders,
			 int64_t target, int64_t *orders, demand_selection *ret);

/*
 * How far a charging vehicle's power can be lowered for the event so that it still leaves with what it
 * needs: W below `power`. min_power is the least the station can hold (0 if it may pause), max_power
 * what it can draw after the event; need is the energy in Wh still wanted at departure; times in s from
 * now. 0 if nothing can be spared.
 */
typedef struct demand_vehicle {
	int64_t power, min_power, max_power; /* W */
	int64_t need;                        /* Wh */
	int64_t departure;                   /* s from now */
} demand_vehicle;
int64_t demand_vehicle_slack(const demand_vehicle *v, int64_t start, int64_t end);

#endif
