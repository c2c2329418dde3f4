#include "deliver/subscribe.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "model/quantity.h"
#include "store/party.h"
#include "store/point.h"
#include "store/premise.h"

const char *const subscribe_types[] = { "reading", "event", "transaction", "result", "archive", NULL };

static const struct {
	const char *field;
	int64_t min, max, usual;
} limits[] = {
	{ "count", 1, 1000, 100 },
	{ "bytes", 4096, 524288, 196608 },
	{ "wait", 0, 3600000000, 0 },
	{ "give_up", 1000000, 2592000000000, 259200000000 },
};
enum { LIMITS = sizeof limits / sizeof limits[0] };

static hub_status check_limits(int64_t values[LIMITS], hub_fault *fault)
{
	for (size_t i = 0; i < LIMITS; i++) {
		if (!values[i])
			values[i] = limits[i].usual;
		if (values[i] < limits[i].min || values[i] > limits[i].max)
			return hub_fault_set(fault, "subscription.limit", limits[i].field, "%s is %lld to %lld%s",
					     limits[i].field, (long long)limits[i].min, (long long)limits[i].max,
					     i > 1 ? " µs" : "");
	}
	return HUB_OK;
}

/* Where it leads to is looked at each time something is sent; here only what can never be right. */
static hub_status check_target(const char *door, const char *target, hub_fault *fault)
{
	bool web = !strcmp(door, "webhook");
	bool url = target && (!strncasecmp(target, "http://", 7) || !strncasecmp(target, "https://", 8)) &&
		   strlen(target) <= 2048 && !strpbrk(target, " \t\r\n\"\\<>@");
	for (const char *p = target; url && *p; p++)
		url = (unsigned char)*p > 0x20 && (unsigned char)*p < 0x7f;
	if (web && !url)
		return hub_fault_set(fault, "subscription.target", "url",
				     "a webhook needs http://HOST[:PORT]/PATH or https://…, without user and password");
	if (!web && target && *target)
		return hub_fault_set(fault, "subscription.target", "url", "the door '%.16s' has no URL", door);
	return HUB_OK;
}

static hub_status open_door(store *db, const subscription *s, const subscribe_door *d, int64_t id,
			    const int64_t values[LIMITS], hub_fault *fault)
{
	char challenge[TRACE_TEXT];
	const trace_id random = trace_new();
	const outbox_head h = { .party = s->party,
				.subscription = id,
				.door = s->door,
				.target = d->target ? d->target : "",
				.bundle_count = (uint32_t)values[0],
				.bundle_bytes = (uint32_t)values[1],
				.bundle_wait = values[2],
				.give_up = values[3],
				.challenge = trace_text(&random, challenge) };
	return outbox_open(db, &h, fault);
}

hub_status subscribe_add(store *db, const subscription *s, const subscribe_door *door, int64_t *ret_id,
			 hub_fault *fault)
{
	static const char *const doors[] = { "pull", "webhook", "mqtt", "drop" };
	int64_t values[LIMITS] = { (int64_t)door->count, (int64_t)door->bytes, door->wait, door->give_up };
	size_t i = 0;
	while (i < 4 && strcmp(doors[i], s->door))
		i++;
	if (i == 4)
		return hub_fault_set(fault, "subscription.door", "door", "a door is pull, webhook, mqtt or drop");
	hub_status st = check_target(s->door, door->target, fault);
	if (st == HUB_OK)
		st = check_limits(values, fault);
	if (st == HUB_OK)
		st = store_scope(db);
	if (st != HUB_OK)
		return st;
	st = subscription_add(db, s, ret_id, fault);
	if (st == HUB_OK && i > 0)
		st = open_door(db, s, door, *ret_id, values, fault);
	return store_scope_end(db, st);
}

static void texts(buf *out, const char *name, const char *const *list, size_t count)
{
	buf_printf(out, ",\"%s\":[", name);
	for (size_t i = 0; i < count; i++) {
		buf_text(out, i ? "," : "");
		json_write_text(out, list[i]);
	}
	buf_u8(out, ']');
}

static void text(buf *out, const char *name, const char *value)
{
	buf_printf(out, ",\"%s\":", name);
	json_write_text(out, value);
}

static void moment(buf *out, const char *name, hub_time t)
{
	char at[CLOCK_TEXT];
	if (t)
		buf_printf(out, ",\"%s\":\"%s\"", name, clock_text(t, at));
	else
		buf_printf(out, ",\"%s\":null", name);
}

static hub_status parties(store *db, const char *name, const int64_t *ids, size_t count, arena *a, buf *out)
{
	hub_status st = HUB_OK;
	const char **codes = arena_array(a, count, sizeof *codes);
	for (size_t i = 0; codes && st == HUB_OK && i < count; i++) {
		party p;
		st = party_by_id(db, ids[i], a, &p);
		codes[i] = p.code;
	}
	if (st == HUB_OK && codes)
		texts(out, name, codes, count);
	return codes ? st : HUB_NOMEM;
}

static hub_status places(store *db, const subscription *s, arena *a, buf *out)
{
	point *points = NULL;
	size_t count = 0;
	hub_status st = s->point_count ? point_by_ids(db, s->points, s->point_count, a, &points, &count) : HUB_OK;
	const char **codes = arena_array(a, count + s->premise_count, sizeof *codes);
	if (!codes)
		return HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		codes[i] = points[i].code;
	if (st == HUB_OK)
		texts(out, "points", codes, count);
	for (size_t i = 0; st == HUB_OK && i < s->premise_count; i++) {
		premise p;
		st = premise_by_id(db, s->premises[i], a, &p);
		codes[i] = p.code;
	}
	if (st == HUB_OK)
		texts(out, "premises", codes, s->premise_count);
	return st;
}

static hub_status filters(store *db, const subscription *s, arena *a, buf *out)
{
	const char *names[8];
	size_t count = 0;
	const char **quantities = arena_array(a, s->quantity_count, sizeof *quantities);
	for (size_t t = 0; subscribe_types[t]; t++)
		if (s->types & 1u << (t + HUB_RECORD_READING))
			names[count++] = subscribe_types[t];
	texts(out, "types", names, count);
	texts(out, "commodities", s->commodities, s->commodity_count);
	for (size_t i = 0; quantities && i < s->quantity_count; i++) {
		const quantity *q = quantity_by_number(s->quantities[i]);
		quantities[i] = q ? q->name : "?";
	}
	if (!quantities)
		return HUB_NOMEM;
	texts(out, "quantities", quantities, s->quantity_count);
	texts(out, "kinds", s->kinds, s->kind_count);
	hub_status st = places(db, s, a, out);
	return st == HUB_OK ? parties(db, "senders", s->senders, s->sender_count, a, out) : st;
}

void subscribe_state_json(buf *out, const outbox_head *h)
{
	buf_text(out, "\"target\":");
	json_write_text(out, h->target);
	text(out, "state", h->state);
	text(out, "reason", h->reason);
	buf_printf(out, ",\"bundle\":{\"count\":%u,\"bytes\":%u,\"wait\":%.3f},\"give_up\":%lld", h->bundle_count,
		   h->bundle_bytes, (double)h->bundle_wait / 1e6, (long long)(h->give_up / 1000000));
	buf_printf(out,
		   ",\"last\":%llu,\"sent\":%llu,\"acknowledged\":%llu,\"leased\":%s,\"queued\":%llu,\"dead\":%llu",
		   (unsigned long long)h->last, (unsigned long long)h->sent.position,
		   (unsigned long long)h->acknowledged.position, h->leased ? "true" : "false",
		   (unsigned long long)(h->last - h->acknowledged.position), (unsigned long long)h->dead);
	buf_printf(out, ",\"attempts\":%u", h->attempts);
	moment(out, "failing", h->failing);
	moment(out, "next_try", h->due);
	moment(out, "last_try", h->last_try);
	moment(out, "last_ok", h->last_ok);
	buf_printf(out, ",\"last_status\":%d", h->last_status);
	text(out, "last_code", h->last_code);
	text(out, "last_message", h->last_message);
}

hub_status subscribe_json(store *db, const subscription *s, const outbox_head *h, arena *a, buf *out)
{
	party owner;
	hub_status st = party_by_id(db, s->party, a, &owner);
	if (st != HUB_OK)
		return st;
	buf_printf(out, "{\"id\":%lld", (long long)s->id);
	text(out, "party", owner.code);
	text(out, "name", s->name);
	text(out, "door", s->door);
	st = filters(db, s, a, out);
	if (st == HUB_OK && h) {
		buf_u8(out, ',');
		subscribe_state_json(out, h);
	}
	buf_u8(out, '}');
	return st == HUB_OK && out->bad ? HUB_NOMEM : st;
}

void delivery_json(buf *out, const delivery *d)
{
	buf_printf(out,
		   "{\"id\":%llu,\"subscription\":%lld,\"kind\":\"%s\",\"state\":\"%s\",\"lease\":%llu,\"first\":%llu,"
		   "\"last\":%llu,"
		   "\"status\":%d",
		   (unsigned long long)d->id, (long long)d->subscription, d->kind, d->state,
		   (unsigned long long)d->lease, (unsigned long long)d->first, (unsigned long long)d->last, d->status);
	text(out, "code", d->code);
	text(out, "message", d->message);
	moment(out, "made", d->made);
	moment(out, "done", d->done);
	buf_u8(out, '}');
}

void dead_letter_json(buf *out, const dead_letter *d)
{
	buf_printf(out, "{\"subscription\":%lld,\"position\":%llu,\"receipt\":%llu,\"status\":%d",
		   (long long)d->subscription, (unsigned long long)d->position, (unsigned long long)d->receipt,
		   d->status);
	text(out, "code", d->code);
	text(out, "message", d->message);
	moment(out, "died", d->died);
	buf_u8(out, '}');
}
