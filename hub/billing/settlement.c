#include "billing/settlement.h"

#include <string.h>

#include "base/decimal.h"

enum { KIND, ORDER, REFERENCE, AMOUNT, COLUMNS };
static const char *const columns[COLUMNS] = { "kind", "order", "reference", "amount" };

hub_status settlement_open(settlement *s, const void *bytes, size_t len, arena *a, hub_fault *fault)
{
	*s = (settlement){ csv_of(bytes, len), { columns, COLUMNS, "settlement.header", "settlement.cells", { 0 } } };
	return csv_columns_find(&s->columns, &s->rows, a, fault);
}

hub_status settlement_next(settlement *s, arena *a, settlement_row *ret, hub_fault *fault)
{
	const char *row[COLUMNS];
	decimal amount, cents;
	hub_status st = csv_columns_next(&s->columns, &s->rows, a, row, fault);
	if (st != HUB_OK)
		return st;
	*ret = (settlement_row){ .refund = !strcmp(row[KIND], "refund"), .order = row[ORDER], .reference = row[REFERENCE] };
	if (!ret->refund && strcmp(row[KIND], "payment"))
		return hub_fault_set(fault, "settlement.kind", "kind", "line %zu: '%.30s' is neither payment nor refund", s->rows.line,
				     row[KIND]);
	if (decimal_parse(row[AMOUNT], strlen(row[AMOUNT]), &amount) != HUB_OK ||
	    decimal_round(amount, 2, DECIMAL_DOWN, &cents) != HUB_OK || decimal_cmp(amount, cents) ||
	    decimal_to_int64(amount, 2, DECIMAL_DOWN, &ret->amount) != HUB_OK)
		return hub_fault_set(fault, "settlement.amount", "amount", "line %zu: '%.40s' is no amount with at most two decimals",
				     s->rows.line, row[AMOUNT]);
	return HUB_OK;
}
