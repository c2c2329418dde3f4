/* Readings for some accounts ahead of their parts: what they read alike is read in one statement. */
#ifndef BILLING_BILLS_AHEAD_H
#define BILLING_BILLS_AHEAD_H

#include "billing/bills_parts.h"
#include "store/series.h"

/* What a part reads of its point. */
typedef struct bills_need {
	uint16_t quantity;
	series_step step;
	const zone *zone;
	hub_time from, to;
} bills_need;

/*
 * What is wanted, one read of it all, then what there is of a point (by channel), false: read it by itself. Lives in the
 * arena: set b->ahead to NULL before that goes.
 */
hub_status bills_ahead_new(bills *b, arena *a);
hub_status bills_ahead_want(bills *b, const bills_need *need, int64_t place, size_t room, arena *a);
hub_status bills_ahead_read(bills *b, arena *a);
bool bills_ahead_find(const bills *b, const bills_need *need, int64_t place, const series_amounts **ret, size_t *ret_count);
/* Wants what bills_usage would read of the part. */
hub_status bills_usage_want(bills *b, const tariff *t, const unify_part *part, int32_t interval, size_t room, arena *a);

#endif
