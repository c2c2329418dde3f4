#include "billing/bills_trace.h"

#include <jansson.h>

#include "base/grow.h"
#include "billing/bills_charging.h"
#include "billing/bills_parts.h"

/* Bills and orders of one account that are looked through, the newest: ten years of both. */
enum { ROWS = 512, ACCOUNTS = 2 };

typedef struct search {
	bills *b;
	arena *a;
	bills_place *list;
	size_t count, room;
} search;

static hub_status add(search *s, const billing_account *account, const bill_row *row, size_t part, const unify_part *of)
{
	bills_place *list = arena_grow(s->a, s->list, s->count, &s->room, sizeof *list, 4);
	if (!list)
		return HUB_NOMEM;
	s->list = list;
	s->list[s->count++] = (bills_place){ *account, *row, part, *of };
	return HUB_OK;
}

static bool within(const unify_part *p, const series_row *r)
{
	return r->start ? r->start < p->end && r->time > p->start : r->time >= p->start && r->time <= p->end;
}

/* The parts of one bill that the reading, or else the session of this operator, is in. */
static hub_status look(search *s, const billing_account *account, const bill_row *row, const series_row *reading, int64_t charged_by)
{
	unify_bill *bill = arena_alloc(s->a, sizeof *bill);
	hub_status st = bill ? unify_read(row->body, s->a, bill) : HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < bill->count; i++) {
		const unify_part *p = &bill->parts[i];
		const bills_document *d;
		hub_fault why;
		bool is = charged_by && bills_is_charging(p) && p->party == charged_by;
		if (reading && p->point == reading->point && p->tariff && within(p, reading)) {
			st = bills_document_of(s->b, p->tariff, &d, &why);
			is = st == HUB_OK && bills_usage_looks(d->t, p, reading->quantity);
			st = st == HUB_MISSING || st == HUB_REJECT ? HUB_OK : st;
		}
		if (st == HUB_OK && is)
			st = add(s, account, row, i, p);
	}
	return st;
}

static hub_status look_through(search *s, int64_t account, int32_t cycle, hub_time known, const series_row *reading, int64_t charged_by)
{
	billing_account who;
	bill_row *rows;
	size_t count = 0;
	hub_status st = account_by_id(s->b->db, account, s->a, &who);
	if (st == HUB_OK)
		st = bill_of_account(s->b->db, account, cycle, ROWS, s->a, &rows, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		if (rows[i].made >= known && (!charged_by || rows[i].cycle == cycle))
			st = look(s, &who, &rows[i], reading, charged_by);
	return st == HUB_MISSING ? HUB_OK : st;
}

/* A standing on the edge is the end of one's contract and the beginning of another's. */
static hub_status accounts_of(search *s, const series_row *r, int64_t ret[ACCOUNTS], size_t *ret_count)
{
	*ret_count = 0;
	for (int i = 0; i < ACCOUNTS; i++) {
		contract c;
		hub_status st = contract_at(s->b->db, r->point, r->time - i, s->a, &c);
		if (st == HUB_OK && !(*ret_count && ret[0] == c.account))
			ret[(*ret_count)++] = c.account;
		if (st != HUB_OK && st != HUB_MISSING)
			return st;
	}
	return HUB_OK;
}

hub_status bills_of_reading(bills *b, const series_row *reading, hub_time known, arena *a, bills_place **ret, size_t *ret_count)
{
	search s = { .b = b, .a = a };
	int64_t accounts[ACCOUNTS];
	size_t count = 0;
	hub_status st = reading->point ? accounts_of(&s, reading, accounts, &count) : HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = look_through(&s, accounts[i], 0, known, reading, 0);
	*ret = s.list;
	*ret_count = s.count;
	return st;
}

hub_status bills_of_session(bills *b, const charging_row *session, arena *a, bills_place **ret, size_t *ret_count)
{
	search s = { .b = b, .a = a };
	hub_status st = session->account && session->cycle
				? look_through(&s, session->account, session->cycle, session->ended, NULL, session->party)
				: HUB_OK;
	*ret = s.list;
	*ret_count = s.count;
	return st;
}

/* What an order's split, [[cycle, revision, part, amount], …], gave the part. */
static int64_t share_of(const payment_row *row, const bills_place *p)
{
	json_t *split = json_loads(row->split, 0, NULL);
	const json_t *one;
	size_t i;
	int64_t sum = 0;
	json_array_foreach(split, i, one)
		if (json_integer_value(json_array_get(one, 0)) == p->row.cycle && json_integer_value(json_array_get(one, 1)) == p->row.revision &&
		    json_integer_value(json_array_get(one, 2)) == (json_int_t)p->part)
			sum += json_integer_value(json_array_get(one, 3));
	json_decref(split);
	return sum;
}

hub_status bills_payments_of(bills *b, const bills_place *p, arena *a, bills_paid **ret, size_t *ret_count)
{
	payment_row *rows;
	size_t count = 0, n = 0;
	hub_status st = payment_of_account(b->db, p->row.account, ROWS, a, &rows, &count);
	bills_paid *list = st == HUB_OK ? arena_array(a, count, sizeof *list) : NULL;
	if (st == HUB_OK && !list)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++) {
		int64_t amount = share_of(&rows[i], p);
		if (amount)
			list[n++] = (bills_paid){ rows[i].id, rows[i].state, amount, rows[i].reference,
						  rows[i].refunded ? rows[i].refunded : rows[i].paid };
	}
	*ret = list;
	*ret_count = n;
	return st;
}

const char *bills_entry_key(int32_t cycle, int16_t revision, arena *a)
{
	return arena_printf(a, "bill/%d/%d", cycle, revision);
}
