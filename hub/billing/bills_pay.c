#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "billing/bills_parts.h"
#include "store/provider.h"

enum { OPEN_MAX = 512 };

/* An account's bills, locked, with the parts that are open. */
typedef struct book {
	bill_row *rows;
	unify_bill *bills; /* of each row */
	size_t count;
	payment_part parts[OPEN_MAX];
	struct {
		size_t row, part;
	} at[OPEN_MAX];
	size_t open_count;
	bills_share shares[OPEN_MAX]; /* what was changed */
	size_t share_count;
} book;

static hub_status load(bills *b, int64_t account, arena *a, book *k)
{
	hub_status st = bill_lock(b->db, account, a, &k->rows, &k->count);
	if (st != HUB_OK)
		return st;
	k->bills = arena_array(a, k->count, sizeof *k->bills);
	if (!k->bills)
		return HUB_NOMEM;
	for (size_t i = 0; i < k->count && st == HUB_OK; i++) {
		st = unify_read(k->rows[i].body, a, &k->bills[i]);
		if (st == HUB_OK && k->bills[i].count != k->rows[i].paid_count)
			st = HUB_FAILED;
	}
	return st == HUB_REJECT ? HUB_FAILED : st;
}

static bool wanted(const json_t *targets, int32_t cycle, size_t part)
{
	size_t i;
	json_t *t;
	json_array_foreach(targets, i, t) {
		json_int_t at = json_integer_value(json_array_get(t, 1));
		if (json_integer_value(json_array_get(t, 0)) == cycle && (at < 0 || (size_t)at == part))
			return true;
	}
	return !json_array_size(targets);
}

static hub_status find_open(book *k, const char *targets, arena *a)
{
	json_t *list = json_loads(targets, 0, NULL);
	hub_status st = list ? HUB_OK : HUB_FAILED;
	for (size_t i = 0; st == HUB_OK && i < k->count; i++)
		for (size_t j = 0; k->rows[i].state == BILL_POSTED && j < k->bills[i].count && k->open_count < OPEN_MAX; j++) {
			int64_t open = k->bills[i].parts[j].amount - k->rows[i].paid[j];
			if (open <= 0 || !wanted(list, k->rows[i].cycle, j))
				continue;
			const char *id = arena_printf(a, "%d/%02zu", k->rows[i].cycle, j);
			if (!id)
				st = HUB_NOMEM;
			k->at[k->open_count].row = i;
			k->at[k->open_count].part = j;
			k->parts[k->open_count++] = (payment_part){ id, k->rows[i].due, (int32_t)j, open };
		}
	json_decref(list);
	return st;
}

/* A part is paid (amount > 0) or open again: its receivable, and what its utility is due. */
static void legs_of_part(bills_legs *l, int64_t account, const unify_part *part, int64_t amount)
{
	int64_t utility = ledger_settlement(part->party, account);
	bills_leg(l, account, ledger_part(LEDGER_RECEIVABLE, part->party), -amount);
	bills_leg(l, utility, ledger_part(LEDGER_BILLED, 0), amount);
	bills_leg(l, utility, ledger_part(LEDGER_COLLECTED, 0), -amount);
}

static hub_status change_paid(bills *b, book *k, size_t row, size_t part, int64_t by, arena *a)
{
	bill_row *r = &k->rows[row];
	int64_t *paid = arena_memdup(a, r->paid, r->paid_count * sizeof *paid);
	if (!paid)
		return HUB_NOMEM;
	paid[part] += by;
	r->paid = paid;
	const unify_part *p = &k->bills[row].parts[part];
	if (k->share_count < OPEN_MAX)
		k->shares[k->share_count++] = (bills_share){ p->party, by, p->amount - paid[part], r->cycle, r->revision, part };
	return bill_update(b->db, r);
}

/* Shares an amount over what is open and notes it; *ret_split as JSON, without what went to credit. */
static hub_status spread(bills *b, int64_t account, book *k, payment_rule rule, int64_t amount, bills_legs *l, arena *a,
			 int64_t *ret_credit, const char **ret_split, hub_fault *fault)
{
	int64_t shares[OPEN_MAX];
	buf split = { 0 };
	hub_status st = payment_split(rule, k->parts, k->open_count, amount, shares, ret_credit, fault);
	buf_text(&split, "[");
	for (size_t i = 0; st == HUB_OK && i < k->open_count; i++) {
		if (!shares[i])
			continue;
		const bill_row *r = &k->rows[k->at[i].row];
		legs_of_part(l, account, &k->bills[k->at[i].row].parts[k->at[i].part], shares[i]);
		buf_printf(&split, "%s[%d,%d,%zu,%lld]", split.len > 1 ? "," : "", r->cycle, r->revision, k->at[i].part,
			   (long long)shares[i]);
		st = change_paid(b, k, k->at[i].row, k->at[i].part, shares[i], a);
	}
	buf_text(&split, "]");
	*ret_split = split.bad ? NULL : arena_strndup(a, (const char *)split.bytes, split.len);
	buf_fini(&split);
	return st == HUB_OK && !*ret_split ? HUB_NOMEM : st;
}

/* Utilities hear of it in the same transaction. */
static hub_status tell(bills *b, int64_t account, const char *order, const char *status, book *k, arena *a)
{
	billing_account who;
	hub_status st = k->share_count ? account_by_id(b->db, account, a, &who) : HUB_OK;
	if (st != HUB_OK || !k->share_count)
		return st;
	const bills_told t = { &who, order, status, k->rows[0].currency, clock_now() };
	return bills_tell_utilities(b, &t, k->shares, k->share_count, a);
}

static hub_status take(bills *b, payment_row *p, const char *order, const char *reference, arena *a, hub_fault *fault)
{
	book *k = arena_alloc(a, sizeof *k);
	bills_legs l = { .currency = p->currency };
	int64_t credit = 0;
	hub_status st = k ? load(b, p->account, a, k) : HUB_NOMEM;
	if (st == HUB_OK)
		st = find_open(k, p->targets, a);
	const char *key = arena_printf(a, "payment/%lld/%s", (long long)p->account, p->id);
	bills_leg(&l, ledger_settlement(p->provider, p->account), ledger_part(LEDGER_CASH, 0), p->amount);
	if (st == HUB_OK)
		st = key ? spread(b, p->account, k, (payment_rule)p->rule, p->amount, &l, a, &credit, &p->split, fault) : HUB_NOMEM;
	bills_leg(&l, p->account, ledger_part(LEDGER_CREDIT, 0), -credit);
	if (st == HUB_OK)
		st = bills_post(b, &l, BILLS_CODE_PAYMENT, key, fault);
	if (st == HUB_OK)
		st = tell(b, p->account, order, "paid", k, a);
	p->state = PAYMENT_PAID;
	p->reference = reference;
	return st == HUB_OK ? payment_update(b->db, p) : st;
}

const char *bills_order_text(int64_t account, const char *id, arena *a)
{
	return arena_printf(a, "%lld-%s", (long long)account, id);
}

static bool id_fits(const char *id)
{
	size_t len = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
	return len && len <= 64 && !id[len];
}

bool bills_order_read(const char *text, int64_t *ret_account, const char **ret_id)
{
	size_t digits = strspn(text, "0123456789");
	if (!digits || digits > 18 || text[digits] != '-' || !id_fits(text + digits + 1))
		return false;
	*ret_account = strtoll(text, NULL, 10);
	*ret_id = text + digits + 1;
	return true;
}

static hub_status check(bills *b, int64_t caller, const payment_notice *n, const char *signature, const payment_row *p,
			hub_time now, arena *a, hub_fault *fault)
{
	payment_provider who;
	hub_status st = provider_by_party(b->db, p->provider, a, &who);
	if (st == HUB_MISSING || (st == HUB_OK && caller && caller != p->provider)) {
		hub_fault_set(fault, "payment.provider", "order", "the order '%.90s' was not given to you", n->order);
		return HUB_DENIED;
	}
	return st == HUB_OK ? payment_notice_check(n, signature, who.key, who.key_len, n->order, bills_currency_code(p->currency),
						   p->amount, now, fault) : st;
}

static hub_status notice(bills *b, int64_t caller, const payment_notice *n, const char *signature, hub_time now, arena *a,
			 hub_fault *fault)
{
	payment_row p;
	int64_t account;
	const char *id;
	if (!n->order || !bills_order_read(n->order, &account, &id))
		return hub_fault_set(fault, "payment.order", "order", "an order is called by its account's number, '-' and its id");
	hub_status st = payment_lock(b->db, account, id, a, &p);
	if (st == HUB_MISSING)
		hub_fault_set(fault, "payment.order", "order", "there is no order '%.90s'", n->order);
	if (st == HUB_OK)
		st = check(b, caller, n, signature, &p, now, a, fault);
	if (st != HUB_OK)
		return st;
	if (p.state == PAYMENT_ORDERED)
		return take(b, &p, n->order, n->reference, a, fault);
	if (!strcmp(p.reference, n->reference))
		return HUB_OK;
	hub_fault_set(fault, "payment.taken", "order", "the order was paid or refunded already; give this payment back");
	return HUB_CONFLICT;
}

hub_status bills_pay_notice(bills *b, int64_t caller, const payment_notice *n, const char *signature, hub_time now,
			    hub_fault *fault)
{
	arena a;
	arena_init(&a, 0);
	hub_status st = store_scope(b->db);
	if (st == HUB_OK)
		st = store_scope_end(b->db, notice(b, caller, n, signature, now, &a, fault));
	arena_fini(&a);
	return st;
}

/* The order that is there already has to be this one. */
static hub_status same_order(bills *b, const payment_row *p, arena *a, hub_fault *fault)
{
	payment_row old;
	hub_status st = payment_lock(b->db, p->account, p->id, a, &old);
	if (st == HUB_OK && (old.amount != p->amount || old.provider != p->provider || old.rule != p->rule ||
			     strcmp(old.targets, p->targets))) {
		hub_fault_set(fault, "payment.key", "id", "the account has an order '%.64s' with other content", p->id);
		return HUB_CONFLICT;
	}
	return st;
}

static hub_status order(bills *b, const payment_row *p, arena *a, hub_fault *fault)
{
	payment_provider who;
	billing_account account;
	hub_status st = provider_by_party(b->db, p->provider, a, &who);
	if (st == HUB_MISSING)
		hub_fault_set(fault, "payment.provider", "provider", "this party takes no payments; hubctl payment provider");
	if (st == HUB_OK)
		st = payment_insert(b->db, p);
	if (st == HUB_CONFLICT)
		return same_order(b, p, a, fault);
	if (st == HUB_OK)
		st = account_by_id(b->db, p->account, a, &account);
	const char *text = bills_order_text(p->account, p->id, a);
	const bills_told t = { &account, text, "payment_order", p->currency, clock_now() };
	return st != HUB_OK ? st : text ? bills_tell_provider(b, &t, p->provider, p->amount, a) : HUB_NOMEM;
}

hub_status bills_pay_order(bills *b, int64_t account, const char *id, int64_t provider, int64_t amount, payment_rule rule,
			   const bills_target *targets, size_t count, hub_fault *fault)
{
	arena a;
	buf text = { 0 };
	if (amount <= 0)
		return hub_fault_set(fault, "payment.amount", "amount", "a payment is above 0, not %lld", (long long)amount);
	if (!id_fits(id))
		return hub_fault_set(fault, "payment.id", "id", "an order's id is 1 to 64 of A-Z a-z 0-9 . _ -");
	buf_text(&text, "[");
	for (size_t i = 0; i < count; i++)
		buf_printf(&text, "%s[%d,%d]", i ? "," : "", targets[i].cycle, targets[i].part);
	buf_text(&text, "]");
	const payment_row p = { .account = account, .id = id, .provider = provider, .amount = amount, .currency = LEDGER_CNY,
				.rule = (int16_t)rule, .targets = buf_cstr(&text) };
	arena_init(&a, 0);
	hub_status st = text.bad ? HUB_NOMEM : store_scope(b->db);
	if (st == HUB_OK)
		st = store_scope_end(b->db, order(b, &p, &a, fault));
	arena_fini(&a);
	buf_fini(&text);
	return st;
}

static hub_status use_credit(bills *b, int64_t account, arena *a, int64_t *ret, hub_fault *fault)
{
	ledger_balance credit = { .of = { account, ledger_part(LEDGER_CREDIT, 0), LEDGER_CNY } };
	book *k = arena_alloc(a, sizeof *k);
	bills_legs l = { .currency = LEDGER_CNY };
	hub_status st = k ? load(b, account, a, k) : HUB_NOMEM;
	if (st == HUB_OK)
		st = find_open(k, "[]", a);
	if (st == HUB_OK)
		st = ledger_balances(b->db, &credit, 1, 0);
	int64_t there = -credit.balance - credit.held_debit, rest = 0;
	const char *split, *key = arena_printf(a, "credit/%lld/%lld", (long long)account, (long long)credit.seq);
	*ret = 0;
	if (st != HUB_OK || there <= 0 || !k->open_count)
		return st;
	bills_leg(&l, account, ledger_part(LEDGER_CREDIT, 0), there);
	st = key ? spread(b, account, k, PAYMENT_BY_DUE, there, &l, a, &rest, &split, fault) : HUB_NOMEM;
	bills_leg(&l, account, ledger_part(LEDGER_CREDIT, 0), -rest);
	*ret = there - rest;
	if (st == HUB_OK)
		st = bills_post(b, &l, BILLS_CODE_CREDIT, key, fault);
	const char *name = arena_printf(a, "credit-%lld-%lld", (long long)account, (long long)credit.seq);
	return st != HUB_OK ? st : name ? tell(b, account, name, "paid", k, a) : HUB_NOMEM;
}

hub_status bills_use_credit(bills *b, int64_t account, int64_t *ret, hub_fault *fault)
{
	arena a;
	arena_init(&a, 0);
	int64_t used = 0;
	hub_status st = store_scope(b->db);
	if (st == HUB_OK)
		st = store_scope_end(b->db, use_credit(b, account, &a, &used, fault));
	arena_fini(&a);
	if (st == HUB_OK)
		*ret = used;
	return st;
}

/* A payment's share goes back: out of its part if that bill still stands, else out of the credit it became. */
static hub_status give_back(bills *b, int64_t account, book *k, const json_t *share, bills_legs *l, arena *a)
{
	json_int_t cycle = json_integer_value(json_array_get(share, 0)), revision = json_integer_value(json_array_get(share, 1));
	size_t part = (size_t)json_integer_value(json_array_get(share, 2));
	int64_t amount = json_integer_value(json_array_get(share, 3));
	for (size_t i = 0; i < k->count; i++) {
		const bill_row *r = &k->rows[i];
		if (r->cycle != cycle || r->revision != revision || r->state != BILL_POSTED || part >= r->paid_count)
			continue;
		legs_of_part(l, account, &k->bills[i].parts[part], -amount);
		return change_paid(b, k, i, part, -amount, a);
	}
	bills_leg(l, account, ledger_part(LEDGER_CREDIT, 0), amount);
	return HUB_OK;
}

static hub_status refund(bills *b, int64_t account, const char *id, arena *a, hub_fault *fault)
{
	payment_row p;
	book *k = arena_alloc(a, sizeof *k);
	hub_status st = k ? payment_lock(b->db, account, id, a, &p) : HUB_NOMEM;
	if (st != HUB_OK || p.state == PAYMENT_REFUNDED)
		return st;
	if (p.state != PAYMENT_PAID) {
		hub_fault_set(fault, "payment.unpaid", "id", "order '%.60s' is not paid, so there is nothing to give back", id);
		return HUB_CONFLICT;
	}
	bills_legs l = { .currency = p.currency };
	json_t *split = json_loads(p.split, 0, NULL), *share;
	size_t i;
	int64_t placed = 0;
	bills_leg(&l, ledger_settlement(p.provider, account), ledger_part(LEDGER_CASH, 0), -p.amount);
	st = split ? load(b, account, a, k) : HUB_FAILED;
	json_array_foreach(split, i, share) {
		placed += json_integer_value(json_array_get(share, 3));
		if (st == HUB_OK)
			st = give_back(b, account, k, share, &l, a);
	}
	json_decref(split);
	bills_leg(&l, account, ledger_part(LEDGER_CREDIT, 0), p.amount - placed);
	const char *key = arena_printf(a, "refund/%lld/%s", (long long)account, id);
	if (st == HUB_OK)
		st = key ? bills_post(b, &l, BILLS_CODE_REFUND, key, fault) : HUB_NOMEM;
	const char *order = bills_order_text(account, id, a);
	if (st == HUB_OK)
		st = order ? tell(b, account, order, "refunded", k, a) : HUB_NOMEM;
	const bills_told t = { NULL, order, "refund", p.currency, clock_now() };
	if (st == HUB_OK)
		st = bills_tell_provider(b, &t, p.provider, p.amount, a);
	p.state = PAYMENT_REFUNDED;
	return st == HUB_OK ? payment_update(b->db, &p) : st;
}

hub_status bills_refund(bills *b, int64_t account, const char *id, hub_fault *fault)
{
	arena a;
	arena_init(&a, 0);
	hub_status st = store_scope(b->db);
	if (st == HUB_OK)
		st = store_scope_end(b->db, refund(b, account, id, &a, fault));
	arena_fini(&a);
	return st;
}

static hub_status cancel(bills *b, int64_t account, int32_t cycle, arena *a, hub_fault *fault)
{
	book *k = arena_alloc(a, sizeof *k);
	hub_status st = k ? load(b, account, a, k) : HUB_NOMEM;
	size_t i = k ? k->count : 0;
	while (st == HUB_OK && i && (k->rows[i - 1].cycle != cycle))
		i--;
	if (st != HUB_OK || !i)
		return st == HUB_OK ? HUB_MISSING : st;
	bill_row *r = &k->rows[i - 1];
	if (r->state != BILL_POSTED) {
		hub_fault_set(fault, "bill.cancelled", "cycle", "the bill of %d is cancelled already; run the cycle to make it anew",
			      cycle);
		return HUB_CONFLICT;
	}
	bills_legs l = { .currency = r->currency };
	for (size_t j = 0; j < r->paid_count; j++) {
		const unify_part *part = &k->bills[i - 1].parts[j];
		legs_of_part(&l, account, part, -r->paid[j]);
		bills_leg(&l, account, ledger_part(LEDGER_CREDIT, 0), -r->paid[j]);
		bills_leg(&l, account, ledger_part(LEDGER_RECEIVABLE, part->party), -part->amount);
		bills_leg(&l, ledger_settlement(part->party, account), ledger_part(LEDGER_BILLED, 0), part->amount);
		k->shares[k->share_count++] = (bills_share){ part->party, -r->paid[j], 0, cycle, r->revision, j };
	}
	const char *key = arena_printf(a, "cancel/%lld/%d/%d", (long long)account, cycle, r->revision);
	st = key ? bills_post(b, &l, BILLS_CODE_CANCEL, key, fault) : HUB_NOMEM;
	const char *name = arena_printf(a, "bill-%lld-%d-%d", (long long)account, cycle, r->revision);
	if (st == HUB_OK)
		st = name ? tell(b, account, name, "reversed", k, a) : HUB_NOMEM;
	r->state = BILL_CANCELLED;
	r->paid = arena_array(a, r->paid_count, sizeof *r->paid);
	if (st == HUB_OK && !r->paid)
		st = HUB_NOMEM;
	return st == HUB_OK ? bill_update(b->db, r) : st;
}

hub_status bills_cancel(bills *b, int64_t account, int32_t cycle, hub_fault *fault)
{
	arena a;
	arena_init(&a, 0);
	hub_status st = store_scope(b->db);
	if (st == HUB_OK)
		st = store_scope_end(b->db, cancel(b, account, cycle, &a, fault));
	arena_fini(&a);
	return st;
}
