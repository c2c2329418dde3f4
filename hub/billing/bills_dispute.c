#include "billing/bills_parts.h"

#include <string.h>

#include "base/clock.h"

/* The part's utility hears of it where it hears of payments: nothing was paid, and so much is open. */
static hub_status tell(bills *b, const billing_account *account, const bill_row *row, const unify_part *p, size_t part,
		       const char *status, arena *a)
{
	hub_time now = clock_now();
	bills_share share = { .party = p->party, .open = p->amount - row->paid[part], .cycle = row->cycle, .revision = row->revision,
			      .part = part };
	const bills_told t = { account, arena_printf(a, "dispute-%lld-%d-%zu-%lld", (long long)account->id, row->cycle, part,
						     (long long)(now / 1000000)), status, row->currency, now };
	return t.order ? bills_tell_utilities(b, &t, &share, 1, a) : HUB_NOMEM;
}

static hub_status part_of(const bill_row *row, size_t part, arena *a, const unify_part **ret, hub_fault *fault)
{
	unify_bill *bill = arena_alloc(a, sizeof *bill);
	hub_status st = bill ? unify_read(row->body, a, bill) : HUB_NOMEM;
	if (st == HUB_OK && (part >= bill->count || part >= row->paid_count))
		return hub_fault_set(fault, "bill.part", "part", "the bill has the parts 0 … %zu", bill->count - 1);
	if (st == HUB_OK)
		*ret = &bill->parts[part];
	return st;
}

hub_status bills_dispute(bills *b, const billing_account *account, const bill_row *row, size_t part, const char *reason,
			 hub_fault *fault)
{
	arena a;
	const unify_part *p;
	arena_init(&a, 0);
	hub_status st = part_of(row, part, &a, &p, fault);
	if (st == HUB_OK)
		st = store_scope(b->db);
	if (st == HUB_OK) {
		const bill_dispute d = { .account = account->id, .cycle = row->cycle, .party = p->party, .point = p->point, .reason = reason };
		bool changed = false;
		st = dispute_open(b->db, &d, &changed, fault);
		if (st == HUB_OK && changed)
			st = tell(b, account, row, p, part, "disputed", &a);
		st = store_scope_end(b->db, st);
	}
	arena_fini(&a);
	return st;
}

hub_status bills_dispute_settle(bills *b, const billing_account *account, const bill_row *row, size_t part, const char *answer,
				hub_fault *fault)
{
	arena a;
	const unify_part *p;
	arena_init(&a, 0);
	hub_status st = part_of(row, part, &a, &p, fault);
	if (st == HUB_OK)
		st = store_scope(b->db);
	if (st == HUB_OK) {
		const bill_dispute d = { .account = account->id, .cycle = row->cycle, .party = p->party, .point = p->point, .answer = answer };
		st = dispute_settle(b->db, &d);
		if (st == HUB_MISSING)
			hub_fault_set(fault, "bill.undisputed", "part", "that part is not contested");
		if (st == HUB_OK)
			st = tell(b, account, row, p, part, "settled", &a);
		st = store_scope_end(b->db, st);
	}
	arena_fini(&a);
	return st;
}
