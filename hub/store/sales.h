/*
 * What was sold, by the ledger: for each party and local day, month or year what it billed, took back, was paid and
 * gave back; for each payment provider what went through it. Sums of lines, so that any cutting of a time adds up.
 */
#ifndef STORE_SALES_H
#define STORE_SALES_H

#include "store/store.h"

typedef struct sales_ask {
	int64_t party; /* 0: all */
	hub_time from, to;
	const char *zone; /* of the days */
	const char *step; /* "day", "month", "year" */
} sales_ask;

typedef struct sales_row {
	const char *party, *name_zh, *name_en;
	bool provider;	/* money that went through a provider; else a utility's sales */
	hub_time start; /* of the step */
	int16_t currency;
	int64_t billed, cancelled; /* bills posted, bills taken back (冲正) */
	int64_t paid, refunded;
	int64_t accounts; /* that were billed; of a provider: orders that were paid */
} sales_row;

/* By step, utilities before providers, then by code. */
hub_status sales_list(store *db, const sales_ask *q, arena *a, sales_row **ret, size_t *ret_count);

#endif
