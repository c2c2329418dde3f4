#include <stdlib.h>
#include <string.h>

#include "billing/bills_parts.h"
#include "billing/level.h"

static hub_status keep_state(const rating_bill *bill, arena *a, const char **ret)
{
	buf text = { 0 };
	rating_state(bill, &text);
	*ret = text.bad ? NULL : arena_strndup(a, (const char *)text.bytes, text.len);
	buf_fini(&text);
	return *ret ? HUB_OK : HUB_NOMEM;
}

/* The quantity of the part: of the first charge on use, each span of use once. */
static hub_status count_use(const rating_bill *bill, const usage *u, unify_part *p)
{
	const char *name = NULL;
	for (size_t i = 0; i < bill->count && !name; i++)
		if (bill->lines[i].charge && bill->lines[i].charge->kind == TARIFF_USAGE)
			name = bill->lines[i].charge->quantity;
	const usage_series *s = name ? usage_series_find(u, name, NULL) : u->series_count ? &u->series[0] : NULL;
	usage_sum sum = { 0 };
	if (!s)
		return HUB_OK;
	hub_status st = usage_amount(s, p->start, p->end, &sum);
	p->quantity = sum.amount;
	p->estimated = sum.estimated;
	p->unit = s->unit;
	return st;
}

/* The series of the part's quantity and the mean day before. */
static bool broke(const usage *u, const unify_part *p, const unify_part *last)
{
	decimal before = decimal_of(0, 0);
	const usage_series *s = u->series_count ? &u->series[0] : NULL;
	if (last && !strcmp(last->unit, p->unit) && last->end > last->start)
		if (decimal_div(last->quantity, decimal_of((last->end - last->start) / INT64_C(86400000000), 0), 6, DECIMAL_HALF_UP,
				&before) != HUB_OK)
			before = decimal_of(0, 0);
	return s && level_breaks(s, p->start, p->end, before);
}

static hub_status rate(bills *b, const tariff *t, const usage *u, arena *a, unify_part *p, hub_fault *fault)
{
	rating_bill bill;
	(void)b;
	hub_status st = rating_rate(t, u, a, &bill, fault);
	if (st == HUB_OK)
		st = decimal_to_int64(bill.total, 2, DECIMAL_HALF_UP, &p->amount);
	if (st == HUB_OK)
		st = count_use(&bill, u, p);
	return st == HUB_OK ? keep_state(&bill, a, &p->state) : st;
}

static hub_status refused(unify_part *p, const hub_fault *fault, arena *a)
{
	p->flags |= UNIFY_REFUSED;
	p->amount = 0;
	p->why = arena_strdup(a, fault->code ? fault->message : "a number does not fit");
	return p->why ? HUB_OK : HUB_NOMEM;
}

static bool is_the_input(hub_status st)
{
	return st == HUB_REJECT || st == HUB_MISSING || st == HUB_RANGE;
}

hub_status bills_compute(bills *b, const contract *c, const point *pt, hub_time start, hub_time end, const unify_part *last,
			 arena *a, unify_part *ret, hub_fault *fault)
{
	const bills_document *d = NULL;
	usage u;
	int64_t covered = 0;
	hub_fault why = { 0 };
	*ret = (unify_part){ .point = c->point, .party = c->party, .start = start, .end = end, .unit = "", .state = "",
			     .reference = "", .why = "" };
	hub_status st = bills_document_at(b, c->tariff, end - 1, &d, &why);
	if (st == HUB_OK) {
		ret->tariff = d->id;
		int16_t currency;
		if (bills_currency(d->t->currency, &currency) != HUB_OK || currency != LEDGER_CNY)
			st = hub_fault_set(&why, "bill.currency", "currency", "the tariff is in '%.8s'; the account's bills are in CNY",
					   d->t->currency);
	}
	if (st == HUB_OK)
		st = bills_usage(b, d->t, ret, c->facts, last ? last->state : "", c->valid_from, pt->interval, a, &u, &covered, &why);
	if (st == HUB_OK && !covered) {
		ret->flags |= UNIFY_MISSING;
		ret->why = arena_printf(a, "no readings of %.60s in the cycle, which tariff '%.64s' counts",
					u.series_count ? u.series[0].quantity : "what is charged", c->tariff);
		usage_fini(&u);
		return ret->why ? HUB_OK : HUB_NOMEM;
	}
	if (st == HUB_OK) {
		st = rate(b, d->t, &u, a, ret, &why);
		if (st == HUB_OK) {
			unify_judge(ret, last, covered);
			ret->flags |= broke(&u, ret, last) ? UNIFY_JUMP : 0;
		}
		usage_fini(&u);
	}
	if (is_the_input(st))
		return refused(ret, &why, a);
	if (st != HUB_OK && fault)
		*fault = why;
	return st;
}

hub_status bills_lines(bills *b, const billing_account *account, const unify_part *part, const unify_part *last, arena *a,
		       rating_bill *ret, hub_fault *fault)
{
	const bills_document *d;
	usage u;
	int64_t covered;
	contract *list;
	size_t count;
	hub_status st = bills_document_of(b, part->tariff, &d, fault);
	if (st == HUB_OK)
		st = contract_list(b->db, &account->id, 1, part->start, part->end, a, &list, &count);
	const contract *c = NULL;
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		if (list[i].point == part->point && list[i].party == part->party && list[i].valid_from <= part->start)
			c = &list[i];
	if (st == HUB_OK && !c)
		st = HUB_MISSING;
	if (st == HUB_OK)
		st = bills_usage(b, d->t, part, c->facts, last ? last->state : "", c->valid_from, 0, a, &u, &covered, fault);
	if (st != HUB_OK)
		return st;
	st = rating_rate(d->t, &u, a, ret, fault);
	usage_fini(&u);
	return st;
}
