/*
 * What a bill is made from: amounts over time, facts about the account, and what earlier cycles left
 * (the state). Made from the JSON of `hubctl rate --usage`, or by a caller who fills the structs.
 */
#ifndef BILLING_USAGE_H
#define BILLING_USAGE_H

#include "base/arena.h"
#include "base/decimal.h"
#include "base/zone.h"
#include "billing/calendar.h"

/* An amount over [start, end), at the series' scale. */
typedef struct usage_span {
	hub_time start, end;
	int64_t amount;
	bool estimated;
} usage_span;

typedef struct usage_series {
	const char *quantity, *unit;
	const char *meter; /* "" if not told */
	uint8_t scale;	   /* of values and amounts */
	hub_time start;	   /* regular: value i belongs to [start + i × step, … + step) */
	int64_t step;	   /* µs; 0: spans hold the amounts */
	const int64_t *values;
	const uint8_t *estimated; /* per value, NULL: none is */
	size_t count;
	const usage_span *spans; /* in order of time, not overlapping */
	bool registers;		 /* the spans are differences of a register's standings */
	bool instant;		 /* values are powers or prices, not amounts */
} usage_series;

typedef struct usage_fact {
	const char *name, *text;
	const char *unit; /* "" if not told */
	bool is_number;
	decimal number;
} usage_fact;

/* Use so far in a ladder's tier period that begins at `since` (0: the current one). */
typedef struct state_ladder {
	const char *code; /* NULL: every ladder */
	hub_time since;
	decimal used;
	hub_time cycle; /* of a ladder with a free part, a cap or steps: what was used in the cycle that begins then; 0:
			   nothing */
	decimal counted;
} state_ladder;

typedef struct state_peak {
	const char *code; /* NULL: every demand charge */
	hub_time at;	  /* begin of the cycle it was seen in */
	decimal value;
} state_peak;

typedef struct state_energy {
	const char *period;
	decimal value;
} state_energy;

typedef struct state_year {
	const char *code;
	int year;
	decimal amount; /* its base so far in the year */
} state_year;

/* What a charge of the whole cycle has seen of the one that begins at `begin`, whose rating was cut within it. */
typedef struct state_cycle {
	const char *code;
	hub_time begin;
	decimal amount; /* of a bound: its base so far; of a fixed charge: how often it was counted */
	int64_t days;	/* of a bound: so far */
} state_cycle;

enum { STATE_LADDERS_MAX = 32, STATE_PEAKS_MAX = 96, STATE_YEARS_MAX = 16, STATE_CYCLES_MAX = 16 };

/* What one cycle leaves to the next. Plain, may be copied. */
typedef struct usage_state {
	state_ladder ladders[STATE_LADDERS_MAX];
	size_t ladder_count;
	state_peak peaks[STATE_PEAKS_MAX];
	size_t peak_count;
	state_energy energy[CALENDAR_PERIODS_MAX]; /* surplus kept per period */
	size_t energy_count;
	state_year years[STATE_YEARS_MAX];
	size_t year_count;
	state_cycle cycles[STATE_CYCLES_MAX];
	size_t cycle_count;
	decimal energy_total; /* surplus kept in all, for the true-up */
	decimal money;	      /* credit of the customer, >= 0 */
	decimal rounding;     /* what rounding left */
} usage_state;

typedef struct usage {
	hub_time start, end;
	const zone *zone; /* borrowed or in `owned`; NULL: the tariff's */
	zone *owned;
	usage_series *series;
	size_t series_count;
	usage_fact *facts;
	size_t fact_count;
	hub_time since; /* when the account began, 0: before the first tier period */
	hub_time as_of; /* fixed charges in advance: what has begun by then; 0: end */
	usage_state state;
	const struct ocpi_cdr *cdr; /* a charging session as OCPI tells it; NULL: none */
} usage;

/*
 * The document of `hubctl rate`, or an OCPI CDR (told by charging_periods). Times without an offset are of the usage's
 * own zone. Everything lives in the arena but ret->owned.
 */
hub_status usage_parse(const char *json, size_t len, arena *a, usage *ret, hub_fault *fault);
/*
 * A usage without series of a zone that is borrowed: facts a JSON object as in the document, state what rating_state
 * wrote
 * ("" none).
 */
hub_status usage_frame(const zone *z, hub_time start, hub_time end, const char *facts, const char *state, arena *a,
		       usage *ret, hub_fault *fault);
void usage_fini(usage *u);

const usage_fact *usage_fact_find(const usage *u, const char *name);
const usage_series *usage_series_find(const usage *u, const char *quantity, const char *meter);

typedef struct usage_sum {
	decimal amount;
	decimal estimated; /* of it */
	size_t readings;   /* how many values took part */
} usage_sum;

/*
 * Amounts of [from, to) per period of the edges. A value that an edge cuts is divided by time, so
 * that the parts of any cutting add up to it exactly. HUB_REJECT where a register's difference
 * longer than a day would have to be divided over periods.
 */
hub_status usage_sums(const usage_series *s, hub_time from, hub_time to, const calendar_edges *e, usage_sum *sums,
		      hub_fault *fault);
/* What is in use of a state. */
void usage_state_copy(usage_state *to, const usage_state *from);
/* Of one run without edges. */
hub_status usage_amount(const usage_series *s, hub_time from, hub_time to, usage_sum *ret);
/* How much of [from, to) has values, in µs. */
int64_t usage_covered(const usage_series *s, hub_time from, hub_time to);

#endif
