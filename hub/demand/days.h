/*
 * Which days compare: workdays with workdays, weekends and holidays with one another, by the calendar of a tariff
 * (docs/tariffs.md: zone, holidays, workdays). Without one all days are alike.
 */
#ifndef DEMAND_DAYS_H
#define DEMAND_DAYS_H

#include "base/zone.h"
#include "store/store.h"

typedef struct demand_days {
	zone *zone; /* NULL: all days are alike */
	const int64_t *holidays, *workdays; /* days since 1970, in the arena */
	size_t holiday_count, workday_count;
} demand_days;

/* tariff: a code, as it is in force at the time; "": none. HUB_MISSING: there is no such tariff, or none with a zone. */
hub_status demand_days_open(store *db, const char *tariff, hub_time at, arena *a, demand_days *ret);
void demand_days_close(demand_days *d);

/* Weekends and holidays, save those that are worked on. Pure. */
bool demand_days_rest(const demand_days *d, hub_time t);

#endif
