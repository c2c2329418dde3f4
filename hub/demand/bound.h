/*
 * What no selection can undercut: the optimum of the linear programme in which every resource may give
 * any part of its most. By CLP, in floating point; to hold selections against, never to order by.
 */
#ifndef DEMAND_BOUND_H
#define DEMAND_BOUND_H

#include "demand/select.h"

/* *ret_cost: 10^-4 of the currency's unit. HUB_RANGE: the target is out of reach. */
hub_status demand_bound(const demand_resource *resources, size_t count, const int64_t *caps, size_t feeders,
			int64_t target, double *ret_cost);

#endif
