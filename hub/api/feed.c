#include "api/feed.h"

#include <jansson.h>
#include <stdio.h>

#include "api/message.h"
#include "api/reading.h"
#include "base/clock.h"
#include "base/json.h"
#include "deliver/feed.h"
#include "rights/view.h"
#include "store/message.h"

/*
 * PATIENCE: µs after which an answer ends with the entry it is at, even if it has shown nothing: a
 * party that may see little of what it subscribed to asks on from `next` and keeps no worker busy.
 * PAGE: rows at once, so few that a part that is nearly full takes them, reasons and all.
 * ENTRIES_AT_ONCE: positions looked up together. PARTS: an answer of more parts ends with its entry.
 */
enum { PATIENCE = 500000, PAGE = 200, ENTRIES_AT_ONCE = 100, PARTS = 8, LIMIT = 1000 };

/*
 * Where an answer of several parts goes on; it travels through the gateway as text, so it may be
 * forged, which shows its caller nothing that it may not ask for anyway.
 */
typedef struct mark {
	uint64_t position; /* of the entry under way, or the last one done */
	uint64_t item;	   /* of its rows, where to go on; 0: the entry is not begun */
	unsigned opened;   /* the entry's head is written */
	uint64_t entries;  /* written */
	unsigned parts;
} mark;

typedef struct feeding {
	request *r;
	view view;
	mark at;
	int64_t begun; /* monotonic µs */
	bool full;     /* the part is; at says where the next begins */
	bool late;     /* PATIENCE is over */
	const char *comma;
} feeding;

static bool mark_read(const char *text, mark *ret)
{
	unsigned long long position, item, entries;
	unsigned opened, parts;
	int end = 0;
	if (sscanf(text, "%18llu.%9llu.%1u.%9llu.%4u%n", &position, &item, &opened, &entries, &parts, &end) != 5 ||
	    text[end])
		return false;
	*ret = (mark) { position, item, opened != 0, entries, parts };
	return true;
}

static const char *mark_text(const mark *m, arena *a)
{
	return arena_printf(a, "%llu.%llu.%u.%llu.%u", (unsigned long long)m->position, (unsigned long long)m->item,
			    m->opened, (unsigned long long)m->entries, m->parts);
}

static void open_entry(feeding *f, const feed_entry *e, const receipt *rec)
{
	char at[CLOCK_TEXT], trace[TRACE_TEXT];
	if (f->at.opened)
		return;
	buf_printf(&f->r->body, "%s\n{\"position\":%llu,\"at\":\"%s\",\"receipt\":%llu,\"trace\":\"%s\",\"source\":",
		   f->at.entries ? "," : "", (unsigned long long)e->position, clock_text(e->at, at),
		   (unsigned long long)e->receipt, trace_text(&rec->trace, trace));
	json_write_text(&f->r->body, rec->source);
	buf_text(&f->r->body, ",\"items\":[");
	f->at.opened = 1;
	f->at.entries++;
	f->comma = "";
}

static hub_status write_readings(feeding *f, const feed_entry *e, const receipt *rec, const series_item *items,
				 size_t count)
{
	int64_t *points = arena_array(f->r->arena, count, sizeof *points);
	if (!points)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++)
		points[i] = items[i].row.point;
	hub_status st = view_points(&f->view, points, count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		const rights_point *p;
		st = view_reading(&f->view, &items[i].row, &p, NULL);
		if (st != HUB_OK || !p)
			continue;
		open_entry(f, e, rec);
		buf_printf(&f->r->body, "%s\n", f->comma);
		reading_write(&f->r->body, &items[i], view_meter(&f->view, &items[i].row), p->point.code, false);
		f->comma = ",";
	}
	return st;
}

/* Rows from f->at.item on. *ret_done: it was the last page. */
static hub_status readings_page(feeding *f, const feed_entry *e, const receipt *rec, bool *ret_done)
{
	series_item *items;
	size_t count, next;
	hub_status st = series_of_receipt(f->r->db, e->receipt, f->at.item, PAGE, f->r->arena, &items, &count, &next);
	if (st == HUB_OK && count)
		st = write_readings(f, e, rec, items, count);
	if (st != HUB_OK)
		return st;
	f->at.item = next;
	*ret_done = next == 0;
	return f->r->body.bad ? HUB_NOMEM : HUB_OK;
}

/* What is about no point is the business of the party whose source said it. */
static hub_status write_messages(feeding *f, const feed_entry *e, const receipt *rec)
{
	message *list;
	size_t count;
	hub_status st = message_of_receipt(f->r->db, e->receipt, f->r->arena, &list, &count);
	int64_t *points = st == HUB_OK ? arena_array(f->r->arena, count, sizeof *points) : NULL;
	if (st != HUB_OK || !points)
		return st == HUB_OK ? HUB_NOMEM : st;
	for (size_t i = 0; i < count; i++)
		points[i] = list[i].point;
	st = count ? view_points(&f->view, points, count) : HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		const rights_point *p = NULL;
		if (list[i].point)
			st = view_message(&f->view, list[i].type, list[i].point, list[i].time, &p, NULL);
		if (st != HUB_OK)
			break;
		if (!p && (list[i].point || list[i].party != f->r->caller.id))
			continue;
		open_entry(f, e, rec);
		buf_printf(&f->r->body, "%s\n", f->comma);
		message_write(&f->r->body, &list[i], p ? p->point.code : "");
		f->comma = ",";
	}
	return st;
}

static hub_status write_entry(feeding *f, const feed_entry *e)
{
	receipt rec;
	bool done = false;
	hub_status st = receipt_by_id(f->r->db, e->receipt, f->r->arena, &rec);
	if (st == HUB_MISSING)
		return HUB_OK;
	f->at.position = e->position;
	view_receipt(&f->view, &rec);
	while (st == HUB_OK && !done) {
		st = readings_page(f, e, &rec, &done);
		if (st == HUB_OK && !done && f->r->body.len > REQUEST_PART) {
			f->full = true;
			return HUB_OK;
		}
	}
	if (st == HUB_OK)
		st = write_messages(f, e, &rec);
	if (st == HUB_OK && f->at.opened)
		buf_text(&f->r->body, "]}");
	f->at.item = 0;
	f->at.opened = 0;
	f->full = f->r->body.len > REQUEST_PART;
	return st == HUB_OK && f->r->body.bad ? HUB_NOMEM : st;
}

/* *ret_more: there may be further positions. */
static hub_status write_entries(feeding *f, uint64_t limit, bool *ret_more)
{
	feed_entry *list;
	size_t count;
	bool resumed = f->at.item > 0;
	hub_status st = feed_peek(f->r->db, f->r->caller.id, f->at.position - (resumed ? 1 : 0), ENTRIES_AT_ONCE,
				  f->r->arena, &list, &count);
	if (st != HUB_OK)
		return st;
	for (size_t i = 0; st == HUB_OK && i < count && !f->full && !f->late && f->at.entries < limit; i++) {
		st = write_entry(f, &list[i]);
		f->late = clock_monotonic() - f->begun > PATIENCE;
		if (f->full && f->at.item == 0 && f->at.parts + 1 >= PARTS)
			break;
	}
	*ret_more = count == ENTRIES_AT_ONCE;
	return st;
}

static hub_status finish(feeding *f, bool more_parts)
{
	uint64_t acknowledged, last;
	if (more_parts) {
		f->at.parts++;
		const char *continuation = mark_text(&f->at, f->r->arena);
		return continuation ? request_finish(f->r, 200, continuation) : HUB_NOMEM;
	}
	hub_status st = feed_state(f->r->db, f->r->caller.id, &acknowledged, &last);
	if (st != HUB_OK)
		return st;
	buf_printf(&f->r->body, "],\"next\":%llu,\"acknowledged\":%llu,\"last\":%llu}\n",
		   (unsigned long long)f->at.position, (unsigned long long)acknowledged, (unsigned long long)last);
	return request_finish(f->r, 200, "");
}

hub_status feed_get(request *r)
{
	feeding f = { .r = r, .comma = "", .begun = clock_monotonic() };
	uint64_t acknowledged, last, limit, after;
	bool more = true;
	const rights_case about = request_case(r, "receive");
	hub_status st = feed_state(r->db, r->caller.id, &acknowledged, &last);
	if (st == HUB_OK)
		st = request_number(r, "limit", 100, 1, LIMIT, &limit);
	if (st == HUB_OK)
		st = request_number(r, "after", acknowledged, 0, UINT64_MAX, &after);
	if (st == HUB_OK)
		st = view_init(&f.view, &about, true);
	if (st != HUB_OK)
		return st;
	if (!r->call->continuation[0]) {
		f.at.position = after;
		buf_text(&r->body, "{\"party\":");
		json_write_text(&r->body, r->caller.code);
		buf_text(&r->body, ",\"entries\":[");
	} else if (!mark_read(r->call->continuation, &f.at)) {
		return request_refuse(r, 400, "call.continuation", "continuation", "this continuation is not ours");
	}
	f.comma = f.at.opened ? "," : "";
	while (st == HUB_OK && more && !f.full && !f.late && f.at.entries < limit)
		st = write_entries(&f, limit, &more);
	if (st != HUB_OK)
		return st;
	bool ends = f.at.item == 0 && (!f.full || f.at.entries >= limit || f.at.parts + 1 >= PARTS);
	return finish(&f, !ends);
}

hub_status feed_dequeue_post(request *r)
{
	json_error_t error;
	json_t *body = json_loadb((const char *)r->call->body, r->call->body_len, 0, &error);
	json_t *position = json_object_get(body, "position");
	json_int_t n = json_integer_value(position);
	bool fits = json_is_integer(position) && n >= 0;
	json_decref(body);
	if (!fits)
		return request_refuse(r, 400, "feed.position", "position",
				      "the body is {\"position\": N} with N from GET /v1/feed");
	hub_fault fault = { 0 };
	uint64_t acknowledged, last;
	hub_status st = feed_dequeue(r->db, r->caller.id, (uint64_t)n, &fault);
	if (st == HUB_REJECT)
		return request_problem(r, 409, &fault);
	if (st == HUB_OK)
		st = feed_state(r->db, r->caller.id, &acknowledged, &last);
	if (st != HUB_OK)
		return st;
	buf_printf(&r->body, "{\"acknowledged\":%llu,\"last\":%llu}\n", (unsigned long long)acknowledged,
		   (unsigned long long)last);
	return request_finish(r, 200, "");
}
