#include "api/notices.h"

#include "api/body.h"
#include "exchange/notices.h"

enum { LISTED = 100, TITLE = 200, TEXT = 2000, PURPOSE = 1000 };

static exchange_side side_of(const request *r)
{
	return (exchange_side) { &r->caller, r->rules, r->person ? r->person->login : "", r->now };
}

static hub_status refused(request *r, hub_status st, const hub_fault *fault)
{
	return st != HUB_OK && fault->code ? request_problem(r,
							     st == HUB_DENIED	 ? 403
							     : st == HUB_MISSING ? 404
										 : 400,
							     fault)
					   : st;
}

static hub_status answer(request *r, int status, const notice *n)
{
	hub_status st = notices_write(r->db, n, true, r->arena, &r->body);
	buf_text(&r->body, "\n");
	return st == HUB_OK ? request_finish(r, status, "") : st;
}

hub_status notices_get(request *r)
{
	const exchange_side who = side_of(r);
	notice *list;
	size_t count = 0;
	bool sent;
	hub_status st = request_truth(r, "sent", &sent);
	/* Places of notices are told by their codes, homes among them too: of these only whoever lives there is told.
	 */
	if (st == HUB_OK)
		st = request_as_core(r);
	if (st == HUB_OK)
		st = sent ? notice_sent(r->db, r->caller.id, LISTED, r->arena, &list, &count)
			  : notices_for(r->db, &who, LISTED, r->arena, &list, &count);
	buf_text(&r->body, "{\"notices\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		buf_text(&r->body, i ? ",\n" : "\n");
		st = notices_write(r->db, &list[i], sent, r->arena, &r->body);
	}
	buf_text(&r->body, "]}\n");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

hub_status notices_post(request *r)
{
	static const char *const members[] = { "kind",	  "commodity", "severity", "premises",	 "title_zh", "title_en",
					       "text_zh", "text_en",   "purpose",  "valid_from", "valid_to", NULL };
	const exchange_side who = side_of(r);
	hub_fault fault = { 0 };
	size_t count;
	body b;
	body_open(&b, r, members);
	notice n = { .kind = body_text(&b, "kind", false, 16),
		     .commodity = body_text(&b, "commodity", false, 16),
		     .severity = body_text(&b, "severity", false, 16),
		     .title_zh = body_text(&b, "title_zh", true, TITLE),
		     .title_en = body_text(&b, "title_en", false, TITLE),
		     .text_zh = body_text(&b, "text_zh", true, TEXT),
		     .text_en = body_text(&b, "text_en", false, TEXT),
		     .valid_from = body_time(&b, "valid_from"),
		     .valid_to = body_time(&b, "valid_to") };
	const char *purpose = body_text(&b, "purpose", false, PURPOSE);
	const char *const *places = body_texts(&b, "premises", NOTICE_PLACES, &count);
	hub_status st = b.status;
	body_close(&b);
	if (st == HUB_OK)
		st = request_as_core(r);
	if (st == HUB_OK)
		st = notices_send(r->db, &who, &n, places, count, purpose, r->arena, &fault);
	return st == HUB_OK ? answer(r, 201, &n) : refused(r, st, &fault);
}

hub_status notice_withdraw_post(request *r)
{
	static const char *const members[] = { "note", NULL };
	const exchange_side who = side_of(r);
	uint64_t id;
	notice n;
	hub_fault fault = { 0 };
	body b;
	body_open(&b, r, members);
	const char *why = body_text(&b, "note", false, PURPOSE);
	hub_status st = b.status;
	body_close(&b);
	if (st == HUB_OK && !request_id(r->values[0], &id))
		return request_refuse(r, 404, "notice.unknown", "id", "there is no notice '%.20s' of yours",
				      r->values[0]);
	if (st == HUB_OK)
		st = request_as_core(r);
	if (st == HUB_OK)
		st = notices_withdraw(r->db, &who, (int64_t)id, why, r->arena, &n, &fault);
	return st == HUB_OK ? answer(r, 200, &n) : refused(r, st, &fault);
}
