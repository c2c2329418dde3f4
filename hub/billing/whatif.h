/*
 * Questions to a tariff, answered by rating: what the cycle will come to, what it would come to if use
 * moved to other hours, and what the power of this moment costs an hour.
 */
#ifndef BILLING_WHATIF_H
#define BILLING_WHATIF_H

#include "billing/rating.h"

/*
 * The usage with every regular series prolonged to its end by the mean of the same time of day over the
 * last whole days (at most 28). What is prolonged is marked estimated. HUB_REJECT: less than a day to go by.
 */
hub_status whatif_forecast(const usage *u, const char *quantity, arena *a, usage *ret, hub_fault *fault);

/*
 * The usage with a part (0 … 1) of the quantity's amounts moved out of one period of the tariff's
 * calendar into another, spread over it evenly in each local day that has both.
 */
hub_status whatif_shift(const tariff *t, const usage *u, const char *quantity, const char *from, const char *to,
			decimal part, arena *a, usage *ret, hub_fault *fault);

/* Money an hour at a power, for the moment at the end of the usage: the bill with one hour of it more, less the bill.
 */
hub_status whatif_rate_of_spend(const tariff *t, const usage *u, const char *quantity, decimal power, arena *a,
				decimal *ret, hub_fault *fault);

#endif
