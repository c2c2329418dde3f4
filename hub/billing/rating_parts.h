/* The parts of rating_rate, one file each: what they share while one bill is made. */
#ifndef BILLING_RATING_PARTS_H
#define BILLING_RATING_PARTS_H

#include "billing/rating.h"

/* Series as the version's netting leaves them, for one call. */
typedef struct rating_net {
	const tariff_netting *netting;
	usage_series import, export;
	bool ready;
} rating_net;

typedef struct rating {
	const tariff *t;
	const usage *u;
	const zone *zone;
	arena *a;
	hub_fault *fault;
	rating_bill *bill;
	size_t line_cap;
	rating_net net;

	/* the cycle, and within it the piece of one version */
	hub_time cycle_begin, cycle_end; /* the tariff's cycle, of which the usage may hold a part */
	hub_time cycle_from, cycle_to, from, to;
	const tariff_version *v;
	const calendar *cal; /* of the charge being rated */
	calendar_edges edges;
	size_t cycle_line, piece_line;
	bool changed;	     /* the cycle has more than one version */
	decimal change_part; /* of the cycle's days that lie in the piece, when changed */
	decimal demand;
	bool cycle_first, piece_last;
	decimal energy_use[CALENDAR_PERIODS_MAX];  /* netted import per period */
	decimal energy_gain[CALENDAR_PERIODS_MAX]; /* netted export per period */
} rating;

/* One charge's amounts, per period, with what they are made of. */
typedef struct rating_sums {
	usage_sum by_period[CALENDAR_PERIODS_MAX];
	decimal total, estimated;
	size_t readings;
} rating_sums;

/* A rating with a bill that has no line yet and the state that the usage brings; all in the arena. */
hub_status rating_open(const tariff *t, const usage *u, arena *a, hub_fault *fault, rating **ret);

hub_status rating_add(rating *r, rating_line line);
/* An amount rounded as the charge or the version says. */
hub_status rating_round(const rating *r, const tariff_charge *c, decimal *amount);

hub_status rating_sums_of(rating *r, const tariff_charge *c, hub_time from, hub_time to, rating_sums *ret);
/* Where the charge's use stands before what is being rated; NULL: there are too many. A number that the facts give
 * without a code is of ladders. */
state_ladder *rating_standing(rating *r, const tariff_charge *c);
/*
 * What is billed of a quantity: without the free part, up to the cap, in whole steps or packages. All of the cycle:
 * what was used before in it, *used in the cycle that began at *since (0: not told), has had its part; both go on.
 */
hub_status rating_shape_on(rating *r, const tariff_charge *c, decimal *used, hub_time *since, decimal *q);
/* What an earlier rating counted of the charge in the cycle that this one goes on with; NULL: nothing was. */
const state_cycle *rating_cut(const rating *r, const tariff_charge *c);
/* Left to the rating that goes on with the cycle, if this one does not reach its end. */
hub_status rating_cut_keep(rating *r, const tariff_charge *c, decimal amount, int64_t days);
hub_status rating_fact(const rating *r, const char *name, decimal *ret);

hub_status rate_usage(rating *r, const tariff_charge *c);
hub_status rate_ladder(rating *r, const tariff_charge *c, hub_time from, hub_time to);
hub_status rate_market(rating *r, const tariff_charge *c, hub_time from, hub_time to);
hub_status rate_fixed(rating *r, const tariff_charge *c);
hub_status rate_demand(rating *r, const tariff_charge *c);
hub_status rate_percent(rating *r, const tariff_charge *c);
hub_status rate_bound(rating *r, const tariff_charge *c);
hub_status rate_power_factor(rating *r, const tariff_charge *c);

/* Limits of the ladder's blocks for a piece of a tier period [begin, end). */
hub_status ladder_limits(rating *r, const tariff_ladder *l, hub_time begin, hub_time end, decimal *limits);
/* How a quantity from `used` on fills the blocks: fills[i] for each. Pure. */
hub_status ladder_fill(const decimal *limits, size_t count, bool volume, decimal used, decimal quantity,
		       decimal *fills);
/* The tier period that holds t. */
void ladder_period(const zone *z, const tariff_ladder *l, hub_time t, hub_time *ret_begin, hub_time *ret_end);

hub_status netting_start(rating *r);
hub_status netting_cycle(rating *r);
bool rating_applies(const rating *r, const tariff_charge *c);
/* Credits, true-up and rounding at the end of a cycle. */
hub_status settle_cycle(rating *r);

/* Whole local days of [from, to), the last begun one counted. */
int64_t local_days(const zone *z, hub_time from, hub_time to);
/* A local date (its midnight) plus months, the day held back to the month's end. */
hub_time local_months(const zone *z, hub_time at, int months, int day);
/*
 * How many periods of so many months [from, to) makes: whole ones, and parts as days / days of the
 * period they belong to, with nine digits. The first whole period begins on `day` of the month of
 * `from`, or one period later where that has passed.
 */
hub_status local_cycles(const zone *z, hub_time from, hub_time to, int months, int day, decimal *ret);
/* The end of the period that is running at `t` when the first began at or before `from`. */
hub_time local_cycle_end(const zone *z, hub_time from, hub_time t, int months, int day);

#endif
