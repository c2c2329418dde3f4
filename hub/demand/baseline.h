/*
 * What a resource would have used: the mean of the highest five (or of all) of the last ten comparable days at the same
 * time, moved by how today differed from those days before the event, at most a fifth. Pure, whole watts.
 */
#ifndef DEMAND_BASELINE_H
#define DEMAND_BASELINE_H

#include <hub/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DEMAND_DAYS = 10, DEMAND_DAYS_MIN = 5, DEMAND_ADJUST_MAX = 5 /* a part of so many */ };

typedef enum demand_method { DEMAND_5_OF_10, DEMAND_10_OF_10 } demand_method;

/* Days without an event, the nearest first. */
typedef struct demand_history {
	bool has[DEMAND_DAYS];
	int64_t window[DEMAND_DAYS]; /* W, mean of the event's time of day */
	int64_t before[DEMAND_DAYS]; /* W, mean of the hours before that time */
	bool has_today;
	int64_t today; /* W, mean of the hours before the event; without it nothing is adjusted */
} demand_history;

/* HUB_MISSING: fewer than five days are known. *ret_raw (may be NULL): without the adjustment. */
hub_status demand_baseline(demand_method how, const demand_history *h, int64_t *ret, int64_t *ret_raw);
/*
 * How wrong it was on the known days themselves, each foretold from the others: the sum of deviations by the sum of what
 * was used, in millionths. HUB_MISSING as above.
 */
hub_status demand_baseline_error(demand_method how, const demand_history *h, int64_t *ret);

/* Mean of readings, to the nearest watt, halves up; count > 0. */
int64_t demand_mean(int64_t sum, int64_t count);

#endif
