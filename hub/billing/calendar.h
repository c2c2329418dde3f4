/*
 * Price periods (尖峰平谷): which period holds at a local time, by season, kind of day and time of
 * day. Every minute of every day belongs to exactly one. Compiled per zone into edges in UTC.
 */
#ifndef BILLING_CALENDAR_H
#define BILLING_CALENDAR_H

#include <stdint.h>

#include <hub/adapter.h>

#include "base/arena.h"
#include "base/zone.h"

enum { CALENDAR_PERIODS_MAX = 64, CALENDAR_RULES_MAX = 1024, CALENDAR_DAYS_MAX = 4096 };

/* Kinds of day, as bits: 0 Sunday … 6 Saturday, and holidays, which are no other day. */
enum { CALENDAR_HOLIDAY = 7, CALENDAR_WEEKDAYS = 0x3e, CALENDAR_WEEKEND = 0x41, CALENDAR_ALL_DAYS = 0xff };

typedef struct calendar_rule {
	int first, last; /* month × 100 + day, both included; first > last passes the new year */
	uint8_t days;
	int from, to; /* minutes of the local day, [from, to), to <= 1440; from > to passes midnight */
	uint8_t period;
} calendar_rule;

typedef struct calendar_edge {
	hub_time at;
	uint8_t period; /* from `at` to the next edge */
} calendar_edge;

typedef struct calendar_edges {
	hub_time from, to; /* what they cover; edges[0].at <= from */
	const calendar_edge *edges;
	size_t count;
} calendar_edges;

typedef struct calendar_pattern calendar_pattern; /* a day's minutes */

typedef struct calendar {
	size_t period_count; /* at least 1 */
	const char **names, **texts;
	const calendar_pattern *patterns;
	const uint16_t *by_day;		    /* [366][8] → pattern */
	const int64_t *holidays, *workdays; /* days since 1970, sorted */
	size_t holiday_count, workday_count;
	calendar_edges ready;
} calendar;

/*
 * Checks that the rules leave no gap and do not overlap (`fallback` >= 0 fills gaps) and makes the
 * calendar in the arena. names, texts, holidays and workdays are borrowed.
 */
hub_status calendar_make(const calendar_rule *rules, size_t count, int fallback, calendar *cal, arena *a,
			 hub_fault *fault);

/* The edges for [from, to): the prepared ones, or made in the arena. */
hub_status calendar_between(const calendar *cal, const zone *z, hub_time from, hub_time to, arena *a,
			    calendar_edges *ret);

/* The period at a moment, and the index of its edge. */
size_t calendar_find(const calendar_edges *e, hub_time at);

/* -1 if there is none of that name. */
int calendar_period(const calendar *cal, const char *name);

#endif
