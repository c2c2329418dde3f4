#include "api/disputes.h"

#include "api/bills.h"
#include "api/body.h"
#include "api/message_right.h"
#include "base/clock.h"
#include "base/json.h"
#include "store/dispute.h"

enum { REASON = 500, LISTED = 200 };

typedef struct contest {
	billing_account account;
	bill_row row;
	size_t part;
	const char *text;
} contest;

/* {"part": 0, "reason": "…"}; the bill is one of which the caller may see something. */
static hub_status read(request *r, const char *member, contest *c, bill_view *view)
{
	const char *const names[] = { "part", member, NULL };
	body b;
	hub_status st = bill_of_id(r, r->values[0], &c->account, &c->row, view);
	if (st == HUB_MISSING)
		return request_refuse(r, 404, "bill.unknown", "id", "there is no bill '%.64s' that you may see", r->values[0]);
	if (st != HUB_OK)
		return st;
	body_open(&b, r, names);
	const json_t *part = b.root ? json_object_get(b.root, "part") : NULL;
	c->text = body_text(&b, member, true, REASON);
	if (b.status == HUB_OK && (!json_is_integer(part) || json_integer_value(part) < 0))
		body_fault(&b, "part", "the place of a part in the bill, from 0");
	c->part = b.status == HUB_OK ? (size_t)json_integer_value(part) : 0;
	body_close(&b);
	return b.status;
}

static hub_status refuse(request *r, hub_status st, const hub_fault *fault)
{
	int status = st == HUB_MISSING ? 409 : st == HUB_REJECT ? 422 : 0;
	return status && fault->code ? request_problem(r, status, fault) : st;
}

static hub_status answer(request *r, hub_status st, const hub_fault *fault, const contest *c, const char *state)
{
	if (st != HUB_OK)
		return refuse(r, st, fault);
	buf_printf(&r->body, "{\"part\":%zu,\"state\":\"%s\"}\n", c->part, state);
	return request_finish(r, 200, "");
}

/* Who may order a bill's payment may contest it: whom it is about. */
hub_status dispute_post(request *r)
{
	contest c;
	bills *b = NULL;
	hub_fault fault = { 0 };
	bill_view view = BILL_HIDDEN;
	bool allowed = false;
	const message_facts m = { .kind = "payment_order", .commodity = "", .sender = r->caller.code, .genuine = true };
	hub_status st = read(r, "reason", &c, &view);
	if (st == HUB_OK)
		st = message_right(r, "send", &m, &allowed);
	if (st == HUB_OK && (!allowed || view != BILL_WHOLE))
		return request_refuse(r, 403, "bill.contest", "", "a bill is contested by whom it is about");
	if (st == HUB_OK)
		st = request_as_core(r);
	if (st == HUB_OK)
		st = bills_new(r->db, &b);
	if (st != HUB_OK)
		return st;
	st = bills_dispute(b, &c.account, &c.row, c.part, c.text, &fault);
	bills_free(b);
	return answer(r, st, &fault, &c, "disputed");
}

/* Only the utility whose part it is answers. */
hub_status dispute_settle_post(request *r)
{
	contest c;
	bills *b = NULL;
	hub_fault fault = { 0 };
	bill_view view = BILL_HIDDEN;
	hub_status st = read(r, "answer", &c, &view);
	unify_bill *bill = st == HUB_OK ? arena_alloc(r->arena, sizeof *bill) : NULL;
	if (st == HUB_OK)
		st = bill ? unify_read(c.row.body, r->arena, bill) : HUB_NOMEM;
	if (st == HUB_OK && (c.part >= bill->count || bill->parts[c.part].party != r->caller.id))
		return request_refuse(r, 403, "bill.contest", "part", "a contested part is settled by its utility");
	if (st == HUB_OK)
		st = request_as_core(r);
	if (st == HUB_OK)
		st = bills_new(r->db, &b);
	if (st != HUB_OK)
		return st;
	st = bills_dispute_settle(b, &c.account, &c.row, c.part, c.text, &fault);
	bills_free(b);
	return answer(r, st, &fault, &c, "settled");
}

/* What is contested of the caller's own parts, the oldest first. */
hub_status disputes_get(request *r)
{
	bill_dispute *list;
	size_t count = 0;
	char opened[CLOCK_TEXT];
	hub_status st = request_as_core(r);
	if (st == HUB_OK)
		st = dispute_of_party(r->db, r->caller.id, LISTED, r->arena, &list, &count);
	buf_text(&r->body, "{\"disputes\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		buf_printf(&r->body, "%s{\"bill\":\"%lld-%d-%d\",\"part\":%d,\"amount\":%lld,\"opened\":\"%s\",\"reason\":", i ? ",\n" : "\n",
			   (long long)list[i].account, list[i].cycle, list[i].revision, list[i].part, (long long)list[i].amount,
			   clock_text(list[i].opened, opened));
		json_write_text(&r->body, list[i].reason);
		buf_text(&r->body, "}");
	}
	buf_text(&r->body, "]}\n");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}
