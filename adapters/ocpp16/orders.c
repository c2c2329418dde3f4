/*
 * CALLs of ours: one is out at a time (OCPP-J 1.6, 4.1.1), the others wait in the order they came.
 * "sent" is kept before the bytes leave, so that nobody who reads the journal sends it twice.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "ocpp16.h"

enum { DETAILS = 64, KEYS_AT_ONCE = 100, TEXT_CUT = 4000 };
static const hub_time SOON = 50000;

static void order_free(order *o)
{
	if (o)
		free(o->payload);
	free(o);
}

void orders_free(session *s)
{
	order_free(s->out);
	for (order *o = s->queue, *next; o; o = next) {
		next = o->next;
		order_free(o);
	}
}

static uint64_t name_of(const char *command)
{
	return hash_text(0, command, strlen(command));
}

/* Sent before, waiting, or out: the core repeats an order whose report it missed. */
static bool known(const session *s, const char *command)
{
	uint64_t name = name_of(command);
	for (size_t i = 0; i < RECENT; i++)
		if (s->st->recent[i] == name)
			return true;
	for (const order *o = s->queue; o; o = o->next)
		if (!strcmp(o->command, command))
			return true;
	return false;
}

static hub_status result(const order *o, const char *state, const char *reason, const hub_setting *details,
			 size_t count, hub_record *ret)
{
	*ret = (hub_record) { .type = HUB_RECORD_RESULT, .result = { o->command, state, reason, 0, details, count } };
	return HUB_OK;
}

static void wake(session *s)
{
	hub_time now = s->in->api->now(s->in->host);
	s->in->api->wake_at(s->link, s->out ? s->deadline : s->queue ? now + SOON : 0);
}

static hub_status send(session *s, order *o)
{
	const hub_host_api *api = s->in->api;
	snprintf(o->id, sizeof o->id, "%llx-%llx", (unsigned long long)s->opened, (unsigned long long)s->calls + 1);
	json_t *payload = json_loads(o->payload, 0, NULL);
	json_t *frame = json_pack("[i s s o]", 2, o->id, o->a->name, payload);
	char *text = frame ? json_dumps(frame, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
	json_decref(frame);
	if (!text)
		return HUB_NOMEM;
	hub_record r;
	const hub_setting details[] = { { "action", o->a->name }, { "message", o->id } };
	result(o, "sent", "", details, 2, &r);
	hub_status st = o->command[0] ? api->emit(s->link, &r) : HUB_OK;
	if (st == HUB_OK)
		st = api->reply_after_store(s->link, s->mark + 1, (const uint8_t *)text, strlen(text));
	free(text);
	if (st != HUB_OK)
		return st;
	s->mark++;
	s->calls++;
	s->st->recent[s->st->recent_at++ % RECENT] = name_of(o->command);
	return HUB_OK;
}

/* Sends the next; what is past its time is never sent. */
static hub_status pump(session *s)
{
	hub_status st = HUB_OK;
	hub_time now = s->in->api->now(s->in->host);
	while (!s->out && s->queue && st == HUB_OK) {
		order *o = s->queue;
		bool late = o->expires && o->expires <= now;
		st = late ? HUB_OK : send(s, o);
		if (st != HUB_OK)
			break;
		s->queue = o->next;
		s->queued--;
		o->next = NULL;
		if (late) {
			s->in->api->log(s->in->host, 2, "station '%s': order '%s' expired before it could be sent",
					s->st->name, o->command);
			order_free(o);
			continue;
		}
		s->out = o;
		s->deadline = now + s->in->call_time;
	}
	wake(s);
	return st == HUB_AGAIN ? HUB_OK : st;
}

static hub_status refuse_now(session *s, const hub_command *c, const char *why)
{
	const hub_record r = { .type = HUB_RECORD_RESULT, .result = { c->id, "refused", why, 0, NULL, 0 } };
	return s->in->api->emit(s->link, &r);
}

static order *order_new(const hub_command *c, const action *a, json_t *payload)
{
	order *o = fail_calloc(1, sizeof *o);
	if (!o)
		return NULL;
	o->a = a;
	o->expires = c->expires;
	o->payload = json_dumps(payload, JSON_COMPACT | JSON_REAL_PRECISION(15));
	snprintf(o->command, sizeof o->command, "%s", c->id);
	snprintf(o->channel, sizeof o->channel, "%s", c->channel);
	if (o->payload)
		return o;
	order_free(o);
	return NULL;
}

hub_status orders_take(session *s, const hub_command *c)
{
	const action *a;
	json_t *payload;
	hub_fault fault;
	if (!s->live || s->st->speaker != s || strcmp(c->meter, s->st->name))
		return HUB_MISSING;
	if (known(s, c->id))
		return HUB_OK;
	if (s->queued >= QUEUE_MAX)
		return HUB_AGAIN;
	hub_status st = order_make(s, c, &a, &payload, &fault);
	if (st == HUB_REJECT)
		return refuse_now(s, c, fault.message);
	if (st != HUB_OK)
		return st;
	order *o = order_new(c, a, payload), **at = &s->queue;
	json_decref(payload);
	if (!o)
		return HUB_NOMEM;
	while (*at)
		at = &(*at)->next;
	*at = o;
	s->queued++;
	return pump(s);
}

/* An answer that did not come: nobody knows what the station did. The order's end is the core's to tell. */
static hub_status give_up(session *s)
{
	const hub_setting details[] = { { "action", s->out->a->name }, { "command", s->out->command } };
	const hub_record r = { .type = HUB_RECORD_EVENT,
			       .event = { s->st->name, s->out->channel, "no_answer", 0, false, details, 2 } };
	hub_status st = s->in->api->emit(s->link, &r);
	if (st != HUB_OK)
		return st;
	order_free(s->out);
	s->out = NULL;
	return HUB_OK;
}

hub_status orders_timer(session *s, hub_time now)
{
	hub_status st = HUB_OK;
	if (s->out && now >= s->deadline)
		st = give_up(s);
	if (st == HUB_AGAIN) {
		s->in->api->wake_at(s->link, now + SOON);
		return HUB_OK;
	}
	return st == HUB_OK ? pump(s) : st;
}

/* A text of at most TEXT_CUT bytes that ends with a whole character; the caller frees it. */
static char *text_of(const json_t *v)
{
	char *text = json_is_string(v) ? strdup(json_string_value(v)) : json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
	size_t n = text ? strlen(text) : 0;
	if (n > TEXT_CUT) {
		for (n = TEXT_CUT; n && ((unsigned char)text[n] & 0xc0) == 0x80;)
			n--;
		text[n] = 0;
	}
	return text;
}

/* What a station's configuration is, as records of its own: a command's result would not hold it. */
static hub_status configuration_emit(session *s, const json_t *list)
{
	size_t i, count = 0;
	json_t *one;
	hub_status st = HUB_OK;
	hub_setting details[KEYS_AT_ONCE];
	hub_record r = { .type = HUB_RECORD_ARCHIVE, .archive = { s->st->name, "", "configuration", 0, details, 0 } };
	json_array_foreach (list, i, one) {
		const char *key = member_text(one, "key", "");
		if (*key)
			details[count++] = (hub_setting) { key, member_text(one, "value", "") };
		if (count < KEYS_AT_ONCE && i + 1 < json_array_size(list))
			continue;
		r.archive.detail_count = count;
		st = count ? session_emit(s, &r) : HUB_OK;
		count = 0;
		if (st != HUB_OK)
			break;
	}
	return st;
}

static bool is_yes(const char *status)
{
	static const char *const yes[] = { "Accepted", "Unlocked", "Scheduled", "RebootRequired", "AcceptedCanceled" };
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		if (!strcasecmp(yes[i], status))
			return true;
	return false;
}

static hub_status finish(session *s, const char *state, const char *reason, const hub_setting *details, size_t count)
{
	hub_record r;
	result(s->out, state, reason, details, count, &r);
	hub_status st = s->out->command[0] ? session_emit(s, &r) : HUB_OK;
	if (st != HUB_OK)
		return st;
	order_free(s->out);
	s->out = NULL;
	return HUB_OK;
}

static hub_status answered(session *s, const json_t *payload)
{
	const json_t *status = json_object_get(payload, "status");
	hub_setting details[DETAILS];
	char *texts[DETAILS];
	const char *name;
	json_t *v;
	size_t count = 0;
	json_object_foreach ((json_t *)payload, name, v) {
		if (count == DETAILS || !*name || !strcmp(name, "configurationKey"))
			continue;
		texts[count] = text_of(v);
		details[count] = (hub_setting) { name, texts[count] ? texts[count] : "" };
		count++;
	}
	hub_status st = configuration_emit(s, json_object_get(payload, "configurationKey"));
	const char *word = json_is_string(status) ? json_string_value(status) : "";
	if (st == HUB_OK)
		st = finish(s, !status || is_yes(word) ? "confirmed" : "refused", word, details, count);
	while (count)
		free(texts[--count]);
	return st;
}

hub_status orders_answered(session *s, const char *id, const json_t *payload)
{
	violation why;
	hub_fault fault;
	/* Late, or to a connection before this one: its order was given up. */
	if (!s->out || strcmp(s->out->id, id))
		return HUB_OK;
	if (schema_check(payload, s->out->a->answer, session_lenient(s), &why))
		return answered(s, payload);
	hub_fault_set(&fault, ocpp_error_code(why.error), "payload", "answer to %s: %s %s; see the station's firmware",
		      s->out->a->name, why.field, why.rule);
	hub_status st = session_refuse(s, &fault);
	return st == HUB_OK ? finish(s, "refused", "the answer breaks the standard", NULL, 0) : st;
}

hub_status orders_failed(session *s, const char *id, const char *code, const char *text)
{
	char reason[400];
	if (!s->out || strcmp(s->out->id, id))
		return HUB_OK;
	snprintf(reason, sizeof reason, "%.64s%s%.256s", code, *text ? ": " : "", text);
	return finish(s, "refused", reason, NULL, 0);
}
