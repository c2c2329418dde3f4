/*
 * Rating: a tariff and a usage give a bill. Pure: no clock, no database, no floating point; the same
 * call serves the bill, the forecast, "what if" and the live figure (billing/whatif.h).
 */
#ifndef BILLING_RATING_H
#define BILLING_RATING_H

#include "base/buf.h"
#include "billing/tariff.h"
#include "billing/usage.h"

typedef enum rating_form {
	RATING_AMOUNT,	 /* quantity × price */
	RATING_SHARE,	 /* the period's share of a block; its amount is exact where the quantity had to be cut */
	RATING_FLAT,	 /* a block's flat fee */
	RATING_MARKET,	 /* sum of quantity × price of each step; price is the mean */
	RATING_PEAK,	 /* highest power × price */
	RATING_PERCENT,	 /* base × rate */
	RATING_FILL,	 /* up to a minimum, or down to a maximum: bound − base */
	RATING_PACKAGE,	 /* packages × price of one */
	RATING_CREDIT,	 /* credit of earlier cycles used, or kept for later ones */
	RATING_TRUE_UP,	 /* settlement of what was kept */
	RATING_ROUNDING, /* what rounding the total added */
} rating_form;

/* One line of a bill. The formula and the text are made on demand by rating_formula and rating_text. */
typedef struct rating_line {
	const tariff_version *version;
	const tariff_charge *charge; /* NULL for credit, true-up and rounding */
	rating_form form;
	int block;  /* of the ladder; -1: none */
	int period; /* of the calendar; -1: all */
	const char *unit;
	decimal quantity, price, amount;
	decimal estimated; /* of the quantity */
	size_t readings;   /* values behind the quantity */
	hub_time start, end;
} rating_line;

typedef struct rating_cycle {
	hub_time start, end;
	decimal total;
	size_t first, count; /* lines */
	decimal energy;	     /* surplus energy kept after it */
	decimal money;	     /* credit kept after it */
	decimal demand;	     /* billing demand, 0 if none was asked for */
} rating_cycle;

typedef struct rating_bill {
	const char *currency;
	decimal total;
	rating_line *lines;
	size_t count;
	rating_cycle *cycles;
	size_t cycle_count;
	usage_state *state; /* for the cycle that follows */
	int64_t missing;    /* µs of the usage without values, in the series that lacks most */
	bool has_level;
	int level;		  /* prepaid: 0 none, 1 first, 2 second */
	decimal balance;	  /* prepaid: after this bill */
	const tariff_note *notes; /* what of an imported tariff was not taken over */
	size_t note_count;
	const struct ocpi_costs *costs; /* of a session rated by an OCPI tariff; else NULL */
} rating_bill;

/*
 * Everything in *ret lives in the arena or is borrowed from the tariff. HUB_REJECT with *fault where
 * the usage lacks something or contradicts the tariff; HUB_RANGE where a number does not fit.
 */
hub_status rating_rate(const tariff *t, const usage *u, arena *a, rating_bill *ret, hub_fault *fault);

/* "180 kWh × 0.4883", appended. */
void rating_formula(const rating_line *l, const rating_bill *bill, buf *out);
/* "energy", "第1档 tier 1", "峰 peak" joined, appended. */
void rating_text(const rating_line *l, buf *out);
const char *rating_code(const rating_line *l);

/* What the next cycle starts from, without what is empty; "{}" if nothing is left. */
void rating_state(const rating_bill *bill, buf *out);
/* The fixed shape of `hubctl rate`, with the state, cycles and prepaid level beside it. */
void rating_json(const rating_bill *bill, buf *out);

#endif
