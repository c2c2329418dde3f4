#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "billing/bills_parts.h"
#include "registry/csv.h"

enum { COLUMNS = 9 };
static const char *const columns[COLUMNS] = { "account", "cycle", "point", "amount", "start", "end", "quantity", "unit",
					      "reference" };
enum { ACCOUNT, CYCLE, POINT, AMOUNT, START, END, QUANTITY, UNIT, REFERENCE };

static hub_status read_header(csv *c, arena *a, int places[COLUMNS], hub_fault *fault)
{
	const char **cells;
	size_t count;
	hub_status st = csv_next(c, a, &cells, &count, fault);
	if (st == HUB_MISSING)
		return hub_fault_set(fault, "bill.header", "", "the file is empty");
	for (int i = 0; st == HUB_OK && i < COLUMNS; i++) {
		places[i] = -1;
		for (size_t k = 0; k < count; k++)
			if (!strcmp(cells[k], columns[i]))
				places[i] = (int)k;
		if (places[i] < 0)
			st = hub_fault_set(fault, "bill.header", columns[i], "the first row has no column '%s'", columns[i]);
	}
	return st;
}

static hub_status read_time(const char *text, const char *field, const zone *z, hub_time *ret, hub_fault *fault)
{
	zone_civil c = { 0 };
	int used = 0;
	if (clock_parse(text, strlen(text), ret))
		return HUB_OK;
	if (sscanf(text, "%4d-%2d-%2d%n", &c.year, &c.month, &c.day, &used) == 3 && !text[used] && c.year >= 1 && c.month >= 1 &&
	    c.month <= 12 && c.day >= 1 && c.day <= 31) {
		zone_from_civil(z, c, ret, NULL);
		return HUB_OK;
	}
	return hub_fault_set(fault, "bill.time", field, "'%.40s' is no date such as 2026-10-01 or moment as RFC 3339 has it", text);
}

static hub_status read_numbers(const char *const cells[COLUMNS], bill_imported *m, hub_fault *fault)
{
	decimal amount, quantity, cents;
	if (!unify_cycle_parse(cells[CYCLE], &m->cycle))
		return hub_fault_set(fault, "bill.cycle", "cycle", "'%.20s' is no cycle such as 2026-10", cells[CYCLE]);
	if (decimal_parse(cells[AMOUNT], strlen(cells[AMOUNT]), &amount) != HUB_OK ||
	    decimal_round(amount, 2, DECIMAL_DOWN, &cents) != HUB_OK || decimal_cmp(amount, cents) ||
	    decimal_to_int64(amount, 2, DECIMAL_DOWN, &m->amount) != HUB_OK)
		return hub_fault_set(fault, "bill.amount", "amount", "'%.40s' is no amount with at most two decimals", cells[AMOUNT]);
	if (decimal_parse(cells[QUANTITY], strlen(cells[QUANTITY]), &quantity) != HUB_OK)
		return hub_fault_set(fault, "bill.quantity", "quantity", "'%.40s' is no decimal number", cells[QUANTITY]);
	m->quantity = cells[QUANTITY];
	m->unit = cells[UNIT];
	m->reference = cells[REFERENCE];
	return HUB_OK;
}

static bool may_send(const char *const *may, const char *commodity)
{
	for (; may && *may; may++)
		if (!strcmp(*may, commodity))
			return true;
	return !may;
}

/* Whose bills these are, of which commodities they may be, and what they were handed in with. */
typedef struct sender {
	int64_t utility;
	const char *const *may;
	const uint8_t *sealed;
} sender;

/* Account and point of the row. HUB_MISSING: one of them is not there; the fault says which. */
static hub_status find(bills *b, const char *const cells[COLUMNS], arena *a, billing_account *account, point *pt, hub_fault *fault)
{
	*account = (billing_account){ .zone = "UTC" };
	hub_status st = account_by_code(b->db, cells[ACCOUNT], a, account);
	if (st == HUB_MISSING) {
		hub_fault_set(fault, "bill.account", "account", "there is no account '%.64s'", cells[ACCOUNT]);
		return st;
	}
	if (st == HUB_OK)
		st = point_by_code(b->db, cells[POINT], a, pt);
	if (st == HUB_MISSING)
		hub_fault_set(fault, "bill.point", "point", "there is no point '%.64s'", cells[POINT]);
	return st;
}

static hub_status read_period(bills *b, const char *name, const char *const cells[COLUMNS], bill_imported *m, hub_fault *fault)
{
	const zone *z;
	hub_status st = bills_zone(b, name, &z, fault);
	if (st == HUB_OK)
		st = read_time(cells[START], "start", z, &m->start, fault);
	if (st == HUB_OK)
		st = read_time(cells[END], "end", z, &m->end, fault);
	if (st == HUB_OK && m->start >= m->end)
		st = hub_fault_set(fault, "bill.period", "end", "the period ends at %.30s, not after it starts", cells[END]);
	return st;
}

/*
 * Nobody is billed by a utility that has no contract there. To a utility itself an account of others and one that
 * does not exist are the same; the operator is told which.
 */
static hub_status check_contract(bills *b, const sender *who, hub_status found, const bill_imported *m, arena *a, hub_fault *fault)
{
	contract *list;
	size_t count = 0;
	hub_status st = found == HUB_OK ? contract_list(b->db, &m->account, 1, m->start, m->end, a, &list, &count) : HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		if (list[i].point == m->point && list[i].party == m->party)
			return HUB_OK;
	if (st != HUB_OK || (found == HUB_MISSING && !who->may))
		return st == HUB_OK ? HUB_REJECT : st;
	return hub_fault_set(fault, "bill.contract", "point",
			     "the account has no contract with this utility at the point in that time; hubctl account supply");
}

static hub_status take(bills *b, const sender *who, const char *const cells[COLUMNS], arena *a, hub_fault *fault)
{
	billing_account account;
	point pt = { 0 };
	bill_imported m = { .party = who->utility, .sealed = who->sealed };
	/* What is wrong with the row itself is said first, whosesoever the account. */
	hub_status found = find(b, cells, a, &account, &pt, fault), st = found == HUB_MISSING ? HUB_OK : found;
	hub_fault missing = found == HUB_MISSING ? *fault : (hub_fault){ 0 };
	if (st == HUB_OK)
		st = read_numbers(cells, &m, fault);
	if (st == HUB_OK)
		st = read_period(b, account.zone, cells, &m, fault);
	m.account = account.id;
	m.point = pt.id;
	if (st == HUB_OK) {
		*fault = missing;
		st = check_contract(b, who, found, &m, a, fault);
	}
	if (st == HUB_OK && !may_send(who->may, pt.commodity))
		st = hub_fault_set(fault, "bill.commodity", "point", "you may send no bills of %s", pt.commodity);
	return st == HUB_OK ? bill_import(b->db, &m, fault) : st;
}

/* HUB_OK: go on, whatever became of the row; HUB_MISSING: no more. */
static hub_status next(bills *b, const sender *who, csv *c, const int places[COLUMNS], bool *ret_taken, hub_fault *fault)
{
	arena a;
	const char **cells, *row[COLUMNS];
	size_t count;
	arena_init(&a, 0);
	hub_status st = csv_next(c, &a, &cells, &count, fault);
	for (int i = 0; st == HUB_OK && i < COLUMNS; i++) {
		if ((size_t)places[i] >= count)
			st = hub_fault_set(fault, "bill.cells", columns[i], "the row has %zu cells and none for '%s'", count, columns[i]);
		else
			row[i] = cells[places[i]];
	}
	if (st == HUB_OK)
		st = take(b, who, row, &a, fault);
	arena_fini(&a);
	*ret_taken = st == HUB_OK;
	return st == HUB_REJECT || st == HUB_CONFLICT || st == HUB_RANGE ? HUB_OK : st;
}

/* What is told of a row: CSV by its line, JSON by its place. */
typedef struct report {
	bills_tell tell;
	void *user;
	size_t taken, refused;
} report;

static void count(report *r, bool taken, size_t place, const hub_fault *why)
{
	r->taken += taken;
	r->refused += !taken;
	if (!taken)
		r->tell(r->user, place, why);
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

static hub_status take_object(bills *b, const sender *who, const json_t *o, bool *ret_taken, hub_fault *fault)
{
	arena a;
	const char *row[COLUMNS];
	hub_status st = HUB_OK;
	arena_init(&a, 0);
	for (int i = 0; st == HUB_OK && i < COLUMNS; i++)
		st = cell_of(o, columns[i], &a, &row[i], fault);
	if (st == HUB_OK)
		st = take(b, who, row, &a, fault);
	arena_fini(&a);
	*ret_taken = st == HUB_OK;
	return st == HUB_REJECT || st == HUB_CONFLICT || st == HUB_RANGE ? HUB_OK : st;
}

/* {"bills": [{…}, …]} with the columns of the CSV as members. */
static hub_status import_json(bills *b, const sender *who, const char *bytes, size_t len, report *r, hub_fault *fault)
{
	json_error_t error;
	json_t *all = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &error), *o;
	const json_t *list = json_object_get(all, "bills");
	hub_status st = json_is_array(list) ? HUB_OK :
		hub_fault_set(fault, "bill.json", "bills", "a file of bills in JSON is {\"bills\": [{\"account\": …}, …]}: %.100s",
			      all ? "" : error.text);
	size_t i;
	json_array_foreach(list, i, o) {
		hub_fault why = { 0 };
		bool good = false;
		if (st != HUB_OK)
			break;
		st = take_object(b, who, o, &good, &why);
		if (st == HUB_OK)
			count(r, good, i + 1, &why);
		else if (fault)
			*fault = why;
	}
	json_decref(all);
	return st;
}

static hub_status import_csv(bills *b, const sender *who, const void *bytes, size_t len, report *r, hub_fault *fault)
{
	arena a;
	csv c = csv_of(bytes, len);
	int places[COLUMNS];
	arena_init(&a, 0);
	hub_status st = read_header(&c, &a, places, fault);
	while (st == HUB_OK) {
		hub_fault why = { 0 };
		bool good;
		st = next(b, who, &c, places, &good, &why);
		if (st == HUB_OK)
			count(r, good, c.line, &why);
		else if (st != HUB_MISSING && fault)
			*fault = why;
	}
	arena_fini(&a);
	return st == HUB_MISSING ? HUB_OK : st;
}

static bool is_json(const char *bytes, size_t len)
{
	size_t i = len >= 3 && !memcmp(bytes, "\xEF\xBB\xBF", 3) ? 3 : 0;
	while (i < len && strchr(" \t\r\n", bytes[i]) && bytes[i])
		i++;
	return i < len && bytes[i] == '{';
}

hub_status bills_import(bills *b, int64_t utility, const char *const *may, const uint8_t *sealed, const void *bytes, size_t len,
			bills_tell tell, void *user, size_t *ret_taken, size_t *ret_refused, hub_fault *fault)
{
	const sender who = { utility, may, sealed };
	report r = { .tell = tell, .user = user };
	hub_status st = is_json(bytes, len) ? import_json(b, &who, bytes, len, &r, fault) : import_csv(b, &who, bytes, len, &r, fault);
	if (st != HUB_OK)
		return st;
	*ret_taken = r.taken;
	*ret_refused = r.refused;
	return HUB_OK;
}
