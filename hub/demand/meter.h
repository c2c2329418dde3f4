/* What was used, from metering only: active power of points, in W, and the baseline of an event. */
#ifndef DEMAND_METER_H
#define DEMAND_METER_H

#include "demand/baseline.h"
#include "store/demand.h"

/*
 * Mean of the readings of each point (rising) in [from, to), each to the nearest watt: of active_power, or of a charger's
 * ev_power, its connectors together. ret_has[i] false: nothing was read.
 */
hub_status demand_power(store *db, const int64_t *points, size_t count, hub_time from, hub_time to, arena *a, int64_t *ret_means,
			bool *ret_has);

/*
 * Of each point (rising): its history for the event's time of day on the last ten days without an event of the programme,
 * and its baseline. known[i] false: too few days, it takes no part.
 */
hub_status demand_baselines(store *db, const demand_programme *p, const demand_event *e, const int64_t *points, size_t count,
			    arena *a, int64_t *ret_baselines, int64_t *ret_errors, bool *ret_known);

#endif
