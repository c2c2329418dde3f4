#include "api/exchange.h"

#include <string.h>

#include "api/body.h"
#include "api/message_right.h"
#include "api/permit.h"
#include "base/clock.h"
#include "base/json.h"
#include "exchange/exchange.h"
#include "model/quantity.h"
#include "store/premise.h"

#define DAY INT64_C(86400000000)

enum { LISTED = 200, PLACES = 64, TEXT = 1000, FALLBACK_DAYS = 30, MOST_DAYS = 366 };

static hub_status show(request *r, const exchange_request *q)
{
	exchange_step *steps;
	size_t count;
	hub_status st = exchange_steps(r->db, q, r->arena, &steps, &count);
	if (st == HUB_OK)
		exchange_request_json(q, r->now, steps, count, &r->body);
	return st;
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
	if (st == HUB_OK)
		st = show(r, &q);
	buf_text(&r->body, "\n");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

static hub_status read_request(request *r, exchange_request *q, const char **of, const char *const **places)
{
	static const char *const members[] = { "kind",	   "of",	"commodity", "purpose", "what",
					       "premises", "data_from", "data_to",   "expires", NULL };
	body b;
	body_open(&b, r, members);
	const char *kind = body_text(&b, "kind", false, 16);
	*of = body_text(&b, "of", true, 64);
	q->commodity = body_text(&b, "commodity", false, 16);
	q->purpose = body_text(&b, "purpose", false, TEXT);
	q->what = body_text(&b, "what", true, TEXT);
	*places = body_texts(&b, "premises", PLACES, &q->premise_count);
	q->data_from = body_time(&b, "data_from");
	q->data_to = body_time(&b, "data_to");
	q->expires = body_time(&b, "expires");
	q->expires = q->expires ? q->expires : r->now + FALLBACK_DAYS * DAY;
	q->kind = *kind ? kind : "data_request";
	if (b.status == HUB_OK && strcmp(q->kind, "data_request") && strcmp(q->kind, "view_command"))
		body_fault(&b, "kind", "is data_request or view_command");
	if (b.status == HUB_OK && !*q->what)
		body_fault(&b, "what", "says what is asked for");
	if (b.status == HUB_OK && !*q->purpose)
		body_fault(&b, "purpose", "says what for: nobody is asked without a purpose");
	if (b.status == HUB_OK && (q->expires <= r->now || q->expires > r->now + MOST_DAYS * DAY))
		body_fault(&b, "expires", "lies ahead of now, at most a year");
	hub_status st = b.status;
	body_close(&b);
	return st;
}

static hub_status read_places(request *r, const char *const *codes, exchange_request *q)
{
	int64_t *ids = arena_array(r->arena, q->premise_count, sizeof *ids);
	hub_status st = ids ? HUB_OK : HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < q->premise_count; i++) {
		premise p;
		st = premise_by_code(r->db, codes[i], r->arena, &p);
		if (st == HUB_MISSING)
			return request_refuse(r, 404, "premise.unknown", "premises", "there is no place '%.64s'",
					      codes[i]);
		ids[i] = st == HUB_OK ? p.id : 0;
	}
	q->premises = ids;
	return st;
}

/* Both sides' rights: the caller's to send it, the other's to receive it. */
static hub_status may_ask(request *r, const exchange_request *q, const party *of)
{
	bool sends = false, receives = false;
	const message_facts m = { .kind = q->kind,
				  .commodity = q->commodity,
				  .sender = r->caller.code,
				  .to = of->code,
				  .purpose = q->purpose };
	hub_status st = message_right(r, "send", &m, &sends);
	if (st == HUB_OK && sends)
		st = message_right_of(r->rules, of, "receive", &m, r->arena, &receives);
	if (st == HUB_OK && !(sends && receives))
		return request_refuse(r, 403, "exchange.send", sends ? "of" : "", "no policy lets Party %.64s %s a %s",
				      sends ? of->code : r->caller.code, sends ? "receive" : "send", q->kind);
	return st;
}

hub_status exchange_requests_post(request *r)
{
	exchange_request q = {
		.party = r->caller.id, .by = r->person ? r->person->login : "", .state = "asked", .reference = ""
	};
	const char *code;
	const char *const *places;
	party of;
	hub_fault fault = { 0 };
	hub_status st = read_request(r, &q, &code, &places);
	if (st != HUB_OK)
		return st;
	st = party_by_code(r->db, code, r->arena, &of);
	if (st == HUB_MISSING)
		return request_refuse(r, 404, "party.unknown", "of", "there is no party '%.64s' that you may ask",
				      code);
	q.asked_of = st == HUB_OK ? of.id : 0;
	q.asked_code = st == HUB_OK ? of.code : "";
	if (st == HUB_OK)
		st = may_ask(r, &q, &of);
	if (st == HUB_OK)
		st = read_places(r, places, &q);
	if (st == HUB_OK)
		st = request_as_core(r);
	if (st == HUB_OK)
		st = exchange_ask(r->db, &q, r->caller.code, r->arena, &fault);
	if (st == HUB_REJECT && fault.code)
		return request_problem(r, 400, &fault);
	if (st == HUB_OK)
		st = show(r, &q);
	buf_text(&r->body, "\n");
	return st == HUB_OK ? request_finish(r, 201, "") : st;
}

hub_status exchange_request_step_post(request *r)
{
	static const char *const members[] = { "state", "note", "reference", NULL };
	exchange_request q;
	body b;
	hub_status st = find(r, &q);
	if (st != HUB_OK)
		return st;
	body_open(&b, r, members);
	const char *state = body_text(&b, "state", true, 16), *note = body_text(&b, "note", false, TEXT),
		   *reference = body_text(&b, "reference", false, 200);
	st = b.status;
	if (st == HUB_OK && !strcmp(state, "fulfilled") && !*reference) {
		body_fault(&b, "reference", "names what it was fulfilled by: a receipt, a consent, a file");
		st = b.status;
	}
	body_close(&b);
	if (st == HUB_OK)
		st = request_as_core(r);
	if (st == HUB_OK)
		st = exchange_step_to(r->db, &q, state, r->caller.id, r->person ? r->person->login : "", note,
				      reference, r->arena);
	if (st == HUB_REJECT && !r->reply->status)
		return request_refuse(r, 400, "exchange.state", "state",
				      "'%.16s' is no step; granted, refused, fulfilled and withdrawn are", state);
	if (st == HUB_DENIED)
		return request_refuse(r, 403, "exchange.side", "state", "'%.16s' is the other side's step", state);
	if (st == HUB_CONFLICT)
		return request_refuse(r, 409, "exchange.over", "state", "the request is %s: it cannot become %.16s",
				      exchange_state(&q, r->now), state);
	if (st == HUB_OK)
		st = exchange_request_get(r->db, q.id, r->arena, &q);
	if (st == HUB_OK)
		st = show(r, &q);
	buf_text(&r->body, "\n");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
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
