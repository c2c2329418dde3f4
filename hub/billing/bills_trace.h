/* The way back from what was measured to the bills that it is in: what bills_show's sources are, turned round. */
#ifndef BILLING_BILLS_TRACE_H
#define BILLING_BILLS_TRACE_H

#include "billing/bills.h"
#include "store/charging.h"
#include "store/series.h"

/* A part of a bill, posted or cancelled since. All of it lives in the arena. */
typedef struct bills_place {
	billing_account account;
	bill_row row;
	size_t part; /* its place in the bill */
	unify_part of;
} bills_place;

/*
 * Parts made at or after `known` whose tariff looks at the reading's quantity and whose time it is in; a register that
 * stands where one cycle ends and the next begins is in both. A utility's own bill is made of no reading of ours.
 */
hub_status bills_of_reading(bills *b, const series_row *reading, hub_time known, arena *a, bills_place **ret, size_t *ret_count);
/* The part of its operator that a charged session is in; none while its cycle has no bill. */
hub_status bills_of_session(bills *b, const charging_row *session, arena *a, bills_place **ret, size_t *ret_count);

/* An order that paid, or paid and gave back, some of a part. */
typedef struct bills_paid {
	const char *order; /* its id, of the account */
	payment_state state;
	int64_t amount; /* of this part, smallest unit */
	const char *reference;
	hub_time at;
} bills_paid;
/* Of a part, the newest first, of the account's newest orders. */
hub_status bills_payments_of(bills *b, const bills_place *p, arena *a, bills_paid **ret, size_t *ret_count);

/* Under which its entry stands in the ledger, of the account's; in the arena, NULL: no memory. */
const char *bills_entry_key(int32_t cycle, int16_t revision, arena *a);

#endif
