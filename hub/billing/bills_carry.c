#include "billing/bills_parts.h"

#include <string.h>

static hub_status check_key(const char *key, hub_fault *fault)
{
	size_t len = strlen(key);
	if (len && len <= 64)
		return HUB_OK;
	return hub_fault_set(fault, "carry.key", "key", "what carries a balance over is called by 1 to 64 bytes, such as the work order");
}

/* Once by key; another amount under the same key is refused by the ledger. */
static hub_status post_carry(bills *b, const bills_legs *l, const char *key, hub_fault *fault)
{
	hub_status st = key ? bills_post(b, l, BILLS_CODE_CARRY, key, fault) : HUB_NOMEM;
	if (st == HUB_CONFLICT)
		hub_fault_set(fault, "carry.key", "key", "another balance was carried over under this key");
	return st;
}

/* Who was supplied at the point until the meter went, and by whom. */
static hub_status contract_until(bills *b, int64_t place, hub_time at, arena *a, contract *ret, hub_fault *fault)
{
	hub_status st = contract_at(b->db, place, at - 1, a, ret);
	if (st == HUB_MISSING)
		hub_fault_set(fault, "carry.contract", "point", "nobody has a contract at the point until then, so the balance has no "
			      "account; hubctl account supply");
	return st;
}

hub_status bills_carry_meter(bills *b, int64_t place, hub_time at, int64_t amount, const char *key, hub_fault *fault)
{
	arena a;
	contract c;
	bills_legs l = { .currency = LEDGER_CNY };
	hub_status st = check_key(key, fault);
	if (st == HUB_OK && amount <= 0)
		return hub_fault_set(fault, "carry.amount", "balance", "a meter's balance of %lld is nothing to carry over; what it is "
				     "overdrawn by is the utility's bill: hubctl bill import", (long long)amount);
	if (st != HUB_OK)
		return st;
	arena_init(&a, 0);
	st = contract_until(b, place, at, &a, &c, fault);
	if (st == HUB_OK) {
		/* The utility took this money itself when the meter was charged, so it is due from it. */
		bills_leg(&l, c.account, ledger_part(LEDGER_CREDIT, 0), -amount);
		bills_leg(&l, ledger_settlement(c.party, c.account), ledger_part(LEDGER_CHARGES, 0), amount);
		st = post_carry(b, &l, arena_printf(&a, "carry/%lld/%s", (long long)place, key), fault);
	}
	arena_fini(&a);
	return st;
}

static hub_status carry_account(bills *b, int64_t from, int64_t to, const char *key, arena *a, int64_t *ret, hub_fault *fault)
{
	ledger_balance credit = { .of = { from, ledger_part(LEDGER_CREDIT, 0), LEDGER_CNY } };
	bills_legs l = { .currency = LEDGER_CNY };
	hub_status st = ledger_balances(b->db, &credit, 1, 0);
	*ret = -credit.balance - credit.held_debit;
	if (st != HUB_OK || *ret <= 0)
		return st;
	bills_leg(&l, from, ledger_part(LEDGER_CREDIT, 0), *ret);
	bills_leg(&l, to, ledger_part(LEDGER_CREDIT, 0), -*ret);
	return post_carry(b, &l, arena_printf(a, "carry/%lld/%lld/%s", (long long)from, (long long)to, key), fault);
}

hub_status bills_carry_account(bills *b, int64_t from, int64_t to, const char *key, int64_t *ret, hub_fault *fault)
{
	arena a;
	int64_t used = 0;
	hub_status st = check_key(key, fault);
	if (st == HUB_OK && from == to)
		return hub_fault_set(fault, "carry.account", "to", "a balance is carried over to another account");
	if (st != HUB_OK)
		return st;
	arena_init(&a, 0);
	*ret = 0;
	st = store_scope(b->db);
	if (st == HUB_OK) {
		/* What is open in the old account is paid first: only what is left goes. */
		st = bills_use_credit(b, from, &used, fault);
		if (st == HUB_OK)
			st = carry_account(b, from, to, key, &a, ret, fault);
		st = store_scope_end(b->db, st);
	}
	arena_fini(&a);
	return st;
}
