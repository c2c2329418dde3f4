/* What a kWh costs by a tariff through the hours ahead: the price that a station shows before anybody charges. */
#ifndef BILLING_BILLS_PRICE_H
#define BILLING_BILLS_PRICE_H

#include "billing/bills.h"

#define BILLS_PRICE_STEP (900 * INT64_C(1000000)) /* µs; prices change at quarters of an hour */

enum { BILLS_PRICES = 96 }; /* a day */

typedef struct bills_price {
	hub_time start, end;
	decimal price; /* of one kWh: all lines of the tariff that go by energy, and what is taken of them in percent */
} bills_price;

/*
 * From the quarter of an hour that `from` lies in, one day; equal ones in a row are one. ret has BILLS_PRICES places.
 * *ret_text, *ret_currency: the tariff's. HUB_MISSING, HUB_REJECT with *fault: there is no such document, or it cannot
 * be told without knowing whose bill it is.
 */
hub_status bills_prices(bills *b, const char *code, hub_time from, arena *a, bills_price *ret, size_t *ret_count,
			const char **ret_text, const char **ret_currency, hub_fault *fault);

#endif
