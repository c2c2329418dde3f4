#include "billing/bills_face_parts.h"

#include <stdio.h>
#include <string.h>

#include "face/csv.h"
#include "face/pdf.h"
#include "face/xlsx.h"
#include "store/party.h"
#include "store/provider.h"

enum { ROWS = 400, YEARS_BACK = 200, ORDERS_MAX = 1000, REPEATS_MAX = 9 };

/* Newest revision of its cycle; rows are in that order. */
static bool newest(const face_source *s, size_t i)
{
	return !i || s->rows[i - 1].cycle != s->rows[i].cycle;
}

static int64_t sum_paid(const bill_row *row)
{
	int64_t paid = 0;
	for (size_t i = 0; i < row->paid_count; i++)
		paid += row->paid[i];
	return paid;
}

static hub_status balances(const face_source *s, face_bill *ret)
{
	ledger_balance *list;
	size_t count;
	hub_status st = ledger_of_account(s->b->db, s->account->id, s->a, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		if (ledger_part_use(list[i].of.part) == LEDGER_CREDIT && list[i].of.currency == s->row->currency)
			ret->credit -= list[i].balance;
	for (size_t i = 0; i < s->row_count; i++) {
		const bill_row *r = &s->rows[i];
		if (newest(s, i) && r->cycle < s->row->cycle && r->state == BILL_POSTED)
			ret->previous += r->total - sum_paid(r);
	}
	return st;
}

static hub_status change(const face_source *s, const unify_change *k, face_change *ret)
{
	const unify_part *any = k->is ? k->is : k->was;
	party who;
	point *at;
	size_t found;
	hub_status st = party_by_id(s->b->db, any->party, s->a, &who);
	if (st == HUB_OK)
		st = point_by_ids(s->b->db, &any->point, 1, s->a, &at, &found);
	if (st == HUB_OK)
		*ret = (face_change){ .commodity = found ? at->commodity : "", .utility = { who.name_zh, who.name_en },
				      .was = k->was ? k->was->amount : 0, .is = k->is ? k->is->amount : 0 };
	return st;
}

static hub_status changes(const face_source *s, int64_t only, face_bill *ret)
{
	unify_change list[2 * UNIFY_PARTS_MAX];
	unify_bill *was = arena_alloc(s->a, sizeof *was);
	face_change *out = arena_array(s->a, 2 * UNIFY_PARTS_MAX, sizeof *out);
	hub_status st = was && out ? HUB_OK : HUB_NOMEM;
	size_t count = 0;
	for (size_t i = 0; st == HUB_OK && i < s->row_count; i++)
		if (s->rows[i].cycle == s->row->cycle && s->rows[i].revision == s->row->revision - 1) {
			st = unify_read(s->rows[i].body, s->a, was);
			count = st == HUB_OK ? unify_changes(was, s->bill, list) : 0;
		}
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		if (!only || (list[i].is ? list[i].is : list[i].was)->party == only)
			st = change(s, &list[i], &out[ret->change_count++]);
	ret->changes = out;
	return st;
}

static hub_status gather(bills *b, face_source *s)
{
	unify_bill *bill = arena_alloc(s->a, sizeof *bill), *last = arena_alloc(s->a, sizeof *last);
	bill_dispute *disputes;
	bill_imported *imports;
	bill_row *rows;
	hub_status st = bill && last ? unify_read(s->row->body, s->a, bill) : HUB_NOMEM;
	if (st == HUB_OK)
		st = bills_before(b, s->row, s->a, last);
	if (st == HUB_OK)
		st = bills_zone(b, s->account->zone, &s->zone, s->fault);
	if (st == HUB_OK)
		st = bill_of_account(b->db, s->account->id, s->row->cycle - YEARS_BACK, ROWS, s->a, &rows, &s->row_count);
	if (st == HUB_OK)
		st = dispute_list(b->db, s->account->id, s->row->cycle, s->a, &disputes, &s->dispute_count);
	if (st == HUB_OK)
		st = bill_imports(b->db, &s->row->account, 1, s->row->cycle, s->a, &imports, &s->import_count);
	if (st == HUB_OK) {
		s->imports = imports;
		s->bill = bill;
		s->last = last;
		s->rows = rows;
		s->disputes = disputes;
	}
	return st;
}

static hub_status parts(const face_source *s, int64_t only, face_bill *ret)
{
	face_part *list = arena_array(s->a, UNIFY_PARTS_MAX, sizeof *list);
	hub_status st = list ? HUB_OK : HUB_NOMEM;
	ret->parts = list;
	ret->place = "";
	for (size_t i = 0; st == HUB_OK && i < s->bill->count; i++) {
		const unify_part *p = &s->bill->parts[i];
		if (only && p->party != only)
			continue;
		face_part *to = &list[ret->part_count++];
		st = bills_face_part(s, p, i < s->row->paid_count ? s->row->paid[i] : 0, to);
		if (st != HUB_OK)
			break;
		ret->total += to->amount;
		ret->paid += to->paid;
		if (!*ret->place)
			ret->place = to->place;
	}
	/* Said once, above. */
	for (size_t i = 0; i < ret->part_count; i++)
		if (!strcmp(list[i].place, ret->place))
			list[i].place = "";
	return st;
}

hub_status bills_face(bills *b, const billing_account *account, const bill_row *row, int64_t only_party, arena *a,
		      face_bill *ret, hub_fault *fault)
{
	face_source s = { .b = b, .account = account, .row = row, .a = a, .fault = fault };
	hub_time due;
	hub_status st = gather(b, &s);
	if (st != HUB_OK)
		return st;
	face_bill f = { .account = account->code, .kind = account->kind, .name = { account->name_zh, account->name_en },
			.cycle = row->cycle, .revision = row->revision, .cancelled = row->state != BILL_POSTED,
			.currency = bills_currency_code(row->currency), .zone = s.zone, .issued = row->made, .due = row->due, .pay = "" };
	st = unify_cycle(row->cycle, s.zone, 0, &f.start, &f.end, &due);
	if (st == HUB_OK)
		st = parts(&s, only_party, &f);
	if (st == HUB_OK && !only_party && !f.cancelled)
		st = balances(&s, &f);
	f.payable = f.total - f.paid + f.previous - f.credit;
	if (st == HUB_OK && row->revision)
		st = changes(&s, only_party, &f);
	if (st == HUB_OK)
		*ret = f;
	return st;
}

static const struct {
	const char *name, *media;
} formats[BILLS_FORMATS] = {
	[BILLS_PDF] = { "pdf", "application/pdf" },
	[BILLS_XLSX] = { "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
	[BILLS_CSV] = { "csv", "text/csv; charset=utf-8; header=present" },
};

bool bills_format_parse(const char *name, bills_format *ret)
{
	for (int i = 0; i < BILLS_FORMATS; i++)
		if (!strcmp(formats[i].name, name)) {
			*ret = (bills_format)i;
			return true;
		}
	return false;
}

const char *bills_format_media(bills_format f)
{
	return formats[f].media;
}

/* One that is open for all that is due, whoever made it; NULL: none. `ret_made`: the state of that id, 0: there is none. */
static hub_status order_open(bills *b, int64_t account, int64_t provider, int64_t amount, const char *id, arena *a, const char **ret,
			     int *ret_made)
{
	payment_row *rows;
	size_t count;
	hub_status st = payment_of_account(b->db, account, ORDERS_MAX, a, &rows, &count);
	*ret = NULL;
	*ret_made = 0;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		const payment_row *p = &rows[i];
		if (!strcmp(p->id, id))
			*ret_made = (int)p->state;
		if (p->state == PAYMENT_ORDERED && p->provider == provider && p->amount == amount && !strcmp(p->targets, "[]"))
			*ret = p->id;
	}
	return st;
}

/*
 * Where what is due is paid: the order with the first provider that is open for just that, however it came to be, else, if
 * one may be made, a new one. The same bill with the same amount due has the same id, unless that was paid and given back.
 */
static hub_status pay_code(bills *b, const billing_account *account, const bill_row *row, bool order, arena *a, face_bill *f,
			   hub_fault *fault)
{
	payment_provider who;
	const char *open = NULL;
	hub_status st = provider_first(b->db, a, &who);
	if (st != HUB_OK)
		return st == HUB_MISSING ? HUB_OK : st;
	for (int n = 0, made = PAYMENT_PAID; st == HUB_OK && !open && made && n < REPEATS_MAX; n++) {
		const char *id = arena_printf(a, "bill-%d-%d-%lld-%lld.%d", row->cycle, row->revision, (long long)f->payable,
					      (long long)who.party, n);
		st = id ? order_open(b, account->id, who.party, f->payable, id, a, &open, &made) : HUB_NOMEM;
		if (st == HUB_OK && !open && !made && order) {
			st = bills_pay_order(b, account->id, id, who.party, f->payable, PAYMENT_BY_DUE, NULL, 0, fault);
			open = id;
		}
	}
	if (st != HUB_OK || !open)
		return st;
	const char *text = bills_order_text(account->id, open, a);
	f->pay = text ? arena_printf(a, "%s%sorder=%s", who.url, strchr(who.url, '?') ? "&" : "?", text) : NULL;
	return f->pay ? HUB_OK : HUB_NOMEM;
}

hub_status bills_face_write(bills *b, const billing_account *account, const bill_row *row, int64_t only_party,
			    bills_format format, const bills_paper *paper, arena *a, buf *out, hub_fault *fault)
{
	face_bill f;
	hub_status st = bills_face(b, account, row, only_party, a, &f, fault);
	f.beside = paper->beside;
	f.beside_count = only_party ? 0 : paper->beside_count;
	if (st == HUB_OK && format == BILLS_PDF && !only_party && !f.cancelled && f.payable > 0)
		st = pay_code(b, account, row, paper->order, a, &f, fault);
	if (st != HUB_OK)
		return st;
	switch (format) {
	case BILLS_PDF:
		return face_pdf(&f, out, NULL, fault);
	case BILLS_XLSX:
		return face_xlsx(&f, out);
	default:
		return face_csv(&f, out);
	}
}
