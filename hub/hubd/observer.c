/*
 * Looks each second at everything that keeps the hub running, and writes down what is wrong with it: whether the zone's
 * daemons answer and since when they run, what adapterd says of its instances and the broker, disks, the clock, the
 * database, and who floods us. What cannot be written while the database is away is kept and written when it is back.
 */
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fail.h"
#include "hubd/signs.h"
#include "hubd/work.h"
#include "store/party.h"
#include "wire/order.h"

/* µs */
#define PAUSE 100000
#define LOOK_EVERY 1000000
#define ANSWER 1500000
#define BEGINNING 8000000 /* so long after our start a daemon may be away: it starts beside us */
#define HOLD 4000000
#define HOLD_CHILD 20000000
#define HOLD_FLOOD 10000000
#define JUMP 2000000
#define CLEAR_EVERY 3600000000
#define KEEP INT64_C(2592000000000) /* 30 days */

#define DISK_LEAST (UINT64_C(64) << 20) /* bytes */
enum { PARTIES = 32 };

typedef struct zone {
	const char *name;
	wire_asker *asker;
	json_t *last; /* what it said last; NULL: nothing yet */
	bool has_answered;
} zone;

struct observer {
	const core *core;
	pthread_t thread;
	worker worker;
	char host[100];
	signs signs;
	moment begun, looked, cleared;
	hub_time server_since;
	bool adopted; /* what a core of this host left open was ended */
	uint64_t sequence;
	size_t count;
	zone zones[];
};

static moment at_once(void)
{
	return (moment) { clock_now(), clock_monotonic() };
}

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s ? s : "";
}

static int64_t number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

/* It runs since then: told once a start, whoever looks. */
static void started(observer *s, moment now, const char *name, const char *since, const json_t *before)
{
	hub_time at;
	if (strcmp(since, text(before, "since")) != 0 && clock_parse(since, strlen(since), &at))
		signs_note(&s->signs, (moment) { at, now.monotonic }, "process.started", name, 0, 1, "%s", "");
}

static void look_at_instance(observer *s, moment now, const json_t *one, const json_t *before)
{
	const char *name = text(one, "name"), *error = text(one, "last_error");
	int64_t died = before ? number(one, "restarts") - number(before, "restarts") : number(one, "restarts"),
		full = before ? number(one, "full") - number(before, "full") : number(one, "full");
	bool stopped = !strcmp(text(one, "phase"), "stopped");
	/* Fewer than before: adapterd itself began anew. */
	if (died > 0 || stopped)
		signs_note(&s->signs, now, "instance.failing", name, HOLD_CHILD, died > 0 ? died : 0, "%s", error);
	if (full > 0 || json_is_true(json_object_get(one, "is_full")))
		signs_note(&s->signs, now, "journal.full", name, HOLD, full > 0 ? full : 0,
			   "its journal has no room: it takes nothing more until the core has stored what it holds");
}

static const json_t *instance_of(const json_t *state, const char *name)
{
	size_t i;
	const json_t *one;
	json_array_foreach (json_object_get(state, "instances"), i, one)
		if (!strcmp(text(one, "name"), name))
			return one;
	return NULL;
}

static void look_at_brokers(observer *s, moment now, const json_t *brokers, const json_t *before)
{
	const char *path;
	json_t *door;
	json_object_foreach ((json_t *)(uintptr_t)brokers, path, door) {
		const json_t *was = json_object_get(before, path);
		bool same = was && !strcmp(text(was, "since"), text(door, "since"));
		int64_t full = number(door, "full") - (same ? number(was, "full") : 0);
		started(s, now, "mosquitto", text(door, "since"), was);
		if (full > 0 || json_is_true(json_object_get(door, "is_full")))
			signs_note(
			    &s->signs, now, "journal.full", "mosquitto", HOLD, full > 0 ? full : 0,
			    "its journal has no room: publishes are refused until the core has stored what it holds");
	}
}

static void look_at_disk(observer *s, moment now, const char *whose, uint64_t left)
{
	if (left < DISK_LEAST)
		signs_note(&s->signs, now, "disk.full", whose, HOLD, 0, "%llu MB are free; make room",
			   (unsigned long long)left >> 20);
}

static void look_at_state(observer *s, moment now, zone *z, json_t *state)
{
	size_t i;
	const json_t *one, *left = json_object_get(state, "disk_free");
	bool same = z->last && !strcmp(text(z->last, "since"), text(state, "since"));
	int64_t refused = number(state, "refused") - (same ? number(z->last, "refused") : 0);
	started(s, now, z->name, text(state, "since"), z->last);
	json_array_foreach (json_object_get(state, "instances"), i, one)
		look_at_instance(s, now, one, same ? instance_of(z->last, text(one, "name")) : NULL);
	look_at_brokers(s, now, json_object_get(state, "brokers"), json_object_get(z->last, "brokers"));
	if (left)
		look_at_disk(s, now, "zone", (uint64_t)json_integer_value(left));
	if (refused > 0)
		signs_note(&s->signs, now, "address.flooding", text(state, "last_refused"), HOLD_FLOOD, refused,
			   "%s refuses requests above the rate of one address", z->name);
	json_decref(z->last);
	z->last = json_incref(state);
}

/* NULL: it does not answer. */
static json_t *ask(observer *s, zone *z)
{
	buf msg = { 0 }, answer = { 0 };
	wire_report report = { 0 };
	hub_fault fault = { 0 };
	json_t *state = NULL;
	const wire_order o = { .head = { WIRE_VERSION, WIRE_ORDER, "observer", s->core->epoch, ++s->sequence,
					 trace_new() },
			       .what = "state",
			       .subject = "" };
	wire_order_pack(&msg, &o);
	hub_status st = msg.bad ? HUB_NOMEM : wire_ask(z->asker, msg.bytes, msg.len, ANSWER, ANSWER, &answer);
	if (st == HUB_OK)
		st = wire_report_unpack(answer.bytes, answer.len, &s->worker.memory, &report, &fault);
	if (st == HUB_OK && report.status == HUB_OK)
		state = json_loadb((const char *)report.body, report.body_len, 0, NULL);
	buf_fini(&msg);
	buf_fini(&answer);
	return state;
}

static void look_at_zone(observer *s, zone *z)
{
	json_t *state = wire_asker_connected(z->asker) ? ask(s, z) : NULL;
	moment now = at_once();
	if (state)
		look_at_state(s, now, z, state);
	else if (z->has_answered || now.monotonic - s->begun.monotonic > BEGINNING)
		signs_note(&s->signs, now, "process.silent", z->name, HOLD, 0, "%s does not answer the core", z->name);
	z->has_answered = z->has_answered || state;
	json_decref(state);
}

/* Both clocks go on alike unless somebody sets one. */
static void look_at_clock(observer *s, moment now)
{
	int64_t ahead = (now.wall - s->looked.wall) - (now.monotonic - s->looked.monotonic);
	if (ahead > JUMP || ahead < -JUMP)
		signs_note(&s->signs, now, "clock.jumped", s->host, 0, 1, "the clock was set %.1f s %s",
			   (double)llabs(ahead) / 1e6, ahead > 0 ? "ahead" : "back");
	s->looked = now;
}

static void look_at_core(observer *s, moment now)
{
	struct statvfs disk;
	look_at_clock(s, now);
	if (s->core->keys[0] && !statvfs(s->core->keys, &disk))
		look_at_disk(s, now, "core", (uint64_t)disk.f_bavail * disk.f_frsize);
}

/* Needs the database, for the parties' codes; what was refused meanwhile is counted until then. */
static hub_status look_at_floods(observer *s, moment now)
{
	rate_refusals list[PARTIES];
	size_t count = api_rate_refused(s->core->api, list, PARTIES);
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		party p;
		st = party_by_id(s->worker.db, list[i].party, &s->worker.memory, &p);
		if (st == HUB_OK)
			signs_note(&s->signs, now, "party.flooding", p.code, HOLD_FLOOD, (int64_t)list[i].count,
				   "calls above the rate of one party are refused");
		st = st == HUB_MISSING ? HUB_OK : st;
	}
	return st;
}

static hub_status look_at_server(observer *s, moment now)
{
	hub_time since = 0;
	hub_status st = trouble_server_since(s->worker.db, &since);
	if (st == HUB_OK && since != s->server_since)
		signs_note(&s->signs, (moment) { since, now.monotonic }, "process.started", "postgres", 0, 1, "%s", "");
	if (st == HUB_OK)
		s->server_since = since;
	return st;
}

static hub_status save(observer *s, hub_fault *fault)
{
	hub_status st = HUB_OK;
	if (!s->adopted)
		st = trouble_end_left(s->worker.db, s->host);
	s->adopted = s->adopted || st == HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < s->signs.count; i++) {
		sign *g = &s->signs.list[i];
		const trouble t = sign_trouble(g, s->host);
		if (g->unsaved)
			st = trouble_save(s->worker.db, &t, fault);
		/* One that the database will never take must not keep the others back. */
		st = st == HUB_REJECT ? HUB_OK : st;
		g->unsaved = g->unsaved && st != HUB_OK;
	}
	return st;
}

static void look_at_database(observer *s)
{
	hub_fault fault = { .message = "the database does not answer" };
	hub_status st = worker_ready(&s->worker);
	moment now = at_once();
	if (st == HUB_OK)
		st = look_at_server(s, now);
	if (st == HUB_OK)
		st = look_at_floods(s, now);
	if (st == HUB_OK)
		st = save(s, &fault);
	if (st == HUB_OK && now.monotonic - s->cleared.monotonic > CLEAR_EVERY) {
		st = trouble_clear(s->worker.db, now.wall - KEEP);
		s->cleared = now;
	}
	if (st != HUB_OK)
		signs_note(&s->signs, now, "database.away", "postgres", HOLD, 0, "%s", fault.message);
}

static void *run(void *user)
{
	observer *s = user;
	const struct timespec pause = { 0, PAUSE * 1000 };
	int64_t due = 0;
	signs_note(&s->signs, (moment) { (hub_time)s->core->epoch, s->begun.monotonic }, "process.started", "hubd", 0,
		   1, "%s", "");
	while (!s->core->stopping) {
		nanosleep(&pause, NULL);
		if (clock_monotonic() < due)
			continue;
		due = clock_monotonic() + LOOK_EVERY;
		look_at_core(s, at_once());
		for (size_t i = 0; i < s->count && !s->core->stopping; i++)
			look_at_zone(s, &s->zones[i]);
		signs_turn(&s->signs, at_once());
		look_at_database(s);
	}
	return NULL;
}

static void dispose(observer *s)
{
	for (size_t i = 0; i < s->count; i++) {
		wire_asker_close(s->zones[i].asker);
		json_decref(s->zones[i].last);
	}
	worker_fini(&s->worker);
	free(s);
}

static size_t length(const char *const *names)
{
	size_t count = 0;
	while (names[count])
		count++;
	return count;
}

hub_status observer_start(const core *c, const char *const *const *lists, size_t list_count, observer **ret,
			  hub_fault *fault)
{
	size_t count = 0;
	hub_status st = HUB_OK;
	for (size_t k = 0; k < list_count; k++)
		count += length(lists[k]);
	observer *s = fail_calloc(1, sizeof *s + count * sizeof s->zones[0]);
	if (!s)
		return HUB_NOMEM;
	s->core = c;
	s->begun = s->looked = s->cleared = at_once();
	gethostname(s->host, sizeof s->host - 1);
	worker_init(&s->worker, c);
	for (size_t k = 0; k < list_count; k++)
		for (const char *const *name = lists[k]; st == HUB_OK && *name; name++) {
			char url[600];
			core_url(c, *name, WIRE_ORDER, url, sizeof url);
			s->zones[s->count].name = *name;
			st = wire_ask_dial(url, core_tls(c), &s->zones[s->count].asker, fault);
			s->count += st == HUB_OK;
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

void observer_stop(observer *s)
{
	if (!s)
		return;
	pthread_join(s->thread, NULL);
	dispose(s);
}
