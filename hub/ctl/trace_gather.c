#include "ctl/trace.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "model/quantity.h"
#include "rights/view.h"
#include "store/delivery.h"
#include "store/message.h"
#include "store/position.h"
#include "store/quarantine.h"

/* ROWS: values that are listed and decided, the first of the batch; the counts tell of the others. */
enum { REFUSED = 200, ROWS = 50 };

typedef struct gathering {
	ctl *c;
	const receipt *r;
	const ruleset *rules;
	arena *a;
	series_item *items;
	size_t item_count;
	message *messages;
	size_t message_count;
} gathering;

static json_t *time_of(hub_time t)
{
	char text[CLOCK_TEXT];
	return t ? json_string(clock_text(t, text)) : json_null();
}

static json_t *hex_of(const uint8_t *bytes, size_t len, arena *a)
{
	char *text = arena_array(a, 2 * len + 1, 1);
	for (size_t i = 0; text && i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return json_string(text ? text : "");
}

static json_t *flags_of(uint32_t flags)
{
	json_t *list = json_array();
	for (unsigned bit = 0; hub_flag_names[bit]; bit++)
		if (flags & 1u << bit)
			json_array_append_new(list, json_string(hub_flag_names[bit]));
	return list;
}

/* What was kept, with what the checks had to say. */
static json_t *readings_of(gathering *g, view *v)
{
	json_t *list = json_array();
	for (size_t i = 0; i < g->item_count; i++) {
		const series_item *item = &g->items[i];
		const rights_point *p = rights_of(v->rights, item->row.point);
		const quantity *q = quantity_by_number(item->row.quantity);
		char value[DECIMAL_TEXT];
		json_t *reasons = json_array();
		for (size_t k = 0; k < item->reason_count; k++)
			json_array_append_new(reasons, json_string(item->reasons[k]));
		json_array_append_new(list, json_pack("{si ss ss ss ss ss so so so si}", "item", (int)item->item, "meter",
						      view_meter(v, &item->row), "point", p ? p->point.code : "", "quantity",
						      q ? q->name : "", "value", hub_value_text(item->row.value, value), "unit",
						      q ? q->unit : "", "time", time_of(item->row.time), "flags",
						      flags_of(item->row.flags), "reasons", reasons, "version", (int)item->version));
	}
	return list;
}

static hub_status add_refused(gathering *g, json_t *out)
{
	static const char *const states[] = { "open", "replayed", "dropped" };
	quarantine *list;
	size_t count;
	quarantine_filter filter = { .receipt = g->r->id, .all = true };
	json_t *refused = json_array();
	hub_status st = quarantine_list(g->c->db, &filter, 0, REFUSED, g->a, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		quarantine q;
		st = quarantine_get(g->c->db, list[i].id, false, g->a, &q);
		if (st == HUB_OK)
			json_array_append_new(refused, json_pack("{sI sI ss ss ss ss so}", "record", (json_int_t)q.sequence, "entry",
								 (json_int_t)q.id, "state", states[q.state], "code", q.code, "field", q.field,
								 "message", q.message, "frame", hex_of(q.raw, q.raw_len, g->a)));
	}
	json_object_set_new(out, "refused", refused);
	return st;
}

static hub_status rows_of(gathering *g)
{
	size_t next;
	hub_status st = series_of_receipt(g->c->db, g->r->id, 0, ROWS, g->a, &g->items, &g->item_count, &next);
	if (st == HUB_OK)
		st = message_of_receipt(g->c->db, g->r->id, g->a, &g->messages, &g->message_count);
	return st;
}

static hub_status open_view(gathering *g, const party *who, view *v)
{
	const rights_case about = { .db = g->c->db, .rules = g->rules, .caller = who, .action = "receive", .now = clock_now(),
				    .arena = g->a };
	int64_t *points = arena_array(g->a, g->item_count + g->message_count, sizeof *points);
	size_t n = 0;
	hub_status st = points ? view_init(v, &about, false) : HUB_NOMEM;
	for (size_t i = 0; points && i < g->item_count; i++)
		points[n++] = g->items[i].row.point;
	for (size_t i = 0; points && i < g->message_count; i++)
		if (g->messages[i].point)
			points[n++] = g->messages[i].point;
	if (st == HUB_OK) {
		view_receipt(v, g->r);
		st = n ? view_points(v, points, n) : HUB_OK;
	}
	return st;
}

/* One line for each policy that decided, with how many rows it decided so. */
static void add_decision(json_t *list, const rights_ruling *ruling)
{
	json_t *item;
	size_t i;
	json_array_foreach(list, i, item) {
		if (!strcmp(json_string_value(json_object_get(item, "policy")), ruling->reason) &&
		    json_integer_value(json_object_get(item, "consent")) == (json_int_t)ruling->consent) {
			json_object_set_new(item, "rows", json_integer(json_integer_value(json_object_get(item, "rows")) + 1));
			return;
		}
	}
	json_array_append_new(list, json_pack("{ss ss sI si}", "decision", ruling->allowed ? "allow" : "deny", "policy", ruling->reason,
					      "consent", (json_int_t)ruling->consent, "rows", 1));
}

static hub_status decisions_for(gathering *g, const char *code, json_t **ret)
{
	party who;
	view v;
	const rights_point *p;
	rights_ruling ruling;
	json_t *list = json_array();
	*ret = list;
	hub_status st = g->rules ? party_by_code(g->c->db, code, g->a, &who) : HUB_MISSING;
	if (st == HUB_OK)
		st = open_view(g, &who, &v);
	for (size_t i = 0; st == HUB_OK && i < g->item_count; i++) {
		st = view_reading(&v, &g->items[i].row, &p, &ruling);
		if (st == HUB_OK)
			add_decision(list, &ruling);
	}
	for (size_t i = 0; st == HUB_OK && i < g->message_count; i++) {
		if (!g->messages[i].point)
			continue;
		st = view_message(&v, &g->messages[i], &p, &ruling);
		if (st == HUB_OK)
			add_decision(list, &ruling);
	}
	return st == HUB_MISSING ? HUB_OK : st;
}

static hub_status add_told(gathering *g, json_t *out)
{
	position_told *list;
	size_t count;
	json_t *told = json_array();
	hub_status st = position_of_receipt(g->c->db, g->r->id, g->a, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		json_t *decisions;
		st = decisions_for(g, list[i].party, &decisions);
		json_array_append_new(told, json_pack("{ss ss sI so ss so}", "party", list[i].party, "door", "pull", "position",
						      (json_int_t)list[i].position, "at", time_of(list[i].at), "state",
						      list[i].acknowledged ? "acknowledged" : "queued", "decisions", decisions));
	}
	json_object_set_new(out, "told", told);
	return st;
}

static hub_status add_deliveries(gathering *g, json_t *out)
{
	delivery_of *list;
	size_t count;
	json_t *sent = json_array();
	hub_status st = delivery_of_receipt(g->c->db, g->r->id, g->a, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		const delivery_of *d = &list[i];
		json_t *decisions;
		st = decisions_for(g, d->party, &decisions);
		json_array_append_new(sent, json_pack("{ss ss sI sI so ss so ss ss so}", "party", d->party, "door", d->door,
						      "subscription", (json_int_t)d->subscription, "position", (json_int_t)d->position,
						      "at", time_of(d->at), "state", d->state, "done", time_of(d->done), "code", d->code,
						      "message", d->message, "decisions", decisions));
	}
	json_object_set_new(out, "deliveries", sent);
	return st;
}

static json_t *head_of(const gathering *g, const party *sender)
{
	const receipt *r = g->r;
	char trace[TRACE_TEXT];
	return json_pack("{sI ss ss ss sI sI sI so so so sI sI sI ss}", "receipt", (json_int_t)r->id, "trace", trace_text(&r->trace, trace),
			 "party", sender->code, "source", r->source, "epoch", (json_int_t)r->epoch, "first", (json_int_t)r->first, "count",
			 (json_int_t)r->count, "received", time_of(r->received), "committed", time_of(r->committed), "digest",
			 hex_of(r->digest, sizeof r->digest, g->a), "stored", (json_int_t)r->stored, "duplicates", (json_int_t)r->duplicates,
			 "quarantined", (json_int_t)r->quarantined, "policies", g->rules ? g->rules->version : "");
}

hub_status trace_gather(ctl *c, const receipt *r, const ruleset *rules, arena *a, json_t **ret)
{
	gathering g = { .c = c, .r = r, .rules = rules, .a = a };
	party sender;
	view v;
	hub_status st = party_by_id(c->db, r->party, a, &sender);
	if (st == HUB_OK)
		st = rows_of(&g);
	if (st == HUB_OK)
		st = open_view(&g, &sender, &v);
	if (st != HUB_OK)
		return st;
	json_t *out = head_of(&g, &sender);
	if (!out)
		return HUB_NOMEM;
	json_object_set_new(out, "readings", readings_of(&g, &v));
	st = add_refused(&g, out);
	if (st == HUB_OK)
		st = add_told(&g, out);
	if (st == HUB_OK)
		st = add_deliveries(&g, out);
	const trace_rows rows = { r, g.items, g.item_count, g.messages, g.message_count };
	if (st == HUB_OK)
		st = trace_made(c, &rows, a, out);
	*ret = out;
	return st;
}
