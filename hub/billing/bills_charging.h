/*
 * Charging sessions that ended become charges of the account whose tag was used: rated once by the tag's tariff,
 * else the station's, over the periods in which the energy flowed. The cycle's bill takes them up as a part of the
 * station's operator. A session at a point that the account has a contract for is billed by its meter instead.
 */
#ifndef BILLING_BILLS_CHARGING_H
#define BILLING_BILLS_CHARGING_H

#include "billing/bills.h"
#include "store/charging.h"

/*
 * Looks at the next session that is due, in a transaction of its own. *ret_any false: none is. An open session of
 * which nothing was heard for a day is told to its operator once, as an event "session_open".
 */
hub_status bills_charge_next(bills *b, hub_time now, arena *a, bool *ret_any, hub_fault *fault);

/* What a station's meter told of a session. */
typedef struct bills_session {
	hub_time start, end;
	int64_t start_wh, stop_wh;
	const charging_sample *samples; /* in between, by time */
	size_t sample_count;
} bills_session;
/* What it costs by a tariff: in the tariff's zone, or UTC where it names none. HUB_REJECT with *fault. */
hub_status bills_session_bill(const tariff *t, const bills_session *s, arena *a, rating_bill *ret, hub_fault *fault);
/* Its total in the currency's smallest unit, and its lines as a JSON array in the arena. */
hub_status bills_session_rate(const tariff *t, const bills_session *s, arena *a, int64_t *ret_amount,
			      const char **ret_lines, hub_fault *fault);

/* Charges of one operator as a part of a bill. */
enum { BILLS_CHARGING_REFERENCE = 32 };
bool bills_is_charging(const unify_part *p);
/* The charges of the account, which begin at *at, as parts; *at moves behind them. HUB_REJECT: too many parts. */
hub_status bills_charging_parts(const charging_charge *list, size_t count, int64_t account, size_t *at, arena *a,
				unify_bill *bill, hub_fault *fault);
/* "sessions":[…], with a comma before it. */
hub_status bills_charging_show(bills *b, const bill_row *row, const unify_part *p, arena *a, buf *out);
void bills_charge_write(const charging_charge *c, buf *out);

#endif
