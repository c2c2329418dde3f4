#include "exchange/exchange.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"

#define DAY INT64_C(86400000000)

enum { TEXT = 1000, REFERENCE = 200, WORD = 16, FALLBACK_DAYS = 30, MOST_DAYS = 366 };

/* Which steps there are, whose they are, and from where. */
static const struct step {
	const char *to;
	bool by_asker;
	const char *from[3];
	size_t count;
} steps[] = {
	{ "granted", false, { "asked" }, 1 },
	{ "refused", false, { "asked", "granted" }, 2 },
	{ "fulfilled", false, { "asked", "granted" }, 2 },
	{ "withdrawn", true, { "asked", "granted" }, 2 },
};

const char *exchange_state(const exchange_request *q, hub_time now)
{
	bool open = !strcmp(q->state, "asked") || !strcmp(q->state, "granted");
	return open && q->expires <= now ? "expired" : q->state;
}

static void member(buf *out, const char *name, const char *text)
{
	buf_printf(out, ",\"%s\":", name);
	json_write_text(out, text);
}

static void write_trail(const exchange_step *list, size_t count, buf *out)
{
	char time[CLOCK_TEXT];
	buf_text(out, ",\"trail\":[");
	for (size_t i = 0; i < count; i++) {
		buf_printf(out, "%s{\"state\":\"%s\",\"at\":\"%s\",\"party\":\"%s\"", i ? "," : "", list[i].state,
			   clock_text(list[i].at, time), list[i].actor);
		if (*list[i].by)
			member(out, "by", list[i].by);
		if (*list[i].note)
			member(out, "note", list[i].note);
		buf_text(out, "}");
	}
	buf_text(out, "]");
}

void exchange_notice_json(const notice *n, const char *const *places, size_t count, const exchange_step *trail,
			  size_t trail_count, buf *out)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT], made[CLOCK_TEXT];
	buf_printf(out, "{\"id\":%lld,\"kind\":\"%s\",\"severity\":\"%s\",\"commodity\":", (long long)n->id, n->kind,
		   n->severity);
	json_write_text(out, n->commodity);
	member(out, "from", n->sender ? n->sender : "");
	if (n->sender_zh)
		member(out, "from_zh", n->sender_zh);
	if (n->sender_en)
		member(out, "from_en", n->sender_en);
	member(out, "title_zh", n->title_zh);
	member(out, "title_en", n->title_en);
	member(out, "text_zh", n->text_zh);
	member(out, "text_en", n->text_en);
	buf_printf(out, ",\"valid_from\":\"%s\",\"valid_to\":\"%s\",\"withdrawn\":%s", clock_text(n->valid_from, from),
		   clock_text(n->valid_to, to), n->withdrawn ? "true" : "false");
	if (n->made)
		buf_printf(out, ",\"made\":\"%s\",\"told\":%d", clock_text(n->made, made), n->told);
	if (count) {
		buf_text(out, ",\"places\":[");
		for (size_t i = 0; i < count; i++) {
			buf_text(out, i ? "," : "");
			json_write_text(out, places[i]);
		}
		buf_text(out, "]");
	}
	if (trail)
		write_trail(trail, trail_count, out);
	buf_text(out, "}");
}

void exchange_request_json(const exchange_request *q, hub_time now, const exchange_step *list, size_t count, buf *out)
{
	char time[CLOCK_TEXT];
	buf_printf(out, "{\"id\":%lld,\"kind\":\"%s\",\"state\":\"%s\",\"commodity\":\"%s\"", (long long)q->id, q->kind,
		   exchange_state(q, now), q->commodity);
	member(out, "from", q->asker_code);
	member(out, "to", q->asked_code);
	member(out, "purpose", q->purpose);
	member(out, "what", q->what);
	if (q->data_from)
		buf_printf(out, ",\"data_from\":\"%s\"", clock_text(q->data_from, time));
	if (q->data_to)
		buf_printf(out, ",\"data_to\":\"%s\"", clock_text(q->data_to, time));
	if (*q->reference)
		member(out, "reference", q->reference);
	buf_printf(out, ",\"expires\":\"%s\"", clock_text(q->expires, time));
	if (list)
		write_trail(list, count, out);
	buf_text(out, "}");
}

static hub_status tell_request(store *db, const exchange_request *q, const char *state, const char *note, int64_t to,
			       arena *a)
{
	buf out = { 0 };
	exchange_request now = *q;
	now.state = state;
	exchange_request_json(&now, 0, NULL, 0, &out);
	if (*note && !out.bad) {
		out.len--; /* the closing brace */
		member(&out, "note", note);
		buf_text(&out, "}");
	}
	const char *body = out.bad ? NULL : arena_strndup(a, (const char *)out.bytes, out.len);
	const char *key = arena_printf(a, "exchange/%lld/%s", (long long)q->id, state);
	buf_fini(&out);
	return body && key ? exchange_tell(db, &to, 1, key, body) : HUB_NOMEM;
}

static hub_status check(exchange_request *q, hub_time now, hub_fault *fault)
{
	q->kind = q->kind && *q->kind ? q->kind : "data_request";
	q->expires = q->expires ? q->expires : now + FALLBACK_DAYS * DAY;
	if (strcmp(q->kind, "data_request") && strcmp(q->kind, "view_command"))
		return hub_fault_set(fault, "exchange.rule", "kind", "'kind' is data_request or view_command");
	if (q->expires <= now || q->expires > now + MOST_DAYS * DAY)
		return hub_fault_set(fault, "exchange.rule", "expires", "'expires' lies ahead of now, at most a year");
	hub_status st = exchange_text("what", q->what, TEXT, true, fault);
	if (st == HUB_OK)
		st = exchange_text("commodity", q->commodity, WORD, false, fault);
	/* Nobody is asked without a purpose. */
	return st == HUB_OK ? exchange_text("purpose", q->purpose, TEXT, true, fault) : st;
}

/* Both sides' rights: who asks may send it, the other may receive it. */
static hub_status may_ask(const exchange_side *who, const exchange_request *q, const party *of, arena *a,
			  hub_fault *fault)
{
	bool sends = false, receives = false;
	const message_facts m = { .kind = q->kind,
				  .commodity = q->commodity,
				  .sender = who->party->code,
				  .to = of->code,
				  .purpose = q->purpose };
	hub_status st = message_right_of(who->rules, who->party, "send", &m, a, &sends);
	if (st == HUB_OK && sends)
		st = message_right_of(who->rules, of, "receive", &m, a, &receives);
	if (st != HUB_OK || receives)
		return st;
	hub_fault_set(
	    fault, "exchange.send", sends ? "of" : "",
	    "no policy lets Party %.64s %s a %s: companies ask for data of their own commodity, the government gives "
	    "view commands, to companies alone",
	    sends ? of->code : who->party->code, sends ? "receive" : "send", q->kind);
	return HUB_DENIED;
}

hub_status exchange_ask(store *db, const exchange_side *who, exchange_request *q, const party *of, arena *a,
			hub_fault *fault)
{
	q->party = who->party->id;
	q->asker_code = who->party->code;
	q->by = who->by;
	q->asked_of = of->id;
	q->asked_code = of->code;
	q->state = "asked";
	q->reference = "";
	hub_status st = check(q, who->now, fault);
	if (st == HUB_OK)
		st = may_ask(who, q, of, a, fault);
	if (st == HUB_OK)
		st = store_scope(db);
	if (st != HUB_OK)
		return st;
	st = exchange_request_add(db, q, &q->id, fault);
	if (st == HUB_OK)
		st = tell_request(db, q, "asked", "", q->asked_of, a);
	return store_scope_end(db, st);
}

/* Who may take which step with what; *ret is its row of the table. */
static hub_status check_step(const exchange_side *who, const exchange_request *q, const exchange_move *m,
			     const struct step **ret, hub_fault *fault)
{
	const struct step *s = NULL;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (!strcmp(steps[i].to, m->to))
			s = &steps[i];
	if (!s)
		return hub_fault_set(fault, "exchange.state", "state",
				     "'%.16s' is no step; granted, refused, fulfilled and withdrawn are", m->to);
	if (!strcmp(m->to, "fulfilled") && !*m->reference)
		return hub_fault_set(fault, "exchange.rule", "reference",
				     "'reference' names what it was fulfilled by: a receipt, a consent, a file");
	hub_status st = exchange_text("note", m->note, TEXT, false, fault);
	if (st == HUB_OK)
		st = exchange_text("reference", m->reference, REFERENCE, false, fault);
	if (st == HUB_OK && who->party->id != (s->by_asker ? q->party : q->asked_of)) {
		hub_fault_set(fault, "exchange.side", "state", "'%.16s' is the other side's step: of Party %.64s",
			      m->to, s->by_asker ? q->asker_code : q->asked_code);
		st = HUB_DENIED;
	}
	*ret = s;
	return st;
}

hub_status exchange_step_to(store *db, const exchange_side *who, exchange_request *q, const exchange_move *m, arena *a,
			    hub_fault *fault)
{
	const struct step *s = NULL;
	hub_status st = check_step(who, q, m, &s, fault);
	if (st == HUB_OK)
		st = store_scope(db);
	if (st != HUB_OK)
		return st;
	exchange_request now = *q;
	now.reference = *m->reference ? m->reference : q->reference;
	st = exchange_request_move(db, q, s->from, s->count, m->to, m->reference, who->party->id, who->by, m->note);
	if (st == HUB_OK)
		st = tell_request(db, &now, m->to, m->note, s->by_asker ? q->asked_of : q->party, a);
	st = store_scope_end(db, st);
	if (st == HUB_CONFLICT)
		hub_fault_set(fault, "exchange.over", "state", "the request is %s: it cannot become %.16s",
			      exchange_state(q, who->now), m->to);
	return st == HUB_OK ? exchange_request_get(db, q->id, a, q) : st;
}

hub_status exchange_write(store *db, const exchange_request *q, hub_time now, arena *a, buf *out)
{
	exchange_step *list;
	size_t count;
	hub_status st = exchange_steps(db, q, a, &list, &count);
	if (st == HUB_OK)
		exchange_request_json(q, now, list, count, out);
	return st;
}
