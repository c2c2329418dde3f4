#include <string.h>

#include "billing/bill_sheet.h"
#include "billing/bills_parts.h"

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
static hub_status find(bills *b, const bill_sheet_row *row, arena *a, billing_account *account, point *pt, hub_fault *fault)
{
	*account = (billing_account){ .zone = "UTC" };
	hub_status st = account_by_code(b->db, row->account, a, account);
	if (st == HUB_MISSING) {
		hub_fault_set(fault, "bill.account", "account", "there is no account '%.64s'", row->account);
		return st;
	}
	if (st == HUB_OK)
		st = point_by_code(b->db, row->point, a, pt);
	if (st == HUB_MISSING)
		hub_fault_set(fault, "bill.point", "point", "there is no point '%.64s'", row->point);
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

static hub_status take(bills *b, const sender *who, const bill_sheet_row *row, arena *a, hub_fault *fault)
{
	billing_account account;
	const zone *z;
	point pt = { 0 };
	bill_imported m = { .party = who->utility, .amount = row->amount, .cycle = row->cycle, .quantity = row->quantity,
			    .unit = row->unit, .reference = row->reference, .sealed = who->sealed };
	/* What is wrong with the row itself is said first, whosesoever the account. */
	hub_status found = find(b, row, a, &account, &pt, fault), st = found == HUB_MISSING ? HUB_OK : found;
	hub_fault missing = found == HUB_MISSING ? *fault : (hub_fault){ 0 };
	if (st == HUB_OK)
		st = bills_zone(b, account.zone, &z, fault);
	if (st == HUB_OK)
		st = bill_sheet_period(row, z, &m.start, &m.end, fault);
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

static bool is_of_the_row(hub_status st)
{
	return st == HUB_REJECT || st == HUB_CONFLICT || st == HUB_RANGE;
}

hub_status bills_import(bills *b, int64_t utility, const char *const *may, const uint8_t *sealed, const void *bytes, size_t len,
			bills_tell tell, void *user, size_t *ret_taken, size_t *ret_refused, hub_fault *fault)
{
	const sender who = { utility, may, sealed };
	bill_sheet sheet;
	bill_sheet_row row;
	arena whole, a;
	arena_init(&whole, 0);
	arena_init(&a, 0);
	*ret_taken = *ret_refused = 0;
	hub_status st = bill_sheet_open(&sheet, bytes, len, &whole, fault);
	while (st == HUB_OK) {
		hub_fault why = { 0 };
		arena_reset(&a);
		st = bill_sheet_next(&sheet, &a, &row, &why);
		if (st == HUB_OK)
			st = take(b, &who, &row, &a, &why);
		if (is_of_the_row(st)) {
			++*ret_refused;
			tell(user, sheet.place, &why);
			st = HUB_OK;
		} else if (st == HUB_OK) {
			++*ret_taken;
		} else if (st != HUB_MISSING && fault) {
			*fault = why;
		}
	}
	bill_sheet_fini(&sheet);
	arena_fini(&a);
	arena_fini(&whole);
	return st == HUB_MISSING ? HUB_OK : st;
}
