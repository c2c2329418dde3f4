/*
 * A tariff: what a utility may charge, as data. schemas/tariff.schema.json is the form, docs/tariffs.md
 * the meaning of every field. A tariff is a row of versions, each valid from a local date until the
 * next begins; it is never edited. Immutable once parsed, shared by threads.
 */
#ifndef BILLING_TARIFF_H
#define BILLING_TARIFF_H

#include "base/arena.h"
#include "base/decimal.h"
#include "base/zone.h"
#include "billing/calendar.h"

enum {
	TARIFF_VERSIONS_MAX = 64,
	TARIFF_CHARGES_MAX = 128,
	TARIFF_BLOCKS_MAX = 64,
	TARIFF_TIMES_MAX = 4,
	TARIFF_GROUPS_MAX = 16,
	TARIFF_BASE_MAX = 32,
	TARIFF_SCALES_MAX = 8,
	TARIFF_CALENDARS_MAX = 8,
};

typedef struct tariff_round {
	bool set;
	decimal unit; /* > 0: amounts become multiples of it */
	decimal_mode mode;
} tariff_round;

/* A price, or one for each period of the calendar. */
typedef struct tariff_price {
	decimal all;
	const decimal *by_period; /* calendar.period_count of them, or NULL */
	uint64_t periods;	  /* bit per period that has a price; all bits when by_period is NULL */
} tariff_price;

/*
 * A block of a ladder, from the end of the one before it. Its limit is upto (by group, where the
 * ladder has groups) × the product of the factors named in `times`; `cap` is the limit of the block
 * it is nested in, which cuts it short.
 */
typedef struct tariff_block {
	bool open; /* no limit of its own */
	decimal upto;
	const decimal *upto_by_group; /* NULL: upto */
	uint8_t times_count;
	const char *times[TARIFF_TIMES_MAX]; /* "days", "months", "demand" or the name of a fact */
	bool capped;
	decimal cap;
	uint8_t cap_times_count;
	const char *cap_times[TARIFF_TIMES_MAX];
	tariff_price price;
	bool has_flat;
	decimal flat; /* once, when the block is entered */
} tariff_block;

typedef enum tariff_share {
	TARIFF_SHARE_TOTAL, /* the total fills the blocks; each block is shared over the periods by use */
	TARIFF_SHARE_TIME,  /* use fills the blocks in the order of time */
} tariff_share;

typedef enum tariff_part { TARIFF_PART_WHOLE, TARIFF_PART_MONTHS, TARIFF_PART_DAYS } tariff_part;

typedef struct tariff_ladder {
	tariff_block *blocks;
	size_t count;
	bool volume;	   /* all use at the price of the block reached */
	bool flat_at_zero; /* the first block's flat fee is due without use */
	int months;	   /* tier period; 0: the cycle */
	int reset_month, reset_day;
	tariff_share share;
	tariff_part part;	/* limits of a tier period that the account saw only in part */
	const char *group_fact; /* NULL: no groups */
	const char *groups[TARIFF_GROUPS_MAX];
	size_t group_count;
	const char *person_fact; /* NULL: limits do not depend on persons */
	int64_t person_over;
	bool person_once;    /* one addition however many are above */
	decimal *person_add; /* per block */
	bool demand;	     /* some limit needs the billing demand */
} tariff_ladder;

typedef enum tariff_kind {
	TARIFF_USAGE,	/* amount × price */
	TARIFF_FIXED,	/* per cycle, day, month … */
	TARIFF_DEMAND,	/* highest power × price */
	TARIFF_PERCENT, /* of other charges: tax, fund, discount */
	TARIFF_MINIMUM,
	TARIFF_MAXIMUM,
	TARIFF_POWER_FACTOR, /* percentage by table */
} tariff_kind;

typedef enum tariff_per { TARIFF_PER_CYCLE, TARIFF_PER_DAY, TARIFF_PER_MONTHS } tariff_per;

typedef struct tariff_ratchet {
	int months;	     /* how many cycles back count */
	decimal percent[12]; /* of a peak of that month, 0: does not count */
} tariff_ratchet;

typedef struct tariff_pf_row {
	decimal from;	 /* power factors at or above, down the table */
	decimal percent; /* added to the base; < 0 rewards */
} tariff_pf_row;

typedef struct tariff_market {
	const char *series; /* name of a price series of the usage; NULL: none */
	decimal times, plus;
	bool has_floor, has_cap;
	decimal floor, cap; /* of the resulting price */
} tariff_market;

typedef struct tariff_charge {
	const char *code, *text;
	tariff_kind kind;
	const char *quantity; /* series or fact */
	const char *unit;
	const char *meter; /* NULL: every meter that no other charge of the quantity names */
	const calendar *calendar;
	uint64_t periods;  /* bits of the calendar's periods it looks at */
	hub_time from, to; /* 0: unbounded; a rider's own validity */
	const char *if_fact, *if_value;

	tariff_price price;
	bool has_ladder;
	tariff_ladder ladder;
	tariff_market market;
	bool credit; /* what it comes to is the customer's */

	tariff_round raw_round;		  /* of the quantity as it comes, in its own unit */
	decimal scale[TARIFF_SCALES_MAX]; /* then quantity × scale / divide */
	size_t scale_count;
	decimal divide; /* 0: none */
	tariff_round quantity_round;
	decimal free, cap; /* the first `free` cost nothing; what passes `cap` neither (has_cap) */
	bool has_cap;
	decimal step; /* > 0: the quantity is raised to a multiple */
	bool package; /* each step begun costs the price once */

	tariff_per per; /* fixed, minimum, maximum */
	int per_months, per_day;
	bool prorate, advance;
	const char *times; /* fact the amount is multiplied by, NULL: 1 */

	int64_t window; /* demand: µs over which power is averaged; 0: the series' step */
	tariff_ratchet ratchet;
	decimal minimum;	  /* demand: least billed */
	decimal minimum_share;	  /* demand: least billed, as a share of the contract */
	const char *contract;	  /* fact: contracted power; NULL: none */
	decimal over, over_times; /* above over × contract the price is multiplied; over_times 0: never */
	bool billing;		  /* its result is what ladders per kW take */

	bool after_credit; /* minimum, maximum: of what credit left to pay, before a true-up */
	bool base_all;	   /* percent, minimum, maximum, power factor: every line before it */
	const char *base[TARIFF_BASE_MAX];
	size_t base_count;
	const char *active, *reactive; /* power factor */
	tariff_pf_row *pf_rows;
	size_t pf_count;

	tariff_round round; /* of its lines; unset: the version's */
} tariff_charge;

typedef enum tariff_netting_mode {
	TARIFF_NETTING_NONE,
	TARIFF_NETTING_STEP,   /* import and export net within a step (net billing) */
	TARIFF_NETTING_ENERGY, /* within cycle and period, surplus energy carried (net metering) */
	TARIFF_NETTING_MONEY,  /* within cycle and period, surplus at the export price */
} tariff_netting_mode;

typedef struct tariff_netting {
	tariff_netting_mode mode;
	const char *import, *export;
} tariff_netting;

/* What is left in the customer's favour at the end of a cycle. */
typedef struct tariff_credit {
	bool set;
	bool carry;	   /* money below zero goes to the next cycle */
	bool apply_now;	   /* what this cycle earned counts in this cycle; else from the next on */
	int true_up_month; /* 1 … 12: the cycle that begins in it settles; 0: never */
	bool pay_out;	   /* money left then is paid; else it expires */
	bool roll_over;	   /* energy left then goes on as money credit instead of being paid */
	bool has_price;
	decimal price; /* of energy left then */
} tariff_credit;

typedef struct tariff_version {
	hub_time from, to;				  /* start of the local day; to of the last is INT64_MAX */
	calendar *calendars[TARIFF_CALENDARS_MAX];	  /* the first is the main one */
	const char *calendar_names[TARIFF_CALENDARS_MAX]; /* "" is the main one */
	size_t calendar_count;
	tariff_charge *charges;
	size_t charge_count;
	tariff_round line, total;
	bool remainder_carry; /* what rounding the total left goes to the next cycle; else a line shows it */
	tariff_netting netting;
	tariff_credit credit;
} tariff_version;

typedef enum tariff_quota { TARIFF_QUOTA_DAYS, TARIFF_QUOTA_FULL, TARIFF_QUOTA_SHARED } tariff_quota;

/* A field of an imported record that was not taken over, and what that means. */
typedef struct tariff_note {
	const char *field, *text;
} tariff_note;

typedef struct tariff {
	arena mem;
	const char *code, *text, *commodity, *currency;
	zone *zone;		     /* NULL (URDB records alone): the usage's */
	int cycle_months, cycle_day; /* months 0: the usage's [start, end) is one cycle */
	bool change_by_days;	     /* use is split over versions by days; else by readings */
	tariff_round change_round;   /* of the parts; the last takes the remainder */
	tariff_quota quota;	     /* limits of a cycle in which the price changed */
	tariff_version *versions;
	size_t version_count;
	const struct ocpi_tariff *ocpi; /* an OCPI Tariff object, which rates sessions (billing/ocpi.h); NULL: none */
	const tariff_note *notes;	/* URDB: what was not taken over */
	size_t note_count;
	bool has_prepaid;
	decimal prepaid_first, prepaid_second; /* levels of warning, first >= second */
} tariff;

/*
 * JSON of our form, an OpenEI URDB record (told by energyratestructure) or an OCPI Tariff object (told by elements).
 * HUB_REJECT with *fault naming field, rule and remedy; HUB_NOMEM.
 */
hub_status tariff_parse(const char *json, size_t len, tariff **ret, hub_fault *fault);
void tariff_free(tariff *t);

/* Compiles the calendars for [from, to) so that rating within it only looks up. */
hub_status tariff_prepare(tariff *t, hub_time from, hub_time to);

/* The version in force at a moment; NULL before the first. */
const tariff_version *tariff_at(const tariff *t, hub_time at);

static inline decimal tariff_price_of(const tariff_price *p, size_t period)
{
	return p->by_period ? p->by_period[period] : p->all;
}

#endif
