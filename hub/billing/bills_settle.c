#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "billing/bills_parts.h"
#include "billing/settlement.h"

/* A provider's settlement file beside our own orders. */
typedef struct settling {
	payment_row *rows;
	size_t count;
	bool *seen[2]; /* of each row: as paid, as refunded */
	int64_t account;
	buf *out;
	bills_settled *sums;
} settling;

static void tell(settling *s, const char *what, const char *order, int64_t ours, int64_t theirs)
{
	buf_printf(s->out, "{\"difference\":\"%s\",\"order\":", what);
	json_write_text(s->out, order);
	buf_printf(s->out, ",\"ours\":%lld,\"theirs\":%lld}\n", (long long)ours, (long long)theirs);
	s->sums->differences++;
}

static payment_row *row_of(settling *s, const char *order, size_t *ret_at)
{
	int64_t account;
	const char *id;
	for (size_t i = 0; bills_order_read(order, &account, &id) && i < s->count; i++)
		if (s->rows[i].account == account && !strcmp(s->rows[i].id, id)) {
			*ret_at = i;
			return &s->rows[i];
		}
	return NULL;
}

static void take(settling *s, const settlement_row *row)
{
	size_t at = 0;
	payment_row *p = row_of(s, row->order, &at);
	s->sums->rows++;
	if (!p || (row->refund && p->state != PAYMENT_REFUNDED)) {
		tell(s, row->refund ? "refund_unknown_here" : "payment_unknown_here", row->order, 0, row->amount);
		return;
	}
	if (s->seen[row->refund][at])
		tell(s, "twice_there", row->order, p->amount, row->amount);
	else if (row->amount != p->amount)
		tell(s, "amount", row->order, p->amount, row->amount);
	else if (strcmp(row->reference, p->reference))
		tell(s, "reference", row->order, p->amount, row->amount);
	else
		s->sums->agreed++;
	s->seen[row->refund][at] = true;
	s->sums->total += row->refund ? -row->amount : row->amount;
}

static hub_status read_rows(settling *s, const void *bytes, size_t len, arena *a, hub_fault *fault)
{
	settlement file;
	settlement_row row;
	hub_status st = settlement_open(&file, bytes, len, a, fault);
	while (st == HUB_OK)
		if ((st = settlement_next(&file, a, &row, fault)) == HUB_OK)
			take(s, &row);
	return st == HUB_MISSING ? HUB_OK : st;
}

hub_status bills_settle(bills *b, int64_t provider, const void *bytes, size_t len, hub_time from, hub_time to, arena *a,
			buf *out, bills_settled *ret, hub_fault *fault)
{
	settling s = { .out = out, .sums = ret };
	*ret = (bills_settled){ 0 };
	hub_status st = payment_of_provider(b->db, provider, from, to, a, &s.rows, &s.count);
	for (int i = 0; st == HUB_OK && i < 2; i++)
		if (!(s.seen[i] = arena_array(a, s.count, sizeof *s.seen[i])))
			st = HUB_NOMEM;
	if (st == HUB_OK)
		st = read_rows(&s, bytes, len, a, fault);
	for (size_t i = 0; st == HUB_OK && i < s.count; i++) {
		const payment_row *p = &s.rows[i];
		const char *order = bills_order_text(p->account, p->id, a);
		if (!order)
			return HUB_NOMEM;
		if (p->paid >= from && p->paid < to && !s.seen[0][i])
			tell(&s, "payment_missing_there", order, p->amount, 0);
		if (p->state == PAYMENT_REFUNDED && p->refunded >= from && p->refunded < to && !s.seen[1][i])
			tell(&s, "refund_missing_there", order, p->amount, 0);
	}
	return st == HUB_OK && out->bad ? HUB_NOMEM : st;
}
