#include "billing/bill_sheet.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "billing/unify.h"

enum { ACCOUNT, CYCLE, POINT, AMOUNT, START, END, QUANTITY, UNIT, REFERENCE, COLUMNS };
static const char *const columns[COLUMNS] = { "account", "cycle", "point", "amount", "start", "end", "quantity", "unit",
					      "reference" };

static bool is_json(const char *bytes, size_t len)
{
	size_t i = len >= 3 && !memcmp(bytes, "\xEF\xBB\xBF", 3) ? 3 : 0;
	while (i < len && bytes[i] && strchr(" \t\r\n", bytes[i]))
		i++;
	return i < len && bytes[i] == '{';
}

hub_status bill_sheet_open(bill_sheet *s, const void *bytes, size_t len, arena *a, hub_fault *fault)
{
	json_error_t error = { 0 };
	*s = (bill_sheet){ .rows = csv_of(bytes, len), .columns = { columns, COLUMNS, "bill.header", "bill.cells", { 0 } } };
	if (!is_json(bytes, len))
		return csv_columns_find(&s->columns, &s->rows, a, fault);
	s->all = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &error);
	s->list = json_object_get(s->all, "bills");
	if (json_is_array(s->list))
		return HUB_OK;
	return hub_fault_set(fault, "bill.json", "bills", "a file of bills in JSON is {\"bills\": [{\"account\": …}, …]}: %.100s",
			     s->all ? "" : error.text);
}

void bill_sheet_fini(bill_sheet *s)
{
	json_decref(s->all);
	s->all = s->list = NULL;
}

/* A member as the cell it would be: text, or a whole number for quantity and amount. */
static hub_status cell_of(const json_t *o, const char *name, arena *a, const char **ret, hub_fault *fault)
{
	const json_t *v = json_object_get(o, name);
	if (json_is_string(v) && strlen(json_string_value(v)) == json_string_length(v))
		*ret = arena_strdup(a, json_string_value(v));
	else if (json_is_integer(v))
		*ret = arena_printf(a, "%lld", (long long)json_integer_value(v));
	else
		return hub_fault_set(fault, "bill.cells", name, "'%s' is a text; amounts and quantities too, as \"12.30\"", name);
	return *ret ? HUB_OK : HUB_NOMEM;
}

static hub_status next_object(bill_sheet *s, arena *a, const char **row, hub_fault *fault)
{
	const json_t *o = json_array_get(s->list, s->place);
	hub_status st = o ? HUB_OK : HUB_MISSING;
	s->place += o != NULL;
	for (int i = 0; st == HUB_OK && i < COLUMNS; i++)
		st = cell_of(o, columns[i], a, &row[i], fault);
	return st;
}

static hub_status next_line(bill_sheet *s, arena *a, const char **row, hub_fault *fault)
{
	hub_status st = csv_columns_next(&s->columns, &s->rows, a, row, fault);
	s->place = s->rows.line;
	return st;
}

static hub_status read_row(const char *const cells[COLUMNS], bill_sheet_row *ret, hub_fault *fault)
{
	decimal amount, quantity, cents;
	*ret = (bill_sheet_row){ .account = cells[ACCOUNT], .point = cells[POINT], .start = cells[START], .end = cells[END],
				 .quantity = cells[QUANTITY], .unit = cells[UNIT], .reference = cells[REFERENCE] };
	if (!unify_cycle_parse(cells[CYCLE], &ret->cycle))
		return hub_fault_set(fault, "bill.cycle", "cycle", "'%.20s' is no cycle such as 2026-10", cells[CYCLE]);
	if (decimal_parse(cells[AMOUNT], strlen(cells[AMOUNT]), &amount) != HUB_OK ||
	    decimal_round(amount, 2, DECIMAL_DOWN, &cents) != HUB_OK || decimal_cmp(amount, cents) ||
	    decimal_to_int64(amount, 2, DECIMAL_DOWN, &ret->amount) != HUB_OK)
		return hub_fault_set(fault, "bill.amount", "amount", "'%.40s' is no amount with at most two decimals", cells[AMOUNT]);
	if (decimal_parse(cells[QUANTITY], strlen(cells[QUANTITY]), &quantity) != HUB_OK)
		return hub_fault_set(fault, "bill.quantity", "quantity", "'%.40s' is no decimal number", cells[QUANTITY]);
	return HUB_OK;
}

hub_status bill_sheet_next(bill_sheet *s, arena *a, bill_sheet_row *ret, hub_fault *fault)
{
	const char *row[COLUMNS];
	hub_status st = s->list ? next_object(s, a, row, fault) : next_line(s, a, row, fault);
	return st == HUB_OK ? read_row(row, ret, fault) : st;
}

/* A moment, or the day's first moment in the zone. */
static hub_status read_time(const char *text, const char *field, const zone *z, hub_time *ret, hub_fault *fault)
{
	zone_civil c = { 0 };
	char moment[32];
	hub_time utc;
	if (clock_parse(text, strlen(text), ret))
		return HUB_OK;
	/* What is a date, the calendar of the moments says. */
	snprintf(moment, sizeof moment, "%.10sT00:00:00Z", text);
	if (strlen(text) == 10 && clock_parse(moment, strlen(moment), &utc) &&
	    sscanf(text, "%4d-%2d-%2d", &c.year, &c.month, &c.day) == 3) {
		zone_from_civil(z, c, ret, NULL);
		return HUB_OK;
	}
	return hub_fault_set(fault, "bill.time", field, "'%.40s' is no date such as 2026-10-01 or moment as RFC 3339 has it", text);
}

hub_status bill_sheet_period(const bill_sheet_row *row, const zone *z, hub_time *ret_start, hub_time *ret_end, hub_fault *fault)
{
	hub_status st = read_time(row->start, "start", z, ret_start, fault);
	if (st == HUB_OK)
		st = read_time(row->end, "end", z, ret_end, fault);
	if (st == HUB_OK && *ret_start >= *ret_end)
		st = hub_fault_set(fault, "bill.period", "end", "the period ends at %.30s, not after it starts", row->end);
	return st;
}
