#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "billing/bills_parts.h"
#include "registry/csv.h"

/* A provider's settlement file beside our own orders: a header with these columns, a row a payment or refund. */
enum { COLUMNS = 4, KIND = 0, ORDER, REFERENCE, AMOUNT };
static const char *const columns[COLUMNS] = { "kind", "order", "reference", "amount" };

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

static hub_status take(settling *s, const char *const cells[COLUMNS], hub_fault *fault)
{
	decimal d;
	int64_t amount;
	size_t at = 0;
	bool refund = !strcmp(cells[KIND], "refund");
	if (!refund && strcmp(cells[KIND], "payment"))
		return hub_fault_set(fault, "settlement.kind", "kind", "'%.30s' is neither payment nor refund", cells[KIND]);
	if (decimal_parse(cells[AMOUNT], strlen(cells[AMOUNT]), &d) != HUB_OK || decimal_to_int64(d, 2, DECIMAL_DOWN, &amount) != HUB_OK)
		return hub_fault_set(fault, "settlement.amount", "amount", "'%.40s' is no amount", cells[AMOUNT]);
	payment_row *p = row_of(s, cells[ORDER], &at);
	s->sums->rows++;
	if (!p || (refund && p->state != PAYMENT_REFUNDED)) {
		tell(s, refund ? "refund_unknown_here" : "payment_unknown_here", cells[ORDER], 0, amount);
		return HUB_OK;
	}
	if (s->seen[refund][at])
		tell(s, "twice_there", cells[ORDER], p->amount, amount);
	else if (amount != p->amount)
		tell(s, "amount", cells[ORDER], p->amount, amount);
	else if (strcmp(cells[REFERENCE], p->reference))
		tell(s, "reference", cells[ORDER], p->amount, amount);
	else
		s->sums->agreed++;
	s->seen[refund][at] = true;
	s->sums->total += refund ? -amount : amount;
	return HUB_OK;
}

static hub_status header(csv *c, arena *a, int places[COLUMNS], hub_fault *fault)
{
	const char **cells;
	size_t count;
	hub_status st = csv_next(c, a, &cells, &count, fault);
	for (int i = 0; st == HUB_OK && i < COLUMNS; i++) {
		places[i] = -1;
		for (size_t k = 0; k < count; k++)
			if (!strcmp(cells[k], columns[i]))
				places[i] = (int)k;
		if (places[i] < 0)
			st = hub_fault_set(fault, "settlement.header", columns[i], "the first row has no column '%s'", columns[i]);
	}
	return st == HUB_MISSING ? hub_fault_set(fault, "settlement.header", "", "the file is empty") : st;
}

static hub_status read_rows(settling *s, csv *c, arena *a, hub_fault *fault)
{
	int places[COLUMNS];
	hub_status st = header(c, a, places, fault);
	while (st == HUB_OK) {
		const char **cells, *row[COLUMNS];
		size_t count;
		st = csv_next(c, a, &cells, &count, fault);
		for (int i = 0; st == HUB_OK && i < COLUMNS; i++) {
			if ((size_t)places[i] >= count)
				st = hub_fault_set(fault, "settlement.cells", columns[i], "row %zu has no '%s'", c->line, columns[i]);
			else
				row[i] = cells[places[i]];
		}
		if (st == HUB_OK)
			st = take(s, row, fault);
	}
	return st == HUB_MISSING ? HUB_OK : st;
}

hub_status bills_settle(bills *b, int64_t provider, const void *bytes, size_t len, hub_time from, hub_time to, arena *a,
			buf *out, bills_settled *ret, hub_fault *fault)
{
	settling s = { .out = out, .sums = ret };
	csv c = csv_of(bytes, len);
	*ret = (bills_settled){ 0 };
	hub_status st = payment_of_provider(b->db, provider, from, to, a, &s.rows, &s.count);
	for (int i = 0; st == HUB_OK && i < 2; i++)
		if (!(s.seen[i] = arena_array(a, s.count, sizeof *s.seen[i])))
			st = HUB_NOMEM;
	if (st == HUB_OK)
		st = read_rows(&s, &c, a, fault);
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
