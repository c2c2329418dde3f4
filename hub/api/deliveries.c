#include "api/deliveries.h"

#include "api/body.h"
#include "api/permit.h"
#include "api/subscriptions.h"
#include "base/clock.h"
#include "base/json.h"
#include "store/receipt.h"

enum { DEAD = 1000 };

static hub_status no_door(request *r)
{
	return request_refuse(r, 409, "subscription.door", "id",
			      "subscription %.32s is pulled, or its target has not echoed the challenge yet",
			      r->values[0]);
}

/* replayed: the position that was asked for; 0: nothing is replayed. */
static hub_status show_state(request *r, const subscription *s, uint64_t replayed)
{
	outbox_head h;
	hub_status st = outbox_get(r->db, s->party, s->id, r->arena, &h);
	if (st == HUB_MISSING)
		return no_door(r);
	if (st != HUB_OK)
		return st;
	buf_printf(&r->body, "{\"subscription\":%lld,", (long long)s->id);
	uint64_t earliest;
	st = outbox_earliest(r->db, s->party, s->id, &earliest);
	if (st != HUB_OK)
		return st;
	subscribe_state_json(&r->body, &h);
	buf_printf(&r->body, ",\"earliest\":%llu", (unsigned long long)earliest);
	if (replayed && replayed < earliest)
		buf_printf(&r->body, ",\"cleared\":%llu", (unsigned long long)earliest - 1);
	buf_text(&r->body, "}\n");
	return request_finish(r, 200, "");
}

hub_status subscription_state_get(request *r)
{
	subscription s;
	hub_status st = subscription_find(r, "view", &s);
	return st == HUB_OK ? show_state(r, &s, 0) : st;
}

hub_status subscription_pause_post(request *r)
{
	static const char *const members[] = { "reason", NULL };
	subscription s;
	body b;
	hub_status st = subscription_find(r, "change", &s);
	if (st != HUB_OK)
		return st;
	body_open(&b, r, members);
	const char *reason = body_text(&b, "reason", false, 200);
	body_close(&b);
	st = b.status == HUB_OK ? outbox_pause(r->db, s.party, s.id, reason && reason[0] ? reason : r->caller.code)
				: b.status;
	if (st == HUB_MISSING)
		return no_door(r);
	return st == HUB_OK ? show_state(r, &s, 0) : st;
}

hub_status subscription_resume_post(request *r)
{
	subscription s;
	hub_status st = subscription_find(r, "change", &s);
	if (st == HUB_OK)
		st = outbox_resume(r->db, s.party, s.id);
	if (st == HUB_MISSING)
		return no_door(r);
	if (st == HUB_CONFLICT)
		return request_refuse(r, 409, "subscription.pending", "id",
				      "the target has not echoed its challenge yet");
	return st == HUB_OK ? show_state(r, &s, 0) : st;
}

/* Where to begin; without words from the first position. */
static hub_status read_position(request *r, const subscription *s, uint64_t *ret)
{
	static const char *const members[] = { "position", "from", NULL };
	body b;
	body_open(&b, r, members);
	hub_time from = body_time(&b, "from");
	const json_t *position = json_object_get(b.root, "position");
	json_int_t n = position ? json_integer_value(position) : 1;
	if (b.status == HUB_OK && (n < 1 || (position && from)))
		body_fault(&b, "position", "is a number from 1 on, and not beside `from`");
	body_close(&b);
	*ret = (uint64_t)n;
	return b.status == HUB_OK && from ? outbox_position_at(r->db, s->party, s->id, from, ret) : b.status;
}

hub_status subscription_replay_post(request *r)
{
	subscription s;
	uint64_t position = 1;
	hub_status st = subscription_find(r, "change", &s);
	if (st != HUB_OK)
		return st;
	st = read_position(r, &s, &position);
	if (st == HUB_OK)
		st = outbox_replay(r->db, s.party, s.id, position);
	if (st == HUB_MISSING)
		return no_door(r);
	if (st == HUB_RANGE)
		return request_refuse(r, 409, "subscription.position", "position", "there is no position %llu",
				      (unsigned long long)position);
	return st == HUB_OK ? show_state(r, &s, position) : st;
}

static hub_status show_delivery(request *r, const delivery *d, int status)
{
	delivery_json(&r->body, d);
	buf_u8(&r->body, '\n');
	return request_finish(r, status, "");
}

hub_status subscription_test_post(request *r)
{
	subscription s;
	outbox_head h;
	delivery d;
	uint64_t id;
	hub_status st = subscription_find(r, "change", &s);
	if (st != HUB_OK)
		return st;
	st = outbox_get(r->db, s.party, s.id, r->arena, &h);
	if (st == HUB_MISSING)
		return no_door(r);
	if (st == HUB_OK)
		st = delivery_test_ask(r->db, s.party, s.id, &id);
	if (st == HUB_OK)
		st = delivery_get(r->db, s.party, id, r->arena, &d);
	return st == HUB_OK ? show_delivery(r, &d, 202) : st;
}

static hub_status asked(request *r, int64_t *ret_owner, uint64_t *ret_subscription)
{
	hub_status st = request_number(r, "subscription", 0, 1, INT64_MAX, ret_subscription);
	return st == HUB_OK ? permit_list(r, "subscription", ret_owner) : st;
}

hub_status deliveries_get(request *r)
{
	request_page page;
	delivery *list;
	size_t count;
	int64_t owner;
	uint64_t number;
	hub_status st = request_page_of(r, &page);
	if (st == HUB_OK)
		st = asked(r, &owner, &number);
	if (st == HUB_OK)
		st = delivery_list(r->db, owner, (int64_t)number, page.after, page.limit, r->arena, &list, &count);
	if (st != HUB_OK)
		return st;
	buf_text(&r->body, "{\"deliveries\":[");
	for (size_t i = 0; i < count; i++) {
		buf_text(&r->body, i ? ",\n" : "\n");
		delivery_json(&r->body, &list[i]);
	}
	return request_finish_page(r, count == page.limit ? list[count - 1].id : 0);
}

hub_status delivery_show(request *r)
{
	uint64_t id;
	delivery d;
	bool allowed = false;
	hub_status st = request_id(r->values[0], &id) ? delivery_get(r->db, 0, id, r->arena, &d) : HUB_MISSING;
	if (st == HUB_OK)
		st = permit_item(r, "view", "subscription", d.party, &allowed);
	if (st == HUB_MISSING || (st == HUB_OK && !allowed))
		return request_refuse(r, 404, "delivery.unknown", "id", "there is no delivery '%.32s' that you may see",
				      r->values[0]);
	return st == HUB_OK ? show_delivery(r, &d, 200) : st;
}

hub_status dead_letters_get(request *r)
{
	dead_letter *list;
	size_t count;
	int64_t owner;
	uint64_t number;
	hub_status st = asked(r, &owner, &number);
	if (st == HUB_OK)
		st = dead_letter_list(r->db, owner, (int64_t)number, 0, DEAD, r->arena, &list, &count);
	if (st != HUB_OK)
		return st;
	buf_text(&r->body, "{\"dead_letters\":[");
	for (size_t i = 0; i < count; i++) {
		buf_text(&r->body, i ? ",\n" : "\n");
		dead_letter_json(&r->body, &list[i]);
	}
	buf_text(&r->body, "]}\n");
	return request_finish(r, 200, "");
}

/* The recipient's words are between it and the hub; the sender learns how far it came. */
static void write_recipient(buf *out, const delivery_of *d)
{
	char at[CLOCK_TEXT], done[CLOCK_TEXT];
	buf_text(out, "\n{\"party\":");
	json_write_text(out, d->party);
	buf_printf(out, ",\"subscription\":%lld,\"door\":\"%s\",\"position\":%llu,\"state\":\"%s\",\"at\":\"%s\"",
		   (long long)d->subscription, d->door, (unsigned long long)d->position, d->state,
		   clock_text(d->at, at));
	if (d->done)
		buf_printf(out, ",\"done\":\"%s\"", clock_text(d->done, done));
	buf_u8(out, '}');
}

hub_status receipt_deliveries_get(request *r)
{
	uint64_t id;
	receipt rec;
	delivery_of *list = NULL;
	size_t count = 0;
	bool allowed = false;
	hub_status st = request_id(r->values[0], &id) ? receipt_by_id(r->db, id, r->arena, &rec) : HUB_MISSING;
	if (st == HUB_OK)
		st = permit_item(r, "view", "receipt", rec.party, &allowed);
	if (st == HUB_MISSING || (st == HUB_OK && !allowed))
		return request_refuse(r, 404, "receipt.unknown", "id", "there is no receipt '%.32s' that you may see",
				      r->values[0]);
	if (st == HUB_OK)
		st = delivery_of_receipt(r->db, id, r->arena, &list, &count);
	if (st != HUB_OK)
		return st;
	buf_printf(&r->body, "{\"receipt\":%llu,\"deliveries\":[", (unsigned long long)id);
	for (size_t i = 0; i < count; i++) {
		buf_text(&r->body, i ? "," : "");
		write_recipient(&r->body, &list[i]);
	}
	buf_text(&r->body, "]}\n");
	return request_finish(r, 200, "");
}
