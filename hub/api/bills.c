#include "api/bills.h"

#include <stdio.h>
#include <string.h>

#include "api/bill_face.h"
#include "api/compare.h"
#include "api/exchange.h"
#include "api/message_right.h"
#include "base/json.h"
#include "compare/show.h"
#include "identity/seal.h"
#include "store/certificate.h"
#include "store/ledger.h"
#include "store/reconcile.h"

enum { BILLS = 100, BILLS_MOST = 1000 };

/* The bill's utilities; a bill's text that we cannot read names nobody. */
static hub_status name_utilities(request *r, const bill_row *row, message_facts *m, bool *ret_caller)
{
	unify_bill *bill = arena_alloc(r->arena, sizeof *bill);
	hub_status st = bill ? unify_read(row->body, r->arena, bill) : HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < bill->count && m->utility_count < MESSAGE_UTILITIES; i++) {
		party who;
		st = party_by_id(r->db, bill->parts[i].party, r->arena, &who);
		if (st == HUB_OK)
			m->utilities[m->utility_count++] = who.code;
		*ret_caller |= bill->parts[i].party == r->caller.id;
	}
	return st;
}

hub_status bill_right(request *r, const billing_account *account, const bill_row *row, bill_view *ret)
{
	message_facts m = { .kind = "bill", .commodity = "", .sender = "hub", .personal = true };
	party holder;
	bool allowed = false, utility = false;
	*ret = BILL_HIDDEN;
	hub_status st = account->holder ? party_by_id(r->db, account->holder, r->arena, &holder) : HUB_OK;
	if (st == HUB_OK && account->holder)
		m.about = holder.code;
	if (st == HUB_OK && row)
		st = name_utilities(r, row, &m, &utility);
	if (st == HUB_OK)
		st = message_right(r, "receive", &m, &allowed);
	if (st == HUB_OK && allowed)
		*ret = account->holder == r->caller.id || !utility ? BILL_WHOLE : BILL_PART;
	return st;
}

hub_status bill_account(request *r, billing_account *ret)
{
	const char *code = request_query(r, "account");
	billing_account *own;
	size_t count = 0;
	bill_view view = BILL_HIDDEN;
	hub_status st;
	if (code) {
		st = account_by_code(r->db, code, r->arena, ret);
		if (st == HUB_OK)
			st = bill_right(r, ret, NULL, &view);
	} else {
		st = account_of_holder(r->db, r->caller.id, r->arena, &own, &count);
		if (st == HUB_OK && count > 1)
			return request_refuse(r, 400, "account.which", "account", "you hold %zu accounts; name one: account=CODE", count);
		if (st == HUB_OK && count == 1) {
			*ret = own[0];
			st = bill_right(r, ret, NULL, &view);
		}
	}
	if (st == HUB_MISSING || (st == HUB_OK && view != BILL_WHOLE))
		return request_refuse(r, 404, "account.unknown", "account", "there is no account '%.64s' that you may see", code ? code : "");
	return st == HUB_OK ? viewing_keep_account(r, ret) : st;
}

static hub_status write_owed(request *r, const billing_account *account)
{
	ledger_balance *list;
	size_t count, shown = 0;
	int64_t credit = 0;
	hub_status st = ledger_of_account(r->db, account->id, r->arena, &list, &count);
	buf_text(&r->body, ",\"owes\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		party who;
		if (ledger_part_use(list[i].of.part) == LEDGER_CREDIT)
			credit -= list[i].balance;
		if (ledger_part_use(list[i].of.part) != LEDGER_RECEIVABLE)
			continue;
		st = party_by_id(r->db, ledger_part_party(list[i].of.part), r->arena, &who);
		if (st == HUB_OK)
			buf_printf(&r->body, "%s{\"party\":\"%s\",\"amount\":%lld}", shown++ ? "," : "", who.code, (long long)list[i].balance);
	}
	buf_printf(&r->body, "],\"credit\":%lld", (long long)credit);
	return st;
}

hub_status accounts_get(request *r)
{
	billing_account *list;
	size_t count, shown = 0;
	hub_status st = account_of_holder(r->db, r->caller.id, r->arena, &list, &count);
	buf_text(&r->body, "{\"accounts\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		bill_view view;
		st = bill_right(r, &list[i], NULL, &view);
		if (st != HUB_OK || view != BILL_WHOLE)
			continue;
		buf_text(&r->body, shown++ ? ",\n{\"account\":" : "\n{\"account\":");
		json_write_text(&r->body, list[i].code);
		buf_printf(&r->body, ",\"kind\":\"%s\",\"zone\":\"%s\",\"name_zh\":", list[i].kind, list[i].zone);
		json_write_text(&r->body, list[i].name_zh);
		buf_text(&r->body, ",\"name_en\":");
		json_write_text(&r->body, list[i].name_en);
		st = write_owed(r, &list[i]);
		buf_text(&r->body, "}");
	}
	buf_text(&r->body, "]}\n");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

hub_status bills_get(request *r)
{
	billing_account account;
	bill_row *rows;
	size_t count;
	uint64_t limit;
	int32_t from = 0;
	const char *cycle = request_query(r, "from");
	hub_status st = request_number(r, "limit", BILLS, 1, BILLS_MOST, &limit);
	if (st == HUB_OK && cycle && !unify_cycle_parse(cycle, &from))
		return request_refuse(r, 400, "bill.cycle", "from", "'%.20s' is no cycle such as 2026-10", cycle);
	if (st == HUB_OK)
		st = bill_account(r, &account);
	if (st == HUB_OK)
		st = bill_of_account(r->db, account.id, from, limit, r->arena, &rows, &count);
	buf_text(&r->body, "{\"bills\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		buf_text(&r->body, i ? ",\n{" : "\n{");
		bills_head(&account, &rows[i], &r->body);
		buf_text(&r->body, "}");
	}
	buf_text(&r->body, "]}\n");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

/* Whoever reads another's bill is written down at the points whose parts it is shown. */
static hub_status keep_view(request *r, const billing_account *account, const bill_row *row, bill_view view)
{
	int64_t points[UNIFY_PARTS_MAX];
	size_t n = 0;
	if (view == BILL_HIDDEN || !account->holder || account->holder == r->caller.id)
		return HUB_OK;
	unify_bill *bill = arena_alloc(r->arena, sizeof *bill);
	hub_status st = bill ? unify_read(row->body, r->arena, bill) : HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < bill->count; i++)
		if (bill->parts[i].point && (view == BILL_WHOLE || bill->parts[i].party == r->caller.id))
			points[n++] = bill->parts[i].point;
	return st == HUB_OK ? viewing_keep_of(r, "bill", points, n) : st;
}

/* "12-202610-0" */
hub_status bill_of_id(request *r, const char *id, billing_account *account, bill_row *ret, bill_view *view)
{
	long long number;
	int cycle, revision, end = 0;
	bill_row *rows;
	size_t count = 0;
	if (sscanf(id, "%18lld-%6d-%5d%n", &number, &cycle, &revision, &end) != 3 || id[end] || number < 1)
		return HUB_MISSING;
	hub_status st = account_by_id(r->db, number, r->arena, account);
	if (st == HUB_OK)
		st = bill_of_account(r->db, account->id, cycle, BILLS_MOST, r->arena, &rows, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		if (rows[i].cycle == cycle && rows[i].revision == revision) {
			*ret = rows[i];
			st = bill_right(r, account, ret, view);
			if (st == HUB_OK)
				st = keep_view(r, account, ret, *view);
			return st == HUB_OK && *view == BILL_HIDDEN ? HUB_MISSING : st;
		}
	return st == HUB_OK ? HUB_MISSING : st;
}

/* The comparison that is frozen beside a bill, in its document; for whom it is about alone. */
static hub_status add_comparison(request *r, const billing_account *account, const bill_row *row)
{
	bool allowed = false;
	hub_status st = account_message(r, account, "comparison", &allowed);
	if (st != HUB_OK || !allowed || r->body.bad || !r->body.len || r->body.bytes[r->body.len - 1] != '}')
		return st;
	r->body.len--; /* the closing brace */
	st = compare_show_bill(r->db, row->account, row->cycle, row->revision, r->arena, &r->body);
	buf_text(&r->body, "}");
	return st;
}

hub_status bill_get(request *r)
{
	billing_account account;
	bill_row row;
	bill_view view = BILL_HIDDEN;
	bills *b = NULL;
	hub_fault fault = { 0 };
	const char *id;
	bills_format format;
	bool face = bill_face_asked(r, r->values[0], &id, &format);
	hub_status st = bill_of_id(r, id, &account, &row, &view);
	if (st == HUB_MISSING)
		return request_refuse(r, 404, "bill.unknown", "id", "there is no bill '%.64s' that you may see", r->values[0]);
	if (st == HUB_OK && face)
		return bill_face_get(r, &account, &row, view == BILL_PART ? r->caller.id : 0, format);
	const char *lines = request_query(r, "lines");
	const bills_view show = { .lines = lines && !strcmp(lines, "true"), .only_party = view == BILL_PART ? r->caller.id : 0 };
	if (st == HUB_OK)
		st = request_as_core(r);
	if (st == HUB_OK)
		st = bills_new(r->db, &b);
	if (st == HUB_OK)
		st = bills_show(b, &account, &row, &show, r->arena, &r->body, &fault);
	bills_free(b);
	if (st == HUB_OK && view == BILL_WHOLE)
		st = add_comparison(r, &account, &row);
	buf_text(&r->body, "\n");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

/* Commodities of which the caller may send bills. */
static hub_status sendable(request *r, const char *list[8])
{
	static const char *const commodities[] = { "electricity", "water", "gas", "heat", "cooling", "steam" };
	size_t n = 0;
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < sizeof commodities / sizeof *commodities; i++) {
		const message_facts m = { .kind = "bill", .commodity = commodities[i], .sender = r->caller.code };
		bool allowed;
		st = message_right(r, "send", &m, &allowed);
		if (st == HUB_OK && allowed)
			list[n++] = commodities[i];
	}
	list[n] = NULL;
	return st;
}

typedef struct refusals {
	buf *out;
	size_t count;
} refusals;

static void refuse_row(void *user, size_t line, const hub_fault *f)
{
	refusals *x = user;
	buf_printf(x->out, "%s\n{\"line\":%zu,\"code\":\"%s\",\"field\":\"%s\",\"message\":", x->count++ ? "," : "", line, f->code, f->field);
	json_write_text(x->out, f->message);
	buf_text(x->out, "}");
}

/* Signed bodies come as application/jose. The certificate has to be one that we gave the caller, and to stand. */
static hub_status unseal(request *r, seal *ret, bill_file *file)
{
	bool stands;
	hub_fault fault = { 0 };
	const char *type = request_header(r, "content-type");
	*ret = (seal){ .body = r->call->body, .len = r->call->body_len };
	if (!type || strncmp(type, "application/jose", 16) != 0)
		return HUB_OK;
	hub_status st = seal_open((const char *)r->call->body, r->call->body_len, "uhub.bills", r->arena, ret, &fault);
	if (st == HUB_REJECT || st == HUB_DENIED)
		return request_problem(r, st == HUB_REJECT ? 400 : 403, &fault);
	if (st == HUB_OK)
		st = certificate_stands(r->db, ret->by.thumbprint, r->caller.id, r->now, &stands);
	if (st == HUB_OK && !stands)
		return request_refuse(r, 403, "seal.certificate", "", "what you sign is signed with a certificate that the hub gave you and "
				      "that stands");
	*file = (bill_file){ .party = r->caller.id, .text = (const char *)r->call->body, .len = r->call->body_len,
			     .thumbprint = ret->by.thumbprint };
	return st;
}

/* Bytes and signature stay beside the bills, in their transaction. */
static hub_status import(request *r, const char *const *may, const seal *body, const bill_file *file, refusals *told, size_t *ret_taken,
			 size_t *ret_refused, hub_fault *fault)
{
	bills *b = NULL;
	uint8_t digest[32];
	hub_status st = bills_new(r->db, &b);
	if (st == HUB_OK && file->text)
		st = bill_file_keep(r->db, file, digest);
	if (st == HUB_OK)
		st = bills_import(b, r->caller.id, may, file->text ? digest : NULL, body->body, body->len, refuse_row, told, ret_taken,
				  ret_refused, fault);
	bills_free(b);
	return st;
}

hub_status bills_import_post(request *r)
{
	const char *may[8];
	seal body;
	bill_file file = { 0 };
	size_t taken = 0, refused = 0;
	hub_fault fault = { 0 };
	refusals told = { .out = &r->body };
	hub_status st = sendable(r, may);
	if (st == HUB_OK && !may[0])
		return request_refuse(r, 403, "bill.send", "", "no policy lets Party %s send bills", r->caller.code);
	if (st == HUB_OK)
		st = request_as_core(r);
	if (st == HUB_OK)
		st = unseal(r, &body, &file);
	if (st != HUB_OK)
		return st;
	buf_text(&r->body, "{\"errors\":[");
	st = import(r, may, &body, &file, &told, &taken, &refused, &fault);
	if (st == HUB_REJECT)
		return request_problem(r, 400, &fault);
	buf_printf(&r->body, "],\"taken\":%zu,\"refused\":%zu,\"signed\":%s}\n", taken, refused, file.text ? "true" : "false");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

hub_status reconciliation_get(request *r)
{
	reconcile_utility *list;
	size_t count;
	hub_status st = request_as_core(r);
	if (st == HUB_OK)
		st = reconcile_utilities(r->db, r->caller.id, r->arena, &list, &count);
	buf_printf(&r->body, "{\"party\":\"%s\",\"currency\":\"CNY\"", r->caller.code);
	const reconcile_utility none = { .party = r->caller.id }, *u = st == HUB_OK && count ? list : &none;
	buf_printf(&r->body, ",\"billed\":%lld,\"paid\":%lld,\"receivable\":%lld,\"unpaid\":%lld,\"collected\":%lld,\"agrees\":%s}\n",
		   (long long)u->billed, (long long)u->paid, (long long)u->receivable, (long long)u->unpaid, (long long)u->collected,
		   reconcile_agrees(u) ? "true" : "false");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}
