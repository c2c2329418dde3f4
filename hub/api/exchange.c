#include "api/exchange.h"

#include <string.h>

#include "api/body.h"
#include "api/permit.h"
#include "base/clock.h"
#include "base/json.h"
#include "exchange/exchange.h"
#include "exchange/places.h"
#include "model/quantity.h"

enum { LISTED = 200, PLACES = 64, TEXT = 1000 };

static exchange_side side_of(const request *r)
{
	return (exchange_side) { &r->caller, r->rules, r->person ? r->person->login : "", r->now };
}

static hub_status show(request *r, const exchange_request *q)
{
	return exchange_write(r->db, q, r->now, r->arena, &r->body);
}

static hub_status refused(request *r, hub_status st, const hub_fault *fault)
{
	static const int codes[] = {
		[HUB_REJECT] = 400, [HUB_DENIED] = 403, [HUB_MISSING] = 404, [HUB_CONFLICT] = 409
	};
	bool problem = st == HUB_REJECT || st == HUB_DENIED || st == HUB_MISSING || st == HUB_CONFLICT;
	return problem && fault->code ? request_problem(r, codes[st], fault) : st;
}

static hub_status answer(request *r, int status, const exchange_request *q)
{
	hub_status st = show(r, q);
	buf_text(&r->body, "\n");
	return st == HUB_OK ? request_finish(r, status, "") : st;
}

hub_status exchange_requests_get(request *r)
{
	exchange_request *list;
	size_t count = 0;
	hub_status st = exchange_request_list(r->db, r->caller.id, LISTED, r->arena, &list, &count);
	buf_text(&r->body, "{\"requests\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		buf_text(&r->body, i ? ",\n" : "\n");
		st = show(r, &list[i]);
	}
	buf_text(&r->body, "]}\n");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

/* One that the caller asked or was asked, or may see as an operator; else it is as if it were not there. */
static hub_status find(request *r, exchange_request *q)
{
	uint64_t id;
	bool allowed = true;
	hub_status st =
	    request_id(r->values[0], &id) ? exchange_request_get(r->db, (int64_t)id, r->arena, q) : HUB_MISSING;
	if (st == HUB_OK && q->party != r->caller.id && q->asked_of != r->caller.id)
		st = permit_item(r, "view", "data_request", q->party, &allowed);
	if (st == HUB_MISSING || (st == HUB_OK && !allowed))
		return request_refuse(r, 404, "exchange.unknown", "id", "there is no request '%.20s' that you may see",
				      r->values[0]);
	return st;
}

hub_status exchange_request_get_one(request *r)
{
	exchange_request q;
	hub_status st = find(r, &q);
	return st == HUB_OK ? answer(r, 200, &q) : st;
}

static hub_status read_request(request *r, exchange_request *q, const char **of, const char *const **places)
{
	static const char *const members[] = { "kind",	   "of",	"commodity", "purpose", "what",
					       "premises", "data_from", "data_to",   "expires", NULL };
	body b;
	body_open(&b, r, members);
	q->kind = body_text(&b, "kind", false, 16);
	*of = body_text(&b, "of", true, 64);
	q->commodity = body_text(&b, "commodity", false, 16);
	q->purpose = body_text(&b, "purpose", false, TEXT);
	q->what = body_text(&b, "what", true, TEXT);
	*places = body_texts(&b, "premises", PLACES, &q->premise_count);
	q->data_from = body_time(&b, "data_from");
	q->data_to = body_time(&b, "data_to");
	q->expires = body_time(&b, "expires");
	hub_status st = b.status;
	body_close(&b);
	return st;
}

hub_status exchange_requests_post(request *r)
{
	const exchange_side who = side_of(r);
	exchange_request q = { 0 };
	const char *code;
	const char *const *places;
	party of;
	hub_fault fault = { 0 };
	hub_status st = read_request(r, &q, &code, &places);
	if (st != HUB_OK)
		return st;
	/* Who and what there is to ask is looked up behind the wall. */
	st = party_by_code(r->db, code, r->arena, &of);
	if (st == HUB_MISSING)
		return request_refuse(r, 404, "party.unknown", "of", "there is no party '%.64s' that you may ask",
				      code);
	if (st == HUB_OK)
		st = places_by_code(r->db, places, q.premise_count, r->arena, &q.premises, &fault);
	if (st == HUB_OK)
		st = request_as_core(r);
	if (st == HUB_OK)
		st = exchange_ask(r->db, &who, &q, &of, r->arena, &fault);
	return st == HUB_OK ? answer(r, 201, &q) : refused(r, st, &fault);
}

hub_status exchange_request_step_post(request *r)
{
	static const char *const members[] = { "state", "note", "reference", NULL };
	const exchange_side who = side_of(r);
	exchange_request q;
	hub_fault fault = { 0 };
	body b;
	hub_status st = find(r, &q);
	if (st != HUB_OK)
		return st;
	body_open(&b, r, members);
	const exchange_move m = { .to = body_text(&b, "state", true, 16),
				  .note = body_text(&b, "note", false, TEXT),
				  .reference = body_text(&b, "reference", false, 200) };
	st = b.status;
	body_close(&b);
	if (st == HUB_OK)
		st = request_as_core(r);
	if (st == HUB_OK)
		st = exchange_step_to(r->db, &who, &q, &m, r->arena, &fault);
	return st == HUB_OK ? answer(r, 200, &q) : refused(r, st, &fault);
}

static void write_viewing(buf *out, const viewing *v)
{
	char at[CLOCK_TEXT];
	const quantity *q = quantity_by_number(v->quantity);
	buf_text(out, "{\"point\":");
	json_write_text(out, v->point_code);
	buf_printf(out, ",\"party\":\"%s\",\"party_zh\":", v->party_code);
	json_write_text(out, v->party_zh);
	buf_text(out, ",\"party_en\":");
	json_write_text(out, v->party_en);
	buf_text(out, ",\"person\":");
	json_write_text(out, v->person);
	buf_text(out, ",\"purpose\":");
	json_write_text(out, v->purpose);
	buf_printf(out, ",\"what\":\"%s\",\"quantity\":\"%s\",\"granularity\":\"%s\",\"at\":\"%s\"}", v->what, q ? q->name : "",
		   v->grain >= 0 && v->grain < CONSENT_GRAINS ? consent_grain_names[v->grain] : "",
		   clock_text(v->at, at));
}

/* Of a home what others read of it; of everybody else what it read itself. */
hub_status viewings_get(request *r)
{
	viewing *list;
	size_t count = 0;
	bool home = !strcmp(r->caller.kind, "household");
	hub_status st = request_as_core(
	    r); /* the reader's name is told to whom was read, whatever else they have to do with each other */
	if (st == HUB_OK)
		st = home ? viewing_of_home(r->db, r->caller.id, LISTED, r->arena, &list, &count)
			  : viewing_by(r->db, r->caller.id, LISTED, r->arena, &list, &count);
	buf_text(&r->body, "{\"viewings\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		buf_text(&r->body, i ? ",\n" : "\n");
		write_viewing(&r->body, &list[i]);
	}
	buf_text(&r->body, "]}\n");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

static hub_status keep(request *r, const char *what, const int64_t *points, size_t count, uint16_t quantity_number,
		       int grain)
{
	const char *purpose = request_query(r, "purpose");
	/* A home reads its own, or another's by consent, and then says what for. */
	if (!purpose && !strcmp(r->caller.kind, "household"))
		return HUB_OK;
	purpose = purpose && strlen(purpose) <= 64 ? purpose : "";
	const viewing v = { .party = r->caller.id,
			    .person = r->person ? r->person->login : "",
			    .purpose = purpose,
			    .what = what,
			    .quantity = quantity_number,
			    .grain = (int16_t)grain };
	return viewing_note(r->db, &v, points, count);
}

hub_status viewing_keep(request *r, const int64_t *points, size_t count, uint16_t quantity_number, int grain)
{
	return keep(r, "readings", points, count, quantity_number, grain);
}

hub_status viewing_keep_of(request *r, const char *what, const int64_t *points, size_t count)
{
	return count ? keep(r, what, points, count, 0, CONSENT_MONTH) : HUB_OK;
}

hub_status viewing_keep_account(request *r, const billing_account *account)
{
	contract *list;
	size_t count, n = 0;
	if (!account->holder || account->holder == r->caller.id)
		return HUB_OK;
	hub_status st = contract_list(r->db, &account->id, 1, r->now, r->now + 1, r->arena, &list, &count);
	int64_t *points = st == HUB_OK ? arena_array(r->arena, count, sizeof *points) : NULL;
	if (st == HUB_OK && !points)
		return HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		points[n++] = list[i].point;
	return st == HUB_OK ? viewing_keep_of(r, "account", points, n) : st;
}
