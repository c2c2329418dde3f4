/*
 * Saving advice (节能方案) from a home's own hours. Pure: amounts of local days' hours in, findings with their figures
 * out.
 *
 * Always-on load: what runs when nobody does anything. A day's is its least hour; the home's is the median of its days,
 * so that one night away does not hide it, nor one night's washing show it. Night flow: water that never stops. A night
 * is the hours from one to five; taps and cisterns that are sound stand still in one of them. Five nights in a row up
 * to the newest without such an hour are a leak.
 */
#ifndef COMPARE_ADVICE_H
#define COMPARE_ADVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ADVICE_DAYS = 28,
	ADVICE_LEAST_DAYS = 7,	 /* whole days that the always-on load is told from */
	ADVICE_LEAST_NIGHTS = 5, /* nights in a row that are a leak */
	ADVICE_NIGHT_FROM = 1,
	ADVICE_NIGHT_TO = 5,	   /* o'clock */
	ADVICE_LOAD_LEAST = 60000, /* 10^-6 kW: an always-on load that somebody should look at, … */
	ADVICE_LOAD_PERCENT = 30,  /* … and the part of all use that it is */
};

typedef struct advice_day {
	int64_t hour[24]; /* 10^-6 of the unit; below 0: not known */
} advice_day;

typedef struct advice_load {
	size_t days;	   /* whole ones that it was told from */
	int64_t always_on; /* 10^-6 kW */
	int64_t mean;	   /* 10^-6 kW over the same days */
	int percent;	   /* what part of the use it is, rounded down */
	bool act;
} advice_load;

/* False: less than ADVICE_LEAST_DAYS whole days. Days in their order. */
bool advice_always_on(const advice_day *days, size_t count, advice_load *ret);

typedef struct advice_flow {
	size_t nights; /* in a row up to the newest known night in which it never stopped */
	int64_t least; /* 10^-6 m3/h: the least hour of these nights */
	bool act;
} advice_flow;

/* False: not one night is known. */
bool advice_night_flow(const advice_day *days, size_t count, advice_flow *ret);

#endif
