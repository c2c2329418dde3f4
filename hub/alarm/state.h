/*
 * When an alarm is raised and when it is cleared: one value after the other through a state, by the device's
 * clock. Pure.
 *
 *   idle → pending (beyond) → raised (for `hold`) → clearing (back behind `clear`) → cleared (for `clear_hold`)
 *
 * Between `raise` and `clear` an alarm stays as it is. A value that is not newer than the last one that counted
 * changes nothing, so readings that come late or twice neither raise nor clear.
 */
#ifndef ALARM_STATE_H
#define ALARM_STATE_H

#include <hub/adapter.h>

typedef enum alarm_state { ALARM_IDLE, ALARM_PENDING, ALARM_RAISED, ALARM_CLEARING, ALARM_CLEARED } alarm_state;

extern const char *const alarm_state_names[];

typedef struct alarm_limit {
	bool over; /* beyond is above `raise`; else below it */
	hub_value raise, clear;
	int64_t hold, clear_hold; /* µs */
} alarm_limit;

typedef struct alarm_track {
	alarm_state state;
	hub_time since; /* beyond (pending, raised), back (clearing) */
	hub_time last;
	hub_value value;
	bool raised; /* in any of the steps since it was loaded */
} alarm_track;

/* *ret_changed: the state is another. After ALARM_CLEARED it begins anew. */
void alarm_step(const alarm_limit *limit, alarm_track *t, hub_time time, hub_value value, bool *ret_changed);

#endif
