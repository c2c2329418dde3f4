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
 * ALL_PARTS: µs likewise for the parts of an answer together, well below what the gateway waits for
 * the whole: on a slow machine pages get shorter, instead of one that is never finished in time.
 * PAGE: rows at once. ENTRIES_AT_ONCE: positions looked up together. PARTS: an answer of more parts
 * ends with its entry.
 */
enum { PATIENCE = 500000, ALL_PARTS = 3000000, PAGE = 2048, ENTRIES_AT_ONCE = 100, PARTS = 8, LIMIT = 1000 };

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
	uint64_t spent; /* µs on them */
} mark;

typedef struct feeding {
	request *r;
	view view;
	mark at;
	uint64_t after; /* as it was asked */
	int64_t begun;  /* monotonic µs */
	bool full;     /* the part is; at says where the next begins */
	bool late;     /* PATIENCE is over */
	const char *comma;
} feeding;

static bool mark_read(const char *text, mark *ret)
{
	unsigned long long position, item, entries, spent;
	unsigned opened, parts;
	int end = 0;
	if (sscanf(text, "%18llu.%9llu.%1u.%9llu.%4u.%12llu%n", &position, &item, &opened, &entries, &parts, &spent,
		   &end) != 6 ||
	    text[end])
		return false;
	*ret = (mark) { position, item, opened != 0, entries, parts, spent };
	return true;
}

static const char *mark_text(const mark *m, arena *a)
{
	return arena_printf(a, "%llu.%llu.%u.%llu.%u.%llu", (unsigned long long)m->position,
			    (unsigned long long)m->item, m->opened, (unsigned long long)m->entries, m->parts,
			    (unsigned long long)m->spent);
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

/* *ret_written: so many of them, fewer if the part is full. */
static hub_status write_readings(feeding *f, const feed_entry *e, const receipt *rec, const series_item *items,
				 size_t count, size_t *ret_written)
{
	int64_t *points = arena_array(f->r->arena, count, sizeof *points);
	if (!points)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++)
		points[i] = items[i].row.point;
	hub_status st = view_points(&f->view, points, count);
	for (*ret_written = 0; st == HUB_OK && *ret_written < count && f->r->body.len <= REQUEST_PART; ++*ret_written) {
		const size_t i = *ret_written;
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
	size_t count, next, written = 0;
	hub_status st = series_of_receipt(f->r->db, e->receipt, f->at.item, PAGE, f->r->arena, &items, &count, &next);
	if (st == HUB_OK && count)
		st = write_readings(f, e, rec, items, count, &written);
	if (st != HUB_OK)
		return st;
	if (written < count)
		next = items[written].item;
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
			st = view_message(&f->view, &list[i], &p, NULL);
		if (st != HUB_OK)
			break;
		bool own = !list[i].point && list[i].party == f->r->caller.id && view_wants(&f->view, &list[i]);
		if (!p && !own)
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

/* The last of its entries may go over several parts. */
static bool wants_more(const feeding *f, uint64_t limit)
{
	return !f->full && !f->late && (f->at.entries < limit || f->at.item > 0);
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
	for (size_t i = 0; st == HUB_OK && i < count && wants_more(f, limit); i++) {
		st = write_entry(f, &list[i]);
		f->late = clock_monotonic() - f->begun > PATIENCE;
	}
	*ret_more = count == ENTRIES_AT_ONCE;
	return st;
}

/* Positions have no gap but by retention, which moves the acknowledged one: only who reads again can meet one. */
static hub_status tell_cleared(feeding *f, uint64_t acknowledged, uint64_t last)
{
	feed_entry *first;
	size_t count = 1;
	hub_status st = f->after < acknowledged ? feed_peek(f->r->db, f->r->caller.id, f->after, 1, f->r->arena, &first, &count) : HUB_OK;
	uint64_t cleared = st != HUB_OK || f->after >= acknowledged ? f->after : count ? first->position - 1 : last;
	if (cleared > f->after)
		buf_printf(&f->r->body, ",\"cleared\":%llu", (unsigned long long)cleared);
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
	buf_printf(&f->r->body, "],\"next\":%llu,\"acknowledged\":%llu,\"last\":%llu",
		   (unsigned long long)f->at.position, (unsigned long long)acknowledged, (unsigned long long)last);
	st = tell_cleared(f, acknowledged, last);
	buf_text(&f->r->body, "}\n");
	return st == HUB_OK ? request_finish(f->r, 200, "") : st;
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
	f.after = after;
	if (!r->call->continuation[0]) {
		f.at.position = after;
		buf_text(&r->body, "{\"party\":");
		json_write_text(&r->body, r->caller.code);
		buf_text(&r->body, ",\"entries\":[");
	} else if (!mark_read(r->call->continuation, &f.at)) {
		return request_refuse(r, 400, "call.continuation", "continuation", "this continuation is not ours");
	}
	f.comma = f.at.opened ? "," : "";
	while (st == HUB_OK && more && wants_more(&f, limit))
		st = write_entries(&f, limit, &more);
	if (st != HUB_OK)
		return st;
	f.at.spent += (uint64_t)(clock_monotonic() - f.begun);
	bool enough = f.at.entries >= limit || f.at.parts + 1 >= PARTS || f.at.spent > ALL_PARTS;
	bool ends = f.at.item == 0 && (!f.full || enough);
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
