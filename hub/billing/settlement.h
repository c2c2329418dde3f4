/*
 * A provider's settlement file: CSV, a row a payment or a refund, columns kind, order, reference, amount. Untrusted. Pure.
 */
#ifndef BILLING_SETTLEMENT_H
#define BILLING_SETTLEMENT_H

#include "registry/csv_columns.h"

typedef struct settlement {
	csv rows;
	csv_columns columns;
} settlement;

/* In the arena of the row. */
typedef struct settlement_row {
	bool refund;
	const char *order, *reference;
	int64_t amount; /* 分 */
} settlement_row;

/* Borrows the bytes. HUB_REJECT: its first row does not name the columns. */
hub_status settlement_open(settlement *s, const void *bytes, size_t len, arena *a, hub_fault *fault);
/* HUB_MISSING: no more. HUB_REJECT: the row is wrong; the message says in which line. */
hub_status settlement_next(settlement *s, arena *a, settlement_row *ret, hub_fault *fault);

#endif
