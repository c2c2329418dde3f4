#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "billing/bills_parts.h"
#include "store/computed.h"

/* Parts of bills of one utility, in one message: who paid what of which bill, and what is open there now. */
static hub_status body_of(const bills_told *t, const bills_share *shares, size_t count, arena *a, int64_t *ret_sum,
			  const char **ret)
{
	buf out = { 0 };
	*ret_sum = 0;
	buf_printf(&out, "{\"kind\":\"payment_info\",\"status\":\"%s\",\"order\":", t->status);
	json_write_text(&out, t->order);
	buf_text(&out, ",\"account\":");
	json_write_text(&out, t->account->code);
	buf_printf(&out, ",\"currency\":\"%s\",\"parts\":[", bills_currency_code(t->currency));
	for (size_t i = 0; i < count; i++) {
		const bills_share *s = &shares[i];
		buf_printf(&out, "%s{\"cycle\":\"%04d-%02d\",\"revision\":%d,\"part\":%zu,\"amount\":%lld,\"open\":%lld}", i ? "," : "",
			   s->cycle / 100, s->cycle % 100, s->revision, s->part, (long long)s->amount, (long long)s->open);
		*ret_sum += s->amount;
	}
	buf_printf(&out, "],\"amount\":%lld}", (long long)*ret_sum);
	*ret = out.bad ? NULL : arena_strndup(a, (const char *)out.bytes, out.len);
	buf_fini(&out);
	return *ret ? HUB_OK : HUB_NOMEM;
}

static int by_party(const void *a, const void *b)
{
	const bills_share *x = a, *y = b;
	if (x->party != y->party)
		return x->party < y->party ? -1 : 1;
	if (x->cycle != y->cycle)
		return x->cycle - y->cycle;
	return x->part < y->part ? -1 : x->part > y->part;
}

hub_status bills_tell_utilities(bills *b, const bills_told *t, bills_share *shares, size_t count, arena *a)
{
	hub_status st = HUB_OK;
	qsort(shares, count, sizeof *shares, by_party);
	for (size_t from = 0, to; st == HUB_OK && from < count; from = to) {
		for (to = from; to < count && shares[to].party == shares[from].party;)
			to++;
		int64_t sum;
		computed c = { .party = shares[from].party, .type = HUB_RECORD_TRANSACTION, .time = t->time,
			       .key = arena_printf(a, "payment/%s/%s", t->order, t->status) };
		st = c.key ? body_of(t, &shares[from], to - from, a, &sum, &c.body) : HUB_NOMEM;
		if (st == HUB_OK)
			st = computed_send(b->db, BILLS_SOURCE, &c, 1);
	}
	return st;
}

hub_status bills_tell_provider(bills *b, const bills_told *t, int64_t provider, int64_t amount, arena *a)
{
	buf out = { 0 };
	computed c = { .party = provider, .type = HUB_RECORD_TRANSACTION, .time = t->time,
		       .key = arena_printf(a, "%s/%s", t->status, t->order) };
	buf_printf(&out, "{\"kind\":\"%s\",\"order\":", t->status);
	json_write_text(&out, t->order);
	buf_printf(&out, ",\"amount\":%lld,\"currency\":\"%s\"}", (long long)amount, bills_currency_code(t->currency));
	c.body = out.bad ? NULL : arena_strndup(a, (const char *)out.bytes, out.len);
	buf_fini(&out);
	return c.key && c.body ? computed_send(b->db, BILLS_SOURCE, &c, 1) : HUB_NOMEM;
}

void bills_payment_json(const payment_row *p, buf *out)
{
	static const char *const states[] = { "", "ordered", "paid", "refunded" };
	char made[CLOCK_TEXT], at[CLOCK_TEXT];
	buf_printf(out, "{\"order\":\"%lld-%s\",\"state\":\"%s\",\"amount\":%lld,\"currency\":\"%s\",\"rule\":\"%s\",\"targets\":%s,"
		   "\"made\":\"%s\"", (long long)p->account, p->id, states[p->state], (long long)p->amount,
		   bills_currency_code(p->currency), p->rule == PAYMENT_PROPORTIONAL ? "proportional" : "due", p->targets,
		   clock_text(p->made, made));
	if (p->paid)
		buf_printf(out, ",\"paid\":\"%s\"", clock_text(p->paid, at));
	if (p->refunded)
		buf_printf(out, ",\"refunded\":\"%s\"", clock_text(p->refunded, at));
	if (p->state != PAYMENT_ORDERED) {
		buf_text(out, ",\"reference\":");
		json_write_text(out, p->reference);
		buf_printf(out, ",\"split\":%s", p->split);
	}
	buf_text(out, "}");
}
