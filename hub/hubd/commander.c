#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/fail.h"
#include "hubd/messenger.h"
#include "hubd/work.h"
#include "store/command.h"
#include "store/instance.h"
#include "store/party.h"
#include "wire/order.h"

/*
 * µs. LEASE covers the asking below; LOOK_AGAIN: an accepted command without its end is handed over again then,
 * which makes its adapter look at what became of it. GRACE: a result told in time may come later.
 */
#define PAUSE 200000
#define ANSWER 4000000
#define LEASE 20000000
#define LOOK_AGAIN 10000000
#define BACKOFF_MIN 1000000
#define BACKOFF_MAX 30000000
#define GRACE 5000000
#define EXPIRE_EVERY 500000

enum { AT_ONCE = 16, ARGUMENTS_MAX = 16 };

typedef struct zone {
	const char *name;
	wire_asker *asker;
} zone;

struct commander {
	const core *core;
	pthread_t thread;
	worker worker;
	messenger *messenger;
	int64_t expired_at; /* monotonic */
	size_t count;
	zone zones[];
};

static const zone *zone_find(const commander *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (!strcmp(s->zones[i].name, name))
			return &s->zones[i];
	return NULL;
}

/* As results name it. */
static const char *name_of(commander *s, const command *c)
{
	return arena_printf(&s->worker.memory, "%lld-%lld", (long long)c->point, (long long)c->id);
}

static hub_status pack(commander *s, const command *c, buf *out)
{
	hub_setting arguments[ARGUMENTS_MAX];
	size_t count = 0;
	const char *key;
	json_t *all = json_loads(c->arguments, 0, NULL), *value;
	json_object_foreach (all, key, value)
		if (count < ARGUMENTS_MAX && json_is_string(value))
			arguments[count++] = (hub_setting) { key, json_string_value(value) };
	const char *id = name_of(s, c);
	const hub_command order = { id, c->kind, c->meter, c->channel, c->expires, arguments, count, false };
	if (all && id)
		command_pack(out, &order);
	json_decref(all);
	return !all || !id || out->bad ? HUB_NOMEM : HUB_OK;
}

/* One question under the command's fence; the same fence asked again is answered as the first time. */
static hub_status hand(commander *s, const zone *z, const command *c, const char *instance_name, hub_fault *fault)
{
	buf body = { 0 }, msg = { 0 }, answer = { 0 };
	wire_report report = { 0 };
	hub_status st = pack(s, c, &body);
	const wire_order o = { .head = { WIRE_VERSION, WIRE_ORDER, "command", (uint64_t)c->fence, (uint64_t)c->id,
					 trace_new() },
			       .what = "command",
			       .subject = instance_name,
			       .body = body.bytes,
			       .body_len = body.len };
	if (st == HUB_OK) {
		wire_order_pack(&msg, &o);
		st = msg.bad ? HUB_NOMEM : wire_ask(z->asker, msg.bytes, msg.len, ANSWER / 2, ANSWER, &answer);
	}
	if (st == HUB_OK)
		st = wire_report_unpack(answer.bytes, answer.len, &s->worker.memory, &report, fault);
	if (st == HUB_OK && report.status != HUB_OK) {
		st = report.status;
		fault->code = report.code;
		snprintf(fault->message, sizeof fault->message, "%s", report.message);
	}
	buf_fini(&body);
	buf_fini(&msg);
	buf_fini(&answer);
	return st;
}

static int64_t backoff(const command *c)
{
	int64_t wait = BACKOFF_MIN;
	for (int i = 1; i < c->attempts && wait < BACKOFF_MAX; i++)
		wait *= 2;
	return wait < BACKOFF_MAX ? wait : BACKOFF_MAX;
}

/* Published, the broker has it and it counts as sent; it is published again until its end is heard. */
static hub_status hand_by_message(commander *s, const command *c, const char *instance_name, hub_fault *fault)
{
	party owner;
	const char *id = name_of(s, c);
	store *db = s->worker.db;
	hub_status st = id ? command_handed(db, c, instance_name, LEASE, "") : HUB_FAILED;
	if (st == HUB_OK)
		st = party_by_id(db, c->party, &s->worker.memory, &owner);
	if (st != HUB_OK)
		return HUB_FAILED;
	st = messenger_send(s->messenger, c, owner.code, id, &s->worker.memory, fault);
	return st == HUB_OK && command_sent(db, c) != HUB_OK ? HUB_FAILED : st;
}

static bool may_have(const command *c, const instance *i)
{
	return i->party == c->party && i->enabled && (!*c->instance || !strcmp(c->instance, i->name));
}

/*
 * The party's instances in turn, until one knows the meter. Whoever may have taken it is asked alone from then on:
 * a command is never tried at two.
 */
static hub_status hand_to_any(commander *s, const command *c, const char **ret_instance, hub_fault *fault)
{
	instance *list;
	size_t count;
	int64_t version;
	hub_status st = instance_list(s->worker.db, NULL, &s->worker.memory, &list, &count, &version),
		   told = HUB_MISSING;
	if (st != HUB_OK)
		return HUB_FAILED;
	hub_fault_set(fault, "command.nobody", "", "no enabled instance of the device's party is configured");
	for (size_t i = 0; i < count; i++)
		if (may_have(c, &list[i]) && messenger_serves(&list[i], c->meter)) {
			*ret_instance = list[i].name;
			return hand_by_message(s, c, list[i].name, fault);
		}
	for (size_t i = 0; i < count && told == HUB_MISSING; i++) {
		const zone *z = zone_find(s, list[i].zone);
		if (!may_have(c, &list[i]) || !z)
			continue;
		if (!wire_asker_connected(z->asker)) {
			hub_fault_set(fault, "command.zone", "", "the zone daemon '%.40s' is away", z->name);
			continue;
		}
		/* Kept before it is asked: an answer that is lost may have been a yes. */
		st = command_handed(s->worker.db, c, list[i].name, LEASE, "");
		if (st != HUB_OK)
			return HUB_FAILED;
		told = hand(s, z, c, list[i].name, fault);
		*ret_instance = list[i].name;
	}
	return told;
}

static hub_status carry_out(commander *s, const command *c)
{
	const char *instance_name = "";
	hub_fault fault = { .code = "", .message = "" };
	hub_status st = hand_to_any(s, c, &instance_name, &fault);
	store *db = s->worker.db;
	if (st == HUB_FAILED && !fault.code[0])
		return HUB_FAILED;
	if (st == HUB_OK)
		return command_handed(db, c, instance_name, LOOK_AGAIN, "");
	if (st == HUB_REJECT && !strcmp(c->state, "queued"))
		return command_refuse(db, c, fault.code);
	/* Nobody has it: another instance may be asked next time. */
	if (st == HUB_MISSING && !strcmp(c->state, "queued") && *instance_name)
		return command_released(db, c, backoff(c), fault.message);
	return command_handed(db, c, instance_name, backoff(c), fault.message);
}

static hub_status round_of(commander *s)
{
	command *list;
	size_t count = 0, ended = 0;
	hub_status st = worker_ready(&s->worker);
	int64_t now = clock_monotonic();
	if (st == HUB_OK && now - s->expired_at > EXPIRE_EVERY) {
		st = command_expire(s->worker.db, GRACE, &ended);
		s->expired_at = now;
		if (ended)
			log_info("commands: %zu ended past their time", ended);
	}
	if (st == HUB_OK)
		st = command_claim(s->worker.db, LEASE, AT_ONCE, &s->worker.memory, &list, &count);
	for (size_t i = 0; st == HUB_OK && i < count && !s->core->stopping; i++)
		st = carry_out(s, &list[i]);
	return st;
}

static void *run(void *user)
{
	commander *s = user;
	const struct timespec pause = { 0, PAUSE * 1000 };
	while (!s->core->stopping) {
		if (round_of(s) == HUB_FAILED)
			log_error("commander: the database refuses; trying again");
		nanosleep(&pause, NULL);
	}
	return NULL;
}

static void dispose(commander *s)
{
	for (size_t i = 0; i < s->count; i++)
		wire_asker_close(s->zones[i].asker);
	messenger_free(s->messenger);
	worker_fini(&s->worker);
	free(s);
}

hub_status commander_start(const core *c, const char *const *names, const char *const *egresses, commander **ret,
			   hub_fault *fault)
{
	size_t count = 0;
	while (names[count])
		count++;
	commander *s = fail_calloc(1, sizeof *s + count * sizeof s->zones[0]);
	if (!s)
		return HUB_NOMEM;
	s->core = c;
	worker_init(&s->worker, c);
	hub_status st = messenger_new(c, egresses, &s->messenger, fault);
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		char url[600];
		s->zones[i].name = names[i];
		core_url(c, names[i], WIRE_ORDER, url, sizeof url);
		st = wire_ask_dial(url, core_tls(c), &s->zones[i].asker, fault);
		s->count = i + 1;
	}
	if (st == HUB_OK && pthread_create(&s->thread, NULL, run, s))
		st = HUB_FAILED;
	if (st != HUB_OK) {
		dispose(s);
		return st;
	}
	*ret = s;
	return HUB_OK;
}

void commander_stop(commander *s)
{
	if (!s)
		return;
	pthread_join(s->thread, NULL);
	dispose(s);
}
