#include "api/content.h"

#include <string.h>

#include "api/message.h"
#include "api/reading.h"
#include "base/clock.h"
#include "base/json.h"
#include "rights/view.h"
#include "store/epoch.h"
#include "store/message.h"

/* Messages are counted behind the readings of their receipt. */
enum { MESSAGES = 1 << 20, PARTS_MORE = 256 };

static const char *const epochs[] = { "policy", "consent", "point", "premise", "party" };
enum { EPOCHS = sizeof epochs / sizeof epochs[0] };
_Static_assert(EPOCHS == sizeof((content_stamp *)NULL)->epochs / sizeof((content_stamp *)NULL)->epochs[0],
	       "one place for each epoch");

typedef struct building {
	const content_ask *ask;
	content *out;
	arena *arena;
	view view;
	const series_item *items;
	size_t item_count, item_next;
	const message *messages; /* by receipt, which rise as entries of one source do, but not always */
	size_t message_count;
	size_t cap;
	content_part part; /* that is open; start of its text */
	bool open, cut;	   /* cut: the rows ended before the last entry did */
} building;

static hub_status read_stamp(store *db, content_stamp *ret)
{
	return epoch_list(db, epochs, EPOCHS, ret->epochs);
}

/* A part is called by where it begins, which a repeat finds again. from: where the entry does. */
static void begin_part(building *b, const outbox_entry *e, uint32_t from)
{
	char at[CLOCK_TEXT], trace[TRACE_TEXT];
	buf *text = &b->out->text;
	const content_part *before = b->out->count ? &b->out->parts[b->out->count - 1] : NULL;
	uint32_t item = before && before->next.item ? before->next.item : from;
	long long id = (long long)b->ask->subscription->id;
	if (b->open)
		return;
	b->open = true;
	b->part = (content_part) { .position = e->position, .start = text->len };
	buf_printf(text, "{\"id\":\"%lld-%llu", id, (unsigned long long)e->position);
	if (item)
		buf_printf(text, ".%u", item);
	buf_printf(text, "\",\"position\":%llu,\"at\":\"%s\",\"receipt\":%llu,\"trace\":\"%s\",\"source\":",
		   (unsigned long long)e->position, clock_text(e->at, at), (unsigned long long)e->receipt,
		   trace_text(&e->trace, trace));
	json_write_text(text, e->source);
	buf_text(text, ",\"items\":[");
}

static hub_status end_part(building *b, outbox_mark next, bool more)
{
	buf *text = &b->out->text;
	if (b->open)
		buf_text(text, more ? "],\"more\":true}" : "]}");
	if (b->out->count == b->cap) {
		content_part *longer = arena_array(b->arena, b->cap + PARTS_MORE, sizeof *longer);
		if (!longer)
			return HUB_NOMEM;
		if (b->cap)
			memcpy(longer, b->out->parts, b->cap * sizeof *longer);
		b->out->parts = longer;
		b->cap += PARTS_MORE;
	}
	content_part *p = &b->out->parts[b->out->count++];
	*p = b->part;
	p->next = next;
	p->len = b->open ? text->len - p->start : 0;
	b->open = false;
	b->part = (content_part) { .position = next.position, .start = text->len };
	return text->bad ? HUB_NOMEM : HUB_OK;
}

/* After a row: a part that is long enough ends. `next`: the item that the entry goes on with. */
static hub_status row_written(building *b, const outbox_entry *e, uint32_t next)
{
	b->part.rows++;
	if (b->out->text.len - b->part.start < b->ask->part_bytes)
		return HUB_OK;
	return end_part(b, (outbox_mark) { e->position - 1, next }, true);
}

static hub_status add_readings(building *b, const outbox_entry *e, uint32_t from)
{
	hub_status st = HUB_OK;
	for (; st == HUB_OK && b->item_next < b->item_count; b->item_next++) {
		const series_item *item = &b->items[b->item_next];
		if (item->receipt != e->receipt)
			return HUB_OK;
		const rights_point *p;
		st = view_reading(&b->view, &item->row, &p, NULL);
		if (st != HUB_OK || !p)
			continue;
		begin_part(b, e, from);
		buf_text(&b->out->text, b->part.rows ? ",\n" : "\n");
		reading_write(&b->out->text, item, view_meter(&b->view, &item->row), p->point.code, false);
		st = row_written(b, e, item->item + 1u);
	}
	/* As many rows as were asked for: this entry may have more of them. */
	b->cut = st == HUB_OK && b->item_count == b->ask->rows && b->item_next == b->item_count && b->item_count &&
		 b->items[b->item_count - 1].receipt == e->receipt;
	return st;
}

/* What is about no point is the business of the party whose source said it. */
static hub_status seen_as(building *b, const message *m, const char **ret_code)
{
	const rights_point *p = NULL;
	*ret_code = NULL;
	hub_status st = m->point ? view_message(&b->view, m, &p, NULL) : HUB_OK;
	if (p)
		*ret_code = p->point.code;
	else if (!m->point && m->party == b->ask->to->id && view_wants(&b->view, m))
		*ret_code = "";
	return st;
}

static hub_status add_messages(building *b, const outbox_entry *e, uint32_t from)
{
	hub_status st = HUB_OK;
	uint32_t n = MESSAGES;
	for (size_t i = 0; st == HUB_OK && i < b->message_count; i++) {
		const message *m = &b->messages[i];
		if (m->receipt != e->receipt || n++ < from)
			continue;
		const char *code;
		st = seen_as(b, m, &code);
		if (st != HUB_OK || !code)
			continue;
		begin_part(b, e, from);
		buf_text(&b->out->text, b->part.rows ? ",\n" : "\n");
		message_write(&b->out->text, m, code);
		st = row_written(b, e, n);
	}
	return st;
}

static hub_status add_entry(building *b, const outbox_entry *e, uint32_t from)
{
	const receipt came = { .id = e->receipt, .party = e->sender, .source = e->source };
	view_receipt(&b->view, &came);
	hub_status st = from < MESSAGES ? add_readings(b, e, from) : HUB_OK;
	if (st == HUB_OK && b->cut)
		return end_part(b, (outbox_mark) { e->position - 1, b->items[b->item_count - 1].item + 1u }, true);
	if (st == HUB_OK && b->message_count)
		st = add_messages(b, e, from);
	return st == HUB_OK ? end_part(b, (outbox_mark) { e->position, 0 }, false) : st;
}

static hub_status load_rows(building *b, store *db)
{
	const content_ask *ask = b->ask;
	series_item *items;
	message *messages;
	int64_t *receipts = arena_array(b->arena, ask->count, sizeof *receipts);
	if (!receipts)
		return HUB_NOMEM;
	for (size_t i = 0; i < ask->count; i++)
		receipts[i] = (int64_t)ask->entries[i].receipt;
	/* A receipt may be a whole city's of which the subscription wants a home. */
	hub_status st = series_of_receipts(db, receipts, ask->count, ask->subscription->points, ask->subscription->point_count,
					   ask->item, ask->rows, b->arena, &items, &b->item_count);
	if (st == HUB_OK)
		st = message_of_receipts(db, receipts, ask->count, b->arena, &messages, &b->message_count);
	if (st != HUB_OK)
		return st;
	b->items = items;
	b->messages = messages;
	size_t count = b->item_count + b->message_count;
	int64_t *points = arena_array(b->arena, count, sizeof *points);
	if (!points)
		return HUB_NOMEM;
	for (size_t i = 0; i < b->item_count; i++)
		points[i] = items[i].row.point;
	for (size_t i = 0; i < b->message_count; i++)
		points[b->item_count + i] = messages[i].point;
	return count ? view_points(&b->view, points, count) : HUB_OK;
}

static hub_status build(building *b, store *db)
{
	hub_status st = load_rows(b, db);
	for (size_t i = 0; st == HUB_OK && i < b->ask->count && !b->cut && b->out->text.len < b->ask->bytes; i++)
		st = add_entry(b, &b->ask->entries[i], i ? 0 : b->ask->item);
	return st;
}

static void stamp_version(content_stamp *s, const ruleset *rules)
{
	memset(s->policies, 0, sizeof s->policies);
	if (rules)
		memcpy(s->policies, rules->version, sizeof rules->version);
}

hub_status content_build(const api_worker *w, const content_ask *ask, arena *a, content *ret)
{
	building b = { .ask = ask, .out = ret, .arena = a };
	const ruleset *rules = inforce_take(api_rules(w->api));
	const rights_case of = {
		.db = w->db, .rules = rules, .caller = ask->to, .action = "receive", .now = ask->now, .arena = a
	};
	buf_clear(&ret->text);
	ret->parts = NULL;
	ret->count = 0;
	stamp_version(&ret->stamp, rules);
	/* The epochs first: what changes while we decide is then seen as a change. */
	hub_status st = read_stamp(w->db, &ret->stamp);
	if (st == HUB_OK)
		st = view_init(&b.view, &of, false);
	b.view.subscriptions = ask->subscription;
	b.view.subscription_count = 1;
	if (st == HUB_OK)
		st = build(&b, w->db);
	inforce_give(api_rules(w->api), rules);
	return st;
}

hub_status content_holds(const api_worker *w, const content *c, bool *ret)
{
	content_stamp now;
	const ruleset *rules = inforce_take(api_rules(w->api));
	stamp_version(&now, rules);
	inforce_give(api_rules(w->api), rules);
	hub_status st = read_stamp(w->db, &now);
	if (st == HUB_OK)
		*ret =
		    !strcmp(now.policies, c->stamp.policies) && !memcmp(now.epochs, c->stamp.epochs, sizeof now.epochs);
	return st;
}

void content_fini(content *c)
{
	buf_fini(&c->text);
}
