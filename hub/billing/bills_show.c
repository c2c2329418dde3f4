#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "billing/bills_charging.h"
#include "billing/bills_parts.h"
#include "store/party.h"

enum { REVISIONS = 64 };

static const struct {
	unsigned flag;
	const char *name;
} flags[] = { { UNIFY_MISSING, "missing" }, { UNIFY_JUMP, "jump" }, { UNIFY_ESTIMATED, "estimated" },
	      { UNIFY_REFUSED, "refused" }, { UNIFY_IMPORTED, "imported" } };

void bills_flags(unsigned set, buf *out)
{
	buf_text(out, "[");
	for (size_t k = 0, n = 0; k < sizeof flags / sizeof *flags; k++)
		if (set & flags[k].flag)
			buf_printf(out, "%s\"%s\"", n++ ? "," : "", flags[k].name);
	buf_text(out, "]");
}

static void write_text(buf *out, const char *name, const char *text)
{
	buf_printf(out, ",\"%s\":", name);
	json_write_text(out, text);
}

void bills_head(const billing_account *account, const bill_row *row, buf *out)
{
	char due[CLOCK_TEXT], made[CLOCK_TEXT];
	int64_t paid = 0;
	for (size_t i = 0; i < row->paid_count; i++)
		paid += row->paid[i];
	buf_printf(out, "\"id\":\"%lld-%d-%d\"", (long long)row->account, row->cycle, row->revision);
	write_text(out, "account", account->code);
	buf_printf(out, ",\"cycle\":\"%04d-%02d\",\"revision\":%d,\"state\":\"%s\",\"currency\":\"%s\",\"total\":%lld,\"paid\":%lld,"
		   "\"due\":\"%s\",\"made\":\"%s\"", row->cycle / 100, row->cycle % 100, row->revision,
		   row->state == BILL_POSTED ? "posted" : "cancelled", bills_currency_code(row->currency), (long long)row->total,
		   (long long)paid, clock_text(row->due, due), clock_text(row->made, made));
}

/* Where the readings behind a part are. */
static hub_status write_source(bills *b, const unify_part *p, const char *code, buf *out)
{
	const bills_document *d;
	hub_fault why;
	char from[CLOCK_TEXT], to[CLOCK_TEXT];
	hub_status st = bills_document_of(b, p->tariff, &d, &why);
	const tariff_version *v = st == HUB_OK ? tariff_at(d->t, p->end - 1) : NULL;
	const char *quantity = NULL;
	for (size_t i = 0; v && i < v->charge_count && !quantity; i++)
		if (v->charges[i].kind == TARIFF_USAGE)
			quantity = v->charges[i].quantity;
	if (quantity) {
		write_text(out, "tariff", d->code);
		buf_printf(out, ",\"readings\":\"/v1/readings?point=%s&quantity=%s&from=%s&to=%s\"", code, quantity,
			   clock_text(p->start, from), clock_text(p->end, to));
	}
	return st == HUB_REJECT || st == HUB_MISSING ? HUB_OK : st;
}

/* By which certificate the utility's own bill was signed, and where the bytes are. */
static hub_status write_seal(bills *b, const bill_imported *m, arena *a, buf *out)
{
	bill_file file;
	char at[CLOCK_TEXT];
	hub_status st = bill_file_find(b->db, m->party, m->sealed, a, &file);
	if (st != HUB_OK)
		return st == HUB_MISSING ? HUB_OK : st;
	buf_printf(out, ",\"signed\":{\"certificate\":\"%s\",\"received\":\"%s\",\"digest\":\"", file.thumbprint,
		   clock_text(file.received, at));
	for (int i = 0; i < 32; i++)
		buf_printf(out, "%02x", m->sealed[i]);
	buf_text(out, "\"}");
	return HUB_OK;
}

static hub_status write_detail(bills *b, const bill_row *row, const unify_part *p, arena *a, buf *out)
{
	bill_imported *list;
	size_t count;
	hub_status st = bill_imports(b->db, &row->account, 1, row->cycle, a, &list, &count);
	write_text(out, "reference", p->reference);
	if (st == HUB_OK && bills_is_charging(p))
		return bills_charging_show(b, row, p, a, out);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		if (list[i].party != p->party || list[i].point != p->point)
			continue;
		if (list[i].detail[0])
			buf_printf(out, ",\"shared\":%s", list[i].detail);
		if (list[i].sealed)
			st = write_seal(b, &list[i], a, out);
	}
	return st;
}

/* What its customer contests, and what the utility answered. */
static void write_dispute(const bill_dispute *d, buf *out)
{
	char at[CLOCK_TEXT];
	buf_printf(out, ",\"dispute\":{\"state\":\"%s\",\"opened\":\"%s\"", d->settled ? "settled" : "open", clock_text(d->opened, at));
	write_text(out, "reason", d->reason);
	if (d->settled) {
		buf_printf(out, ",\"settled\":\"%s\"", clock_text(d->settled, at));
		write_text(out, "answer", d->answer);
	}
	buf_text(out, "}");
}

static hub_status write_disputes(bills *b, const bill_row *row, const unify_part *p, arena *a, buf *out)
{
	bill_dispute *list;
	size_t count;
	hub_status st = dispute_list(b->db, row->account, row->cycle, a, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		if (list[i].party == p->party && list[i].point == p->point)
			write_dispute(&list[i], out);
	return st;
}

static hub_status write_part(bills *b, const billing_account *account, const bill_row *row, const unify_bill *bill, size_t i,
			     const unify_bill *last, bool with_lines, arena *a, buf *out, hub_fault *fault)
{
	const unify_part *p = &bill->parts[i];
	char from[CLOCK_TEXT], to[CLOCK_TEXT], quantity[DECIMAL_TEXT], estimated[DECIMAL_TEXT];
	party who;
	point *at;
	size_t found;
	hub_status st = party_by_id(b->db, p->party, a, &who);
	if (st == HUB_OK)
		st = point_by_ids(b->db, &p->point, 1, a, &at, &found);
	if (st != HUB_OK)
		return st;
	const char *code = found ? at->code : "";
	buf_printf(out, "{\"part\":%zu,\"party\":\"%s\"", i, who.code);
	write_text(out, "party_zh", who.name_zh);
	write_text(out, "party_en", who.name_en);
	write_text(out, "point", code);
	write_text(out, "commodity", found ? at->commodity : "");
	buf_printf(out, ",\"start\":\"%s\",\"end\":\"%s\",\"amount\":%lld,\"paid\":%lld,\"quantity\":\"%s\",\"estimated\":\"%s\",\"unit\":",
		   clock_text(p->start, from), clock_text(p->end, to), (long long)p->amount, (long long)row->paid[i],
		   decimal_text(p->quantity, quantity), decimal_text(p->estimated, estimated));
	json_write_text(out, p->unit);
	buf_text(out, ",\"flags\":");
	bills_flags(p->flags, out);
	st = p->tariff ? write_source(b, p, code, out) : write_detail(b, row, p, a, out);
	if (st == HUB_OK)
		st = write_disputes(b, row, p, a, out);
	if (st == HUB_OK && p->tariff && with_lines) {
		rating_bill lines;
		st = bills_lines(b, account, p, unify_find(last, p->point, p->party), a, &lines, fault);
		buf_text(out, ",\"rated\":");
		if (st == HUB_OK)
			rating_json(&lines, out);
	}
	buf_text(out, "}");
	return st;
}

/* What the revision before said, part by part, and the difference. */
static hub_status write_changes(bills *b, const bill_row *row, const unify_bill *is, int64_t only, arena *a, buf *out)
{
	bill_row *rows;
	size_t count, n = 0, shown = 0;
	unify_change changes[2 * UNIFY_PARTS_MAX];
	unify_bill *was = arena_alloc(a, sizeof *was);
	hub_status st = was ? bill_of_account(b->db, row->account, row->cycle, REVISIONS, a, &rows, &count) : HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		if (rows[i].cycle == row->cycle && rows[i].revision == row->revision - 1) {
			st = unify_read(rows[i].body, a, was);
			n = st == HUB_OK ? unify_changes(was, is, changes) : 0;
		}
	buf_text(out, ",\"changes\":[");
	for (size_t i = 0; st == HUB_OK && i < n; i++) {
		const unify_change *k = &changes[i];
		const unify_part *any = k->is ? k->is : k->was;
		party who;
		if (only && any->party != only)
			continue;
		st = party_by_id(b->db, any->party, a, &who);
		if (st == HUB_OK)
			buf_printf(out, "%s{\"party\":\"%s\",\"point\":%lld,\"was\":%lld,\"is\":%lld,\"difference\":%lld}", shown++ ? "," : "",
				   who.code, (long long)any->point, (long long)(k->was ? k->was->amount : 0),
				   (long long)(k->is ? k->is->amount : 0), (long long)k->amount);
	}
	buf_text(out, "]");
	return st;
}

hub_status bills_before(bills *b, const bill_row *row, arena *a, unify_bill *ret)
{
	bill_row *before;
	size_t count;
	hub_status st = bill_before(b->db, &row->account, 1, row->cycle, a, &before, &count);
	ret->count = 0;
	return st == HUB_OK && count ? unify_read(before->body, a, ret) : st;
}

hub_status bills_show(bills *b, const billing_account *account, const bill_row *row, const bills_view *view, arena *a,
		      buf *out, hub_fault *fault)
{
	unify_bill *bill = arena_alloc(a, sizeof *bill), *last = arena_alloc(a, sizeof *last);
	hub_status st = bill && last ? unify_read(row->body, a, bill) : HUB_NOMEM;
	size_t shown = 0;
	if (st == HUB_OK)
		st = bills_before(b, row, a, last);
	buf_text(out, "{");
	bills_head(account, row, out);
	buf_text(out, ",\"parts\":[");
	for (size_t i = 0; st == HUB_OK && i < bill->count && i < row->paid_count; i++) {
		if (view->only_party && bill->parts[i].party != view->only_party)
			continue;
		buf_text(out, shown++ ? "," : "");
		st = write_part(b, account, row, bill, i, last, view->lines, a, out, fault);
	}
	buf_text(out, "]");
	if (st == HUB_OK && row->revision)
		st = write_changes(b, row, bill, view->only_party, a, out);
	buf_text(out, "}");
	return st;
}
