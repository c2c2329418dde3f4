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

/* Where a station remembers that this order was sent; RECENT: nowhere. */
static size_t recent_of(const station *st, const char *command)
{
	uint64_t name = name_of(command);
	size_t i = 0;
	while (i < RECENT && st->recent[i] != name)
		i++;
	return i;
}

static void remember_sent(station *st, const char *command)
{
	size_t i = recent_of(st, command);
	if (i == RECENT)
		i = st->recent_at++ % RECENT;
	st->recent[i] = name_of(command);
	st->recent_ended &= ~(UINT32_C(1) << i);
}

static void remember_ended(station *st, const char *command)
{
	size_t i = recent_of(st, command);
	if (i < RECENT)
		st->recent_ended |= UINT32_C(1) << i;
}

/* Waiting, or out, or ended: the core repeats an order whose report it missed. */
static bool at_hand(const session *s, const char *command)
{
	size_t i = recent_of(s->st, command);
	if (i < RECENT && s->st->recent_ended >> i & 1)
		return true;
	if (s->out && !strcmp(s->out->command, command))
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
	hub_time now = s->in->api->now(s->in->host), when = s->out ? s->deadline : 0;
	for (const order *o = s->queue; !s->out && o; o = o->next) {
		hub_time due = o->after > now ? o->after : now + SOON;
		when = when && when < due ? when : due;
	}
	s->in->api->wake_at(s->link, when);
}

static char *frame_text(const order *o, const char *name, const char *payload)
{
	size_t size = strlen(o->id) + strlen(name) + strlen(payload) + sizeof "[2,\"\",\"\",]";
	char *text = malloc(size);
	if (text)
		snprintf(text, size, "[2,\"%s\",\"%s\",%s]", o->id, name, payload);
	return text;
}

/* The CALL's text; what reads back asks for what was ordered. */
static char *text_made(const session *s, const order *o)
{
	const look *l = o->looking ? look_of(o) : NULL;
	if (!l)
		return frame_text(o, o->a->name, o->payload);
	json_t *meant = json_loads(o->payload, 0, NULL), *asked = look_payload(s, l, meant);
	char *payload = asked ? json_dumps(asked, JSON_COMPACT) : NULL,
	     *text = payload ? frame_text(o, look_action(l)->name, payload) : NULL;
	json_decref(meant);
	json_decref(asked);
	free(payload);
	return text;
}

static hub_status send(session *s, order *o)
{
	const hub_host_api *api = s->in->api;
	snprintf(o->id, sizeof o->id, "%llx-%llx", (unsigned long long)s->opened, (unsigned long long)s->calls + 1);
	char *text = text_made(s, o);
	if (!text)
		return HUB_NOMEM;
	hub_record r;
	const hub_setting details[] = { { "action", o->a->name }, { "message", o->id } };
	result(o, "sent", "", details, 2, &r);
	hub_status st = o->command[0] && !o->told ? api->emit(s->link, &r) : HUB_OK;
	o->told |= st == HUB_OK;
	if (st == HUB_OK)
		st = api->reply_after_store(s->link, s->mark + 1, (const uint8_t *)text, strlen(text));
	free(text);
	if (st != HUB_OK)
		return st;
	s->mark++;
	s->calls++;
	remember_sent(s->st, o->command);
	return HUB_OK;
}

static order **due_of(session *s, hub_time now)
{
	order **at = &s->queue;
	while (*at && (*at)->after > now)
		at = &(*at)->next;
	return at;
}

/* Sends the next; what is past its time is never sent. */
static hub_status pump(session *s)
{
	hub_status st = HUB_OK;
	hub_time now = s->in->api->now(s->in->host);
	for (order **at = due_of(s, now); !s->out && *at && st == HUB_OK; at = due_of(s, now)) {
		order *o = *at;
		bool late = !o->looking && o->expires && o->expires <= now;
		st = late ? HUB_OK : send(s, o);
		if (st != HUB_OK)
			break;
		*at = o->next;
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

static void append(session *s, order *o)
{
	order **at = &s->queue;
	while (*at)
		at = &(*at)->next;
	*at = o;
	s->queued++;
}

/*
 * An order that was sent before is not sent again: what became of it is read, if it can be. Else it stays open
 * until its time ends.
 */
static bool may_go(const session *s, const hub_command *c, order *o)
{
	o->told = c->repeated || recent_of(s->st, c->id) < RECENT;
	o->looking = o->told && look_of(o);
	return !o->told || o->looking || look_harmless(o);
}

hub_status orders_take(session *s, const hub_command *c)
{
	const action *a;
	json_t *payload;
	hub_fault fault;
	if (!s->live || s->st->speaker != s || strcmp(c->meter, s->st->name))
		return HUB_MISSING;
	if (at_hand(s, c->id))
		return HUB_OK;
	if (s->queued >= QUEUE_MAX)
		return HUB_AGAIN;
	hub_status st = order_make(s, c, &a, &payload, &fault);
	if (st == HUB_REJECT)
		return refuse_now(s, c, fault.message);
	if (st != HUB_OK)
		return st;
	order *o = order_new(c, a, payload);
	json_decref(payload);
	if (!o)
		return HUB_NOMEM;
	if (may_go(s, c, o))
		append(s, o);
	else
		order_free(o);
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
	remember_ended(s->st, s->out->command);
	order_free(s->out);
	s->out = NULL;
	return HUB_OK;
}

/* The station said yes: in a moment it is asked whether it did. */
static hub_status look_later(session *s, const char *word)
{
	order *o = s->out;
	snprintf(o->said, sizeof o->said, "%s", *word ? word : "Accepted");
	o->looking = true;
	o->after = s->in->api->now(s->in->host) + s->in->look_time;
	o->next = s->queue;
	s->queue = o;
	s->queued++;
	s->out = NULL;
	return HUB_OK;
}

static hub_status looked(session *s, look_word word)
{
	const order *o = s->out;
	const hub_setting details[] = { { "read_back", word == LOOK_DONE       ? "as_ordered"
						       : word == LOOK_NOT_DONE ? "differs"
									       : "not_possible" },
					{ "status", o->said } };
	size_t count = o->said[0] ? 2 : 1;
	if (word == LOOK_DONE || (word == LOOK_BLIND && o->said[0]))
		return finish(s, "confirmed", o->said, details, count);
	if (word == LOOK_NOT_DONE)
		return finish(s, "refused", o->said[0] ? "accepted_but_not_done" : "not_done", details, count);
	/* Nobody knows; the order's end is the core's to tell. */
	order_free(s->out);
	s->out = NULL;
	return HUB_OK;
}

static hub_status answered(session *s, const json_t *payload)
{
	const json_t *status = json_object_get(payload, "status");
	hub_setting details[DETAILS];
	char *texts[DETAILS];
	const char *name, *word = json_is_string(status) ? json_string_value(status) : "";
	json_t *v;
	size_t count = 0;
	if (is_yes(word) && s->in->look_time >= 0 && look_of(s->out))
		return look_later(s, word);
	json_object_foreach ((json_t *)payload, name, v) {
		if (count == DETAILS || !*name || !strcmp(name, "configurationKey"))
			continue;
		texts[count] = text_of(v);
		details[count] = (hub_setting) { name, texts[count] ? texts[count] : "" };
		count++;
	}
	hub_status st = configuration_emit(s, json_object_get(payload, "configurationKey"));
	if (st == HUB_OK)
		st = finish(s, !status || is_yes(word) ? "confirmed" : "refused", word, details, count);
	while (count)
		free(texts[--count]);
	return st;
}

static hub_status look_answered(session *s, const json_t *payload)
{
	const look *l = look_of(s->out);
	json_t *meant = json_loads(s->out->payload, 0, NULL);
	hub_status st = configuration_emit(s, json_object_get(payload, "configurationKey"));
	if (st == HUB_OK)
		st = looked(s, look_judge(s, l, meant, payload));
	json_decref(meant);
	return st;
}

hub_status orders_answered(session *s, const char *id, const json_t *payload)
{
	violation why;
	hub_fault fault;
	/* Late, or to a connection before this one: its order was given up. */
	if (!s->out || strcmp(s->out->id, id))
		return HUB_OK;
	const action *a = s->out->looking ? look_action(look_of(s->out)) : s->out->a;
	if (schema_check(payload, a->answer, session_lenient(s), &why))
		return s->out->looking ? look_answered(s, payload) : answered(s, payload);
	hub_fault_set(&fault, ocpp_error_code(why.error), "payload", "answer to %s: %s %s; see the station's firmware",
		      a->name, why.field, why.rule);
	hub_status st = session_refuse(s, &fault);
	if (st != HUB_OK)
		return st;
	return s->out->looking ? looked(s, LOOK_BLIND)
			       : finish(s, "refused", "the answer breaks the standard", NULL, 0);
}

hub_status orders_failed(session *s, const char *id, const char *code, const char *text)
{
	char reason[400];
	if (!s->out || strcmp(s->out->id, id))
		return HUB_OK;
	if (s->out->looking)
		return looked(s, LOOK_BLIND);
	snprintf(reason, sizeof reason, "%.64s%s%.256s", code, *text ? ": " : "", text);
	return finish(s, "refused", reason, NULL, 0);
}
