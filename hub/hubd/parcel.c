#include "hubd/parcel.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fail.h"
#include "base/json.h"
#include "deliver/bundle.h"
#include "hubd/letter.h"

/* µs. TIMEOUT: for one recipient's answer. */
#define TIMEOUT 10000000
/* Entries and rows looked at under one lease, bytes of their JSON, bytes of an order. */
enum { ENTRIES = 1024, ROWS = 2500, TEXT = 600 * 1024, ORDER = 900 * 1024, HEADERS = 700, MQTT_MOST = 224 * 1024 };
/* Rights that change while they are looked at are looked at so often. */
enum { TRIES = 4 };

hub_status parcel_new(parcel_kind kind, const outbox_head *head, parcel **ret)
{
	parcel *p = fail_calloc(1, sizeof *p);
	if (!p)
		return HUB_NOMEM;
	p->kind = kind;
	p->sent = HUB_AGAIN;
	arena_init(&p->memory, 64 * 1024 * 1024);
	p->head = *head;
	p->head.door = arena_strdup(&p->memory, head->door);
	p->head.target = arena_strdup(&p->memory, head->target);
	p->head.state = arena_strdup(&p->memory, head->state);
	p->head.challenge = arena_strdup(&p->memory, head->challenge);
	if (!p->head.door || !p->head.target || !p->head.state || !p->head.challenge) {
		parcel_free(p);
		return HUB_NOMEM;
	}
	*ret = p;
	return HUB_OK;
}

void parcel_free(parcel *p)
{
	if (!p)
		return;
	arena_fini(&p->memory);
	buf_fini(&p->message);
	buf_fini(&p->answer);
	free(p);
}

/* Over MQTT what was sent and not acknowledged for long is sent anew. */
static outbox_mark start_of(const outbox_head *h)
{
	if (strcmp(h->door, "mqtt"))
		return h->acknowledged;
	bool again = h->resend && h->resend <= clock_now();
	return again ? h->acknowledged : h->sent;
}

static uint32_t bytes_of(const outbox_head *h)
{
	return !strcmp(h->door, "mqtt") && h->bundle_bytes > MQTT_MOST ? MQTT_MOST : h->bundle_bytes;
}

typedef struct filling {
	parcel *p;
	const parcel_tools *tools;
	party to;
	subscription subscription;
	content content;
	letter_case letter;
} filling;

/* told: the last position of the message before. */
static hub_status add_message(filling *f, uint64_t told, const bundle_part *parts, size_t count, const outbox_mark *after,
			      size_t *bytes, bool *ret_full)
{
	parcel *p = f->p;
	buf body = { 0 };
	bundle_write(&body, p->head.subscription, told, p->count ? 0 : p->cleared, (const char *)f->content.text.bytes, parts, count);
	*ret_full = p->count && *bytes + body.len + HEADERS > ORDER;
	hub_status st = body.bad ? HUB_NOMEM : HUB_OK;
	if (st == HUB_OK && !*ret_full)
		st = letter_write(&f->letter, body.bytes, body.len, &p->list[p->count]);
	if (st == HUB_OK && !*ret_full) {
		*bytes += body.len + HEADERS;
		p->after[p->count++] = *after;
	}
	buf_fini(&body);
	return st;
}

/* What goes out from the acknowledged mark on follows whatever its recipient has. */
static uint64_t told_before(const parcel *p)
{
	const outbox_mark *a = &p->head.acknowledged;
	return p->from.position == a->position && p->from.item == a->item ? 0 : p->from.position;
}

static hub_status bundle_all(filling *f)
{
	parcel *p = f->p;
	const content *c = &f->content;
	const bundle_limits limits = { p->head.bundle_count, bytes_of(&p->head) };
	bundle_part *parts = arena_array(&p->memory, c->count, sizeof *parts);
	size_t bytes = 0, told;
	uint64_t before = told_before(p);
	hub_status st = parts ? HUB_OK : HUB_NOMEM;
	for (size_t i = 0; parts && i < c->count; i++)
		parts[i] = (bundle_part) { c->parts[i].position, c->parts[i].start, c->parts[i].len };
	bool full = false;
	for (size_t i = 0; st == HUB_OK && !full && i < c->count && p->count < p->most;) {
		size_t n = bundle_cut(parts + i, c->count - i, &limits, &told);
		const outbox_mark after = c->parts[i + n - 1].next;
		if (told)
			st = add_message(f, before, parts + i, n, &after, &bytes, &full);
		else if (p->count)
			p->after[p->count - 1] = after;
		else
			p->silent = after;
		before = told ? parts[i + n - 1].position : before;
		i += n;
	}
	return st;
}

static hub_status fill_batch(filling *f)
{
	parcel *p = f->p;
	worker *w = f->tools->worker;
	outbox_entry *entries;
	size_t count;
	const api_worker aw = { w->core->api, w->db, w->intake };
	uint64_t most = (uint64_t)p->head.bundle_count * p->most;
	bool holds = false;
	hub_status st = outbox_take(w->db, p->head.party, p->head.subscription, p->from.position,
				    most < ENTRIES ? (size_t)most : ENTRIES, &p->memory, &entries, &count);
	/* Positions have no gap but by retention: a replay that reaches further back than it says so. */
	p->cleared = st == HUB_OK && count && entries[0].position > p->from.position + 1 ? entries[0].position - 1 : 0;
	for (int i = 0; st == HUB_OK && !holds && i < TRIES; i++) {
		const content_ask ask = { .to = &f->to,
					  .subscription = &f->subscription,
					  .entries = entries,
					  .count = count,
					  .item = p->from.item,
					  .part_bytes = bytes_of(&p->head),
					  .bytes = TEXT,
					  .rows = ROWS,
					  .now = clock_now() };
		p->count = 0;
		p->silent = p->from;
		st = count ? content_build(&aw, &ask, &p->memory, &f->content) : HUB_OK;
		if (st == HUB_OK)
			st = bundle_all(f);
		if (st == HUB_OK)
			st = count ? content_holds(&aw, &f->content, &holds) : HUB_OK;
		holds |= !count;
	}
	p->late = st == HUB_OK && !holds;
	if (p->late)
		p->count = 0;
	return st;
}

static hub_status fill_word(filling *f)
{
	parcel *p = f->p;
	buf body = { 0 };
	if (p->kind == PARCEL_CHALLENGE)
		letter_challenge(&f->letter, p->head.challenge, &body);
	else
		letter_sample(&f->letter, &body);
	hub_status st = body.bad ? HUB_NOMEM : letter_write(&f->letter, body.bytes, body.len, &p->list[0]);
	p->count = st == HUB_OK;
	p->expected = p->kind == PARCEL_CHALLENGE ? p->head.challenge : NULL;
	buf_fini(&body);
	return st;
}

hub_status parcel_fill(parcel *p, const parcel_tools *t)
{
	filling f = { .p = p, .tools = t };
	store *db = t->worker->db;
	hub_status st = subscription_get(db, p->head.party, p->head.subscription, &p->memory, &f.subscription);
	if (st == HUB_OK && f.subscription.valid_to && f.subscription.valid_to <= clock_now())
		st = HUB_MISSING;
	if (st == HUB_OK)
		st = party_by_id(db, p->head.party, &p->memory, &f.to);
	if (st != HUB_OK)
		return st;
	p->from = p->silent = start_of(&p->head);
	f.letter = (letter_case) { .head = &p->head,
				   .party = f.to.code,
				   .signer = t->signer,
				   .token = t->token,
				   .kind = p->kind == PARCEL_BATCH  ? LETTER_DELIVERY
					   : p->kind == PARCEL_TEST ? LETTER_TEST
								    : LETTER_CHALLENGE,
				   .number = p->test,
				   .now = clock_now(),
				   .timeout = TIMEOUT,
				   .arena = &p->memory };
	st = p->kind == PARCEL_BATCH ? fill_batch(&f) : fill_word(&f);
	content_fini(&f.content);
	return st;
}
