#include "exchange/exchange.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"

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

hub_status exchange_ask(store *db, exchange_request *q, const char *asker, arena *a, hub_fault *fault)
{
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	q->asker_code = asker;
	st = exchange_request_add(db, q, &q->id, fault);
	if (st == HUB_OK)
		st = tell_request(db, q, "asked", "", q->asked_of, a);
	return store_scope_end(db, st);
}

hub_status exchange_step_to(store *db, const exchange_request *q, const char *to, int64_t actor, const char *by,
			    const char *note, const char *reference, arena *a)
{
	const struct step *s = NULL;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		if (!strcmp(steps[i].to, to))
			s = &steps[i];
	if (!s)
		return HUB_REJECT;
	if (actor != (s->by_asker ? q->party : q->asked_of))
		return HUB_DENIED;
	hub_status st = store_scope(db);
	if (st != HUB_OK)
		return st;
	exchange_request now = *q;
	now.reference = *reference ? reference : q->reference;
	st = exchange_request_move(db, q, s->from, s->count, to, reference, actor, by, note);
	if (st == HUB_OK)
		st = tell_request(db, &now, to, note, s->by_asker ? q->asked_of : q->party, a);
	return store_scope_end(db, st);
}
