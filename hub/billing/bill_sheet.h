/*
 * The bills of one utility as it hands them in: CSV with the columns of bill_sheet_columns, or
 * {"bills": [{…}, …]} with members of the same names. Untrusted; each row is read for itself. Pure.
 */
#ifndef BILLING_BILL_SHEET_H
#define BILLING_BILL_SHEET_H

#include <jansson.h>

#include "base/zone.h"
#include "registry/csv_columns.h"

typedef struct bill_sheet {
	csv rows;
	csv_columns columns;
	json_t *all, *list; /* JSON: the document and its rows; NULL: it is CSV */
	size_t place;	    /* of the row read last: its line of CSV, its number in JSON, from 1 */
} bill_sheet;

/* All in the arena of the row. */
typedef struct bill_sheet_row {
	const char *account, *point, *start, *end, *quantity, *unit, *reference;
	int32_t cycle;	/* year * 100 + month */
	int64_t amount; /* 分 */
} bill_sheet_row;

/* Borrows the bytes. HUB_REJECT: nothing of it can be read. bill_sheet_fini in any case. */
hub_status bill_sheet_open(bill_sheet *s, const void *bytes, size_t len, arena *a, hub_fault *fault);
void bill_sheet_fini(bill_sheet *s);
/* HUB_MISSING: no more. HUB_REJECT: this row is wrong, `place` says which; the next call goes on behind it. */
hub_status bill_sheet_next(bill_sheet *s, arena *a, bill_sheet_row *ret, hub_fault *fault);
/* The row's time, its dates those of the zone, [*ret_start, *ret_end). HUB_REJECT. */
hub_status bill_sheet_period(const bill_sheet_row *row, const zone *z, hub_time *ret_start, hub_time *ret_end, hub_fault *fault);

#endif
