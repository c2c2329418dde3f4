#include "api/notices.h"

#include <string.h>

#include "api/body.h"
#include "api/message_right.h"
#include "exchange/exchange.h"
#include "store/premise.h"

enum { PLACES = 64, LISTED = 100, TITLE = 200, TEXT = 2000 };

static const char *const severities[] = { "info", "warning", "urgent", NULL };

static message_facts facts_of(const notice *n, const char *sender, const char *to)
{
	return (message_facts) { .kind = "notice", .commodity = n->commodity, .sender = sender, .to = to };
}

/* Codes of the places it is about. */
static hub_status write(request *r, const notice *n)
{
	const char *codes[PLACES];
	size_t count = 0;
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < n->premise_count && i < PLACES; i++) {
		premise p;
		st = premise_by_id(r->db, n->premises[i], r->arena, &p);
		if (st == HUB_OK)
			codes[count++] = p.code;
		else if (st == HUB_MISSING)
			st = HUB_OK;
	}
	exchange_notice_json(n, codes, count, &r->body);
	return st;
}

hub_status notices_get(request *r)
{
	notice *list;
	size_t count = 0, shown = 0;
	bool sent;
	hub_status st = request_truth(r, "sent", &sent);
	/* Places of notices are told by their codes, homes among them too: of these only whoever lives there is told.
	 */
	if (st == HUB_OK)
		st = request_as_core(r);
	if (st == HUB_OK)
		st = sent ? notice_sent(r->db, r->caller.id, LISTED, r->arena, &list, &count)
			  : notice_for(r->db, r->caller.id, r->now, LISTED, r->arena, &list, &count);
	buf_text(&r->body, "{\"notices\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		bool allowed = sent;
		const message_facts m = facts_of(&list[i], list[i].sender, r->caller.code);
		st = sent ? HUB_OK : message_right(r, "receive", &m, &allowed);
		if (st != HUB_OK || !allowed)
			continue;
		buf_text(&r->body, shown++ ? ",\n" : "\n");
		st = write(r, &list[i]);
	}
	buf_text(&r->body, "]}\n");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

static hub_status read_places(request *r, const char *const *codes, size_t count, notice *n)
{
	int64_t *ids = arena_array(r->arena, count, sizeof *ids);
	hub_status st = ids ? HUB_OK : HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		premise p;
		st = premise_by_code(r->db, codes[i], r->arena, &p);
		if (st == HUB_MISSING)
			return request_refuse(r, 404, "premise.unknown", "premises", "there is no place '%.64s'",
					      codes[i]);
		ids[i] = st == HUB_OK ? p.id : 0;
	}
	n->premises = ids;
	n->premise_count = count;
	return st;
}

static hub_status read_notice(request *r, notice *n)
{
	static const char *const members[] = { "commodity", "severity", "premises",   "title_zh", "title_en",
					       "text_zh",   "text_en",	"valid_from", "valid_to", NULL };
	body b;
	size_t places;
	body_open(&b, r, members);
	n->commodity = body_text(&b, "commodity", false, 16);
	n->severity = body_text(&b, "severity", false, 16);
	n->title_zh = body_text(&b, "title_zh", true, TITLE);
	n->title_en = body_text(&b, "title_en", false, TITLE);
	n->text_zh = body_text(&b, "text_zh", true, TEXT);
	n->text_en = body_text(&b, "text_en", false, TEXT);
	n->valid_from = body_time(&b, "valid_from");
	n->valid_to = body_time(&b, "valid_to");
	n->valid_from = n->valid_from ? n->valid_from : r->now;
	const char *const *codes = body_texts(&b, "premises", PLACES, &places);
	size_t s = 0;
	while (severities[s] && strcmp(severities[s], *n->severity ? n->severity : "info"))
		s++;
	n->severity = severities[s];
	if (b.status == HUB_OK && !n->severity)
		body_fault(&b, "severity", "is info, warning or urgent");
	if (b.status == HUB_OK && (!*n->title_zh || !*n->text_zh))
		body_fault(&b, *n->title_zh ? "text_zh" : "title_zh", "is not empty");
	if (b.status == HUB_OK && !places)
		body_fault(&b, "premises", "names the places that it is about, at least one");
	if (b.status == HUB_OK && (n->valid_to <= n->valid_from || n->valid_to <= r->now))
		body_fault(&b, "valid_to", "lies behind valid_from, ahead of now: until when it holds");
	hub_status st = b.status;
	body_close(&b);
	if (st == HUB_OK)
		st = request_as_core(r);
	return st == HUB_OK ? read_places(r, codes, places, n) : st;
}

/* Those of whom it may concern to whom the policies let it go. */
static hub_status recipients_of(request *r, const notice *n, int64_t **ret, size_t *ret_count)
{
	int64_t *ids;
	size_t count, kept = 0;
	hub_status st = notice_recipients(r->db, n, r->arena, &ids, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		party who;
		bool allowed = false;
		st = party_by_id(r->db, ids[i], r->arena, &who);
		const message_facts m = facts_of(n, r->caller.code, st == HUB_OK ? who.code : NULL);
		if (st == HUB_OK)
			st = message_right_of(r, &who, "receive", &m, &allowed);
		if (allowed)
			ids[kept++] = ids[i];
	}
	*ret = ids;
	*ret_count = kept;
	return st;
}

hub_status notices_post(request *r)
{
	notice n = { .party = r->caller.id,
		     .by = r->person ? r->person->login : "",
		     .sender = r->caller.code,
		     .sender_zh = r->caller.name_zh,
		     .sender_en = r->caller.name_en };
	int64_t *to;
	size_t count;
	bool allowed = false;
	hub_fault fault = { 0 };
	hub_status st = read_notice(r, &n);
	const message_facts m = facts_of(&n, r->caller.code, NULL);
	if (st == HUB_OK)
		st = message_right(r, "send", &m, &allowed);
	if (st == HUB_OK && !allowed)
		return request_refuse(r, 403, "notice.send", "", "no policy lets Party %s send notices of '%.16s'",
				      r->caller.code, n.commodity);
	if (st == HUB_OK)
		st = recipients_of(r, &n, &to, &count);
	if (st == HUB_OK)
		st = exchange_notice(r->db, &n, to, count, r->arena, &fault);
	if (st == HUB_REJECT && fault.code)
		return request_problem(r, 400, &fault);
	if (st != HUB_OK)
		return st;
	n.made = r->now;
	st = write(r, &n);
	buf_text(&r->body, "\n");
	return st == HUB_OK ? request_finish(r, 201, "") : st;
}

hub_status notice_withdraw_post(request *r)
{
	uint64_t id;
	notice n;
	int64_t *to;
	size_t count = 0;
	hub_status st = request_id(r->values[0], &id) ? request_as_core(r) : HUB_MISSING;
	if (st == HUB_OK)
		st = notice_get(r->db, (int64_t)id, r->arena, &n);
	if (st == HUB_MISSING || (st == HUB_OK && n.party != r->caller.id))
		return request_refuse(r, 404, "notice.unknown", "id", "there is no notice '%.20s' of yours",
				      r->values[0]);
	if (st == HUB_OK && !n.withdrawn) {
		st = recipients_of(r, &n, &to, &count);
		if (st == HUB_OK)
			st = exchange_notice_withdraw(r->db, &n, to, count, r->arena);
		n.withdrawn = r->now;
	}
	if (st == HUB_OK)
		st = write(r, &n);
	buf_text(&r->body, "\n");
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}
