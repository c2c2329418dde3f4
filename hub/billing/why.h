/* Why one part of a bill is higher or lower than the last: causes that add up to the change exactly. Pure. */
#ifndef BILLING_WHY_H
#define BILLING_WHY_H

#include "base/decimal.h"

typedef enum why_cause {
	WHY_DAYS,     /* a longer or shorter period, begun or ended */
	WHY_PRICE,    /* the tariff: the same use by the last period's prices costs this much less */
	WHY_TIER,     /* where in the ladder the period began */
	WHY_WEATHER,  /* degree-days, by how this use followed them in the last period */
	WHY_CHARGING, /* what went into a vehicle */
	WHY_ESTIMATE, /* what is estimated now, less what was then */
	WHY_USE,      /* all the rest: people */
	WHY_CAUSES,
} why_cause;
extern const char *const why_names[WHY_CAUSES];

/* One period of a part. */
typedef struct why_side {
	int64_t amount; /* smallest unit, as billed */
	int64_t days;   /* 0: there was no such part */
	decimal quantity, estimated, charging, degrees;
} why_side;

typedef struct why_input {
	why_side was, is;
	int64_t price; /* what the tariff's change did, by rating again */
	int64_t tier;  /* what the ladder's standing did, by rating again */
	decimal slope; /* quantity a degree-day, ≥ 0 */
	bool vehicle;  /* the part is a charger's: that it began or ended is charging, not the days */
} why_input;

/* HUB_RANGE: a number is out of proportion. */
hub_status why_split(const why_input *in, int64_t ret[WHY_CAUSES]);

/* Quantity a degree-day by least squares over days; 0 where it does not rise with them. */
hub_status why_slope(const decimal *use, const decimal *degrees, size_t days, decimal *ret);

#endif
