#include "api/board.h"

#include <stdio.h>
#include <string.h>

#include "api/parties.h"
#include "api/permit.h"
#include "base/clock.h"
#include "base/json.h"
#include "store/board.h"
#include "store/certificate.h"
#include "store/series_quality.h"
#include "store/token.h"
#include "store/trouble.h"

#define HOUR INT64_C(3600000000)
enum { ROWS = 500 };

static void text(buf *out, const char *member, const char *value)
{
	buf_printf(out, "\"%s\":", member);
	json_write_text(out, value);
}

static void write_party(buf *out, const board_party *p)
{
	buf_text(out, "{");
	text(out, "party", p->code);
	buf_u8(out, ',');
	text(out, "name_zh", p->name_zh);
	buf_u8(out, ',');
	text(out, "name_en", p->name_en);
	buf_printf(out, ",\"received\":%lld,\"stored\":%lld,\"duplicates\":%lld,\"refused\":%lld,\"open\":%lld,\"subscriptions\":%lld,"
		   "\"paused\":%lld,\"queued\":%lld,\"dead\":%lld}", (long long)p->received, (long long)p->stored,
		   (long long)p->duplicates, (long long)p->refused, (long long)p->open, (long long)p->subscriptions,
		   (long long)p->paused, (long long)p->queued, (long long)p->dead);
}

static void write_source(buf *out, const board_source *s, const series_late *late)
{
	buf_text(out, "{");
	text(out, "source", s->name);
	buf_u8(out, ',');
	text(out, "party", s->party);
	buf_u8(out, ',');
	text(out, "adapter", s->adapter);
	buf_u8(out, ',');
	text(out, "zone", s->zone);
	buf_printf(out, ",\"enabled\":%s", s->enabled ? "true" : "false");
	time_write(out, "last", s->last);
	buf_printf(out, ",\"hour\":%lld,\"day\":%lld,\"refused\":%lld", (long long)s->hour, (long long)s->day, (long long)s->refused);
	if (late->known)
		buf_printf(out, ",\"late_half\":%lld,\"late_most\":%lld", (long long)late->median, (long long)late->most);
	if (s->receipt_count)
		buf_printf(out, ",\"receipt\":%lld", (long long)s->receipts[0]);
	buf_u8(out, '}');
}

static hub_status parties(request *r, int64_t owner)
{
	board_party *list;
	size_t count = 0;
	hub_status st = board_parties(r->db, owner, r->now - 24 * HOUR, ROWS, r->arena, &list, &count);
	buf_text(&r->body, "\"parties\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		buf_text(&r->body, i ? ",\n" : "\n");
		write_party(&r->body, &list[i]);
	}
	return st;
}

static hub_status sources(request *r, int64_t owner)
{
	board_source *list;
	size_t count = 0;
	hub_status st = board_sources(r->db, owner, r->now - HOUR, r->now - 24 * HOUR, ROWS, r->arena, &list, &count);
	buf_text(&r->body, "],\n\"sources\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		series_late late;
		st = series_lateness(r->db, list[i].receipts, list[i].receipt_count, &late);
		buf_text(&r->body, i ? ",\n" : "\n");
		write_source(&r->body, &list[i], &late);
	}
	return st;
}

/* All for operators, floods of their own for others. */
static hub_status troubles(request *r, const char *whose)
{
	trouble *list;
	size_t count = 0;
	hub_status st = trouble_list(r->db, whose, r->now - 24 * HOUR, ROWS, r->arena, &list, &count);
	buf_text(&r->body, "],\n\"troubles\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		const trouble *t = &list[i];
		buf_text(&r->body, i ? ",\n{" : "\n{");
		text(&r->body, "kind", t->kind);
		buf_u8(&r->body, ',');
		text(&r->body, "subject", t->subject);
		buf_u8(&r->body, ',');
		text(&r->body, "core", t->core);
		buf_u8(&r->body, ',');
		text(&r->body, "text", t->text);
		time_write(&r->body, "began", t->began);
		time_write(&r->body, "last", t->last);
		if (t->ended)
			time_write(&r->body, "ended", t->ended);
		buf_printf(&r->body, ",\"count\":%lld}", (long long)t->count);
	}
	return st;
}

/* The last whole UTC day: today's is not due yet. */
static hub_status quality(request *r, int64_t owner)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT];
	hub_time end = r->now - r->now % (24 * HOUR);
	series_whole *list;
	size_t count = 0;
	hub_status st = series_wholeness(r->db, owner, end - 24 * HOUR, end, r->arena, &list, &count);
	buf_printf(&r->body, "],\n\"from\":\"%s\",\"to\":\"%s\",\"quality\":[", clock_text(end - 24 * HOUR, from), clock_text(end, to));
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		buf_text(&r->body, i ? ",\n{" : "\n{");
		text(&r->body, "party", list[i].party);
		buf_printf(&r->body, ",\"commodity\":\"%s\",\"points\":%lld,\"expected\":%lld,\"present\":%lld}", list[i].commodity,
			   (long long)list[i].points, (long long)list[i].expected, (long long)list[i].present);
	}
	buf_text(&r->body, "]}\n");
	return st;
}

static bool governs(const request *r)
{
	for (size_t i = 0; i < r->caller.role_count; i++)
		if (!strcmp(r->caller.roles[i], "operator"))
			return true;
	return false;
}

hub_status board_get(request *r)
{
	char at[CLOCK_TEXT];
	int64_t owner;
	hub_status st = permit_list(r, "board", &owner);
	if (st == HUB_OK && governs(r) && !request_query(r, "party"))
		owner = 0;
	/* Counted of what the party gave and gets; the second wall would only make the counting dear. */
	if (st == HUB_OK)
		st = request_as_core(r);
	buf_printf(&r->body, "{\"as_of\":\"%s\",", clock_text(r->now, at));
	if (st == HUB_OK)
		st = parties(r, owner);
	if (st == HUB_OK)
		st = sources(r, owner);
	if (st == HUB_OK)
		st = troubles(r, owner ? r->caller.code : "");
	if (st == HUB_OK)
		st = quality(r, owner);
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

static const char *state_of(hub_time from, hub_time to, hub_time revoked, hub_time now)
{
	return revoked ? "revoked" : now < from ? "future" : to && now >= to ? "expired" : "valid";
}

static hub_status certificates(request *r, int64_t owner)
{
	party_certificate *list;
	size_t count = 0;
	hub_status st = certificate_list(r->db, owner, r->arena, &list, &count);
	buf_text(&r->body, "{\"certificates\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		const party_certificate *c = &list[i];
		buf_text(&r->body, i ? ",\n{" : "\n{");
		text(&r->body, "serial", c->serial);
		buf_u8(&r->body, ',');
		text(&r->body, "kind", c->kind);
		buf_u8(&r->body, ',');
		text(&r->body, "name", c->name);
		buf_printf(&r->body, ",\"state\":\"%s\"", state_of(c->valid_from, c->valid_to, c->revoked, r->now));
		time_write(&r->body, "valid_from", c->valid_from);
		time_write(&r->body, "valid_to", c->valid_to);
		time_write(&r->body, "revoked", c->revoked);
		buf_u8(&r->body, '}');
	}
	return st;
}

static hub_status tokens(request *r, int64_t owner)
{
	token *list;
	size_t count = 0;
	hub_status st = token_list(r->db, owner, r->arena, &list, &count);
	buf_text(&r->body, "],\n\"tokens\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		const token *t = &list[i];
		buf_printf(&r->body, "%s{\"id\":%lld,", i ? ",\n" : "\n", (long long)t->id);
		text(&r->body, "label", t->label);
		buf_printf(&r->body, ",\"state\":\"%s\"", state_of(t->valid_from, t->valid_to, t->revoked, r->now));
		time_write(&r->body, "valid_from", t->valid_from);
		time_write(&r->body, "valid_to", t->valid_to);
		time_write(&r->body, "revoked", t->revoked);
		buf_u8(&r->body, '}');
	}
	buf_text(&r->body, "]}\n");
	return st;
}

hub_status credentials_get(request *r)
{
	int64_t owner;
	hub_status st = permit_list(r, "credential", &owner);
	if (st == HUB_OK)
		st = certificates(r, owner);
	if (st == HUB_OK)
		st = tokens(r, owner);
	return st == HUB_OK ? request_finish(r, 200, "") : st;
}

static void write_import(buf *out, const board_import *b)
{
	char start[CLOCK_TEXT], end[CLOCK_TEXT];
	buf_text(out, "{");
	text(out, "account", b->account);
	buf_u8(out, ',');
	text(out, "point", b->point);
	buf_printf(out, ",\"cycle\":\"%04d-%02d\",\"amount\":%lld,\"start\":\"%s\",\"end\":\"%s\",", b->cycle / 100, b->cycle % 100,
		   (long long)b->amount, clock_text(b->start, start), clock_text(b->end, end));
	text(out, "quantity", b->quantity);
	buf_u8(out, ',');
	text(out, "unit", b->unit);
	buf_u8(out, ',');
	text(out, "reference", b->reference);
	buf_printf(out, ",\"signed\":%s,\"billed\":%s}", b->sealed ? "true" : "false", b->billed ? "true" : "false");
}

/* cycle=YYYY-MM; 0 without. */
static hub_status cycle_asked(request *r, int32_t *ret)
{
	int year = 0, month = 0, n = 0;
	const char *cycle = request_query(r, "cycle");
	if (cycle && (sscanf(cycle, "%4d-%2d%n", &year, &month, &n) != 2 || n != 7 || cycle[7] || month < 1 || month > 12))
		return request_refuse(r, 400, "bill.cycle", "cycle", "'%.16s' is not a month such as 2026-10", cycle);
	*ret = year * 100 + month;
	return HUB_OK;
}

/* Which cycle, which page, and whose rows the caller may list. */
static hub_status money_asked(request *r, const char *kind, int32_t *cycle, request_page *page, int64_t *owner)
{
	hub_status st = cycle_asked(r, cycle);
	if (st == HUB_OK)
		st = request_page_of(r, page);
	if (st == HUB_OK)
		st = permit_list(r, kind, owner);
	return st == HUB_OK ? request_as_core(r) : st;
}

hub_status bills_imported_get(request *r)
{
	request_page page;
	board_import *list;
	size_t count = 0;
	int64_t owner;
	int32_t cycle;
	hub_status st = money_asked(r, "import", &cycle, &page, &owner);
	if (st == HUB_OK)
		st = board_imports(r->db, owner, cycle, page.after, page.limit, r->arena, &list, &count);
	if (st != HUB_OK)
		return st;
	buf_text(&r->body, "{\"imports\":[");
	for (size_t i = 0; i < count; i++) {
		buf_text(&r->body, i ? ",\n" : "\n");
		write_import(&r->body, &list[i]);
	}
	return request_finish_page(r, count == page.limit ? list[count - 1].next : 0);
}

static void write_share(buf *out, const board_share *s)
{
	char paid[CLOCK_TEXT];
	const struct {
		const char *name, *text;
	} texts[] = { { "account", s->account }, { "bill", s->bill },		{ "order", s->order },
		      { "provider", s->provider }, { "reference", s->reference } };
	buf_printf(out, "{\"cycle\":\"%04d-%02d\",\"part\":%d,\"amount\":%lld,\"payment\":%lld,\"state\":\"%s\",\"paid\":\"%s\"", s->cycle / 100,
		   s->cycle % 100, s->part, (long long)s->amount, (long long)s->payment, s->refunded ? "refunded" : "paid",
		   clock_text(s->paid, paid));
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		buf_u8(out, ',');
		text(out, texts[i].name, texts[i].text);
	}
	buf_u8(out, '}');
}

hub_status bills_shares_get(request *r)
{
	request_page page;
	board_share *list;
	size_t count = 0;
	int64_t owner;
	int32_t cycle;
	hub_status st = money_asked(r, "share", &cycle, &page, &owner);
	if (st == HUB_OK)
		st = board_shares(r->db, owner, cycle, page.after, page.limit, r->arena, &list, &count);
	if (st != HUB_OK)
		return st;
	buf_text(&r->body, "{\"shares\":[");
	for (size_t i = 0; i < count; i++) {
		buf_text(&r->body, i ? ",\n" : "\n");
		write_share(&r->body, &list[i]);
	}
	return request_finish_page(r, count >= page.limit ? list[count - 1].next : 0);
}
