/*
 * How long after a consent's withdrawal its grantee still gets what it was about, at each kind of door, while a sender
 * stores without a pause and everybody else is delivered to. A sample is the time from the withdrawal's COMMIT to the
 * last arrival before the next consent, two seconds later.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/api.h"
#include "base/clock.h"
#include "consent/grant.h"
#include "ctl/policy_load.h"
#include "ctl/stage.h"
#include "ctl/street.h"
#include "deliver/subscribe.h"
#include "model/batch.h"
#include "model/quantity.h"
#include "store/device.h"
#include "store/party.h"
#include "store/point.h"
#include "store/token.h"

enum { WEBHOOKS = 24, BROKERED = 8, PULLS = 4, CLOUDS = WEBHOOKS + BROKERED + PULLS, ROUNDS = 8 };

#define MINUTE INT64_C(60000000)
#define FLOW 800000	  /* µs that readings flow before a withdrawal, more or less */
#define QUIET 2000000	  /* µs that the world is listened to after a withdrawal */
#define PATIENCE 30000000 /* µs for the first reading after a consent */

typedef struct run run;

/* A third party, and the home that lets it see its water meter. */
typedef struct cloud {
	run *of;
	char code[16], home[16], token[TOKEN_TEXT];
	int64_t point;
	uint64_t consent;      /* 0: none now */
	int64_t since;	       /* of the consent, or its withdrawal; monotonic */
	int64_t until;	       /* it is left to flow so long; 0: nothing came yet */
	_Atomic int64_t heard; /* when content came last; monotonic */
	unsigned rounds;
	double took[ROUNDS]; /* s */
	pthread_t thread;    /* pulls */
	bool running;
} cloud;

struct run {
	stage stage;
	street *street;
	api *api;
	int64_t water;
	cloud clouds[CLOUDS];
	pthread_t sender;
	bool sending;
	atomic_bool stop, failed;
	atomic_uint_least64_t stored; /* readings */
	hub_time from;
};

static bool is_webhook(unsigned n)
{
	return n < WEBHOOKS;
}

static bool is_brokered(unsigned n)
{
	return n >= WEBHOOKS && n < WEBHOOKS + BROKERED;
}

static void heard_at_door(void *user, unsigned door, const char *body, size_t len)
{
	run *r = user;
	if (memmem(body, len, "\"meter\"", 7))
		r->clouds[door].heard = clock_monotonic();
}

static void heard_by_broker(struct mosquitto *m, void *user, const struct mosquitto_message *msg)
{
	cloud *c = user;
	if (memmem(msg->payload, (size_t)msg->payloadlen, "\"meter\"", 7))
		c->heard = clock_monotonic();
	stage_acknowledge(m, c->code, msg);
}

static bool pull_once(cloud *c, const api_worker *w, arena *a, unsigned long long *position)
{
	wire_call call = { .method = "GET",
			   .path = "/v1/feed",
			   .authorization = arena_printf(a, "Bearer %s", c->token),
			   .continuation = "",
			   .address = "bench",
			   .door = "party" };
	wire_field query[] = { { "after", arena_printf(a, "%llu", *position) }, { "limit", "50" } };
	wire_reply reply;
	call.query = query;
	call.query_count = 2;
	if (api_answer(w, &call, a, &reply) != HUB_OK || reply.status != 200)
		return false;
	const char *body = (const char *)reply.body;
	if (memmem(body, reply.body_len, "\"meter\"", 7))
		c->heard = clock_monotonic();
	const char *next = memmem(body, reply.body_len, "\"next\":", 7);
	return next && sscanf(next, "\"next\":%llu", position) == 1;
}

/* Asks again and again from where it is, as often as a busy reader would. */
static void *pull(void *user)
{
	cloud *c = user;
	const struct timespec pause = { 0, 20000000 };
	unsigned long long position = 0;
	store *db = NULL;
	hub_fault fault;
	arena a;
	arena_init(&a, 0);
	bool good = store_open(c->of->stage.conninfo, &db, &fault) == HUB_OK;
	const api_worker w = { .api = c->of->api, .db = db };
	while (good && !c->of->stop) {
		good = pull_once(c, &w, &a, &position);
		arena_reset(&a);
		nanosleep(&pause, NULL);
	}
	if (!good)
		c->of->failed = true;
	store_close(db);
	arena_fini(&a);
	return NULL;
}

/* The n'th minute of every home's meter. */
static hub_status send_batch(run *r, intake_worker *worker, uint64_t n, arena *a)
{
	static const char channel[] = "";
	const quantity *q = quantity_find("water_volume");
	const intake_source source = { .party = r->water, .numbered = true };
	const hub_time time = r->from + (hub_time)n * MINUTE;
	record *rows = arena_array(a, CLOUDS, sizeof *rows);
	const batch b = {
		.id = { "bench", 1, n * CLOUDS + 1 }, .trace = trace_new(), .records = rows, .count = CLOUDS
	};
	batch_answer answer;
	if (!rows)
		return HUB_NOMEM;
	for (size_t i = 0; i < CLOUDS; i++)
		rows[i] = (record) { .peer = "",
				     .received = time,
				     .body = { .type = HUB_RECORD_READING,
					       .reading = { r->clouds[i].code,
							    channel,
							    q->name,
							    q->unit,
							    HUB_INTERVAL,
							    0,
							    { (int64_t)(n % 100), 2 },
							    time - MINUTE,
							    time } } };
	hub_status st = intake_run(worker, &source, &b, a, &answer, NULL);
	r->stored += st == HUB_OK ? answer.stored : 0;
	return st == HUB_OK && answer.stored != CLOUDS ? HUB_FAILED : st;
}

static void *send_on(void *user)
{
	run *r = user;
	arena a;
	arena_init(&a, 0);
	for (uint64_t n = 0; !r->failed && !r->stop; n++) {
		if (send_batch(r, r->stage.worker, n, &a) != HUB_OK)
			r->failed = true;
		arena_reset(&a);
	}
	arena_fini(&a);
	return NULL;
}

static hub_status add_meter(run *r, store *db, cloud *c, hub_fault *fault)
{
	int64_t home, id;
	bool changed;
	hub_status st = party_put(db, &(party) { .code = c->home, .name_zh = "", .name_en = "", .kind = "household" },
				  &home, NULL, fault);
	const point_party parties[] = { { .role = "occupant", .party = home },
					{ .role = "supplier", .party = r->water } };
	const point p = { .code = c->code,
			  .commodity = "water",
			  .name_zh = "",
			  .name_en = "",
			  .zone = "Asia/Shanghai",
			  .interval = 60,
			  .parties = parties,
			  .party_count = 2 };
	const device d = { .party = r->water, .meter = c->code, .maker = "", .model = "", .multiplier = { 1, 0 } };
	installation at = { .channel = "", .valid_from = r->from - MINUTE };
	if (st == HUB_OK)
		st = point_put(db, &p, &c->point, NULL, fault);
	if (st == HUB_OK)
		st = device_put(db, &d, &at.device, &changed, fault);
	at.point = c->point;
	return st == HUB_OK ? device_install(db, &at, &id, &changed, fault) : st;
}

static hub_status add_cloud(run *r, store *db, unsigned n, unsigned port, hub_fault *fault)
{
	const char *role = "third_party";
	cloud *c = &r->clouds[n];
	char url[64] = "";
	int64_t who, id;
	c->of = r;
	snprintf(c->code, sizeof c->code, "cloud%02u", n);
	snprintf(c->home, sizeof c->home, "home%02u", n);
	if (is_webhook(n))
		snprintf(url, sizeof url, "http://127.0.0.1:%u/", port);
	hub_status st = party_put(
	    db,
	    &(party) {
		.code = c->code, .name_zh = "", .name_en = "", .kind = "service", .roles = &role, .role_count = 1 },
	    &who, NULL, fault);
	const subscription s = { .party = who,
				 .name = "",
				 .door = is_webhook(n)	  ? "webhook"
					 : is_brokered(n) ? "mqtt"
							  : "pull" };
	if (st == HUB_OK)
		st = add_meter(r, db, c, fault);
	if (st == HUB_OK)
		st = subscribe_add(db, &s, &(subscribe_door) { .target = url, .count = 10 }, &id, fault);
	return st == HUB_OK ? token_new(db, who, "", 0, 0, c->token, &id, fault) : st;
}

static hub_status add_town(run *r, const unsigned *ports)
{
	hub_fault *fault = r->stage.fault;
	store *db = r->stage.db;
	hub_status st = store_begin(db);
	if (st == HUB_OK)
		st = party_put(db, &(party) { .code = "water", .name_zh = "", .name_en = "", .kind = "utility" },
			       &r->water, NULL, fault);
	for (unsigned n = 0; st == HUB_OK && n < CLOUDS; n++)
		st = add_cloud(r, db, n, ports[n], fault);
	return st == HUB_OK ? store_commit(db) : st;
}

/* Grant and withdrawal have a connection of their own, as the intake's is the sender's. */
static hub_status grant(store *db, cloud *c, arena *a, hub_fault *fault)
{
	const grant_wish wish = {
		.point = c->point, .grantor = c->home, .grantee = c->code, .purpose = "research", .by = "operator"
	};
	consent made;
	bool repeated;
	c->since = clock_monotonic();
	hub_status st = grant_make(db, &wish, clock_now(), a, &made, &repeated, fault);
	c->consent = made.id;
	return st;
}

static hub_status withdraw(store *db, cloud *c)
{
	bool changed;
	hub_status st = consent_withdraw(db, c->consent, c->home, &changed);
	c->since = clock_monotonic();
	c->consent = 0;
	c->until = 0;
	return st;
}

/* What is due for this one, if anything is. */
static hub_status step(store *db, cloud *c, arena *a, hub_fault *fault)
{
	int64_t now = clock_monotonic(), heard = c->heard;
	if (c->consent && !c->until && heard > c->since)
		c->until = now + FLOW / 4 + arc4random_uniform(FLOW);
	if (c->consent && c->until && now > c->until)
		return withdraw(db, c);
	if (c->consent && !c->until && now > c->since + PATIENCE) {
		hub_fault_set(fault, "bench.withdraw", "", "%s got no reading within 30 s of its consent", c->code);
		return HUB_FAILED;
	}
	if (c->consent || now < c->since + QUIET)
		return HUB_OK;
	if (c->since)
		c->took[c->rounds++] = heard > c->since ? (double)(heard - c->since) / 1e6 : 0;
	return c->rounds < ROUNDS ? grant(db, c, a, fault) : HUB_OK;
}

static hub_status play(run *r, store *db)
{
	const struct timespec pause = { 0, 2000000 };
	arena *a = &r->stage.memory;
	hub_status st = HUB_OK;
	for (unsigned done = 0; st == HUB_OK && done < CLOUDS;) {
		done = 0;
		for (unsigned n = 0; st == HUB_OK && n < CLOUDS; n++) {
			cloud *c = &r->clouds[n];
			if (c->rounds < ROUNDS)
				st = step(db, c, a, r->stage.fault);
			done += c->rounds == ROUNDS;
		}
		arena_reset(a);
		nanosleep(&pause, NULL);
		if (st == HUB_OK && r->failed) {
			hub_fault_set(r->stage.fault, "bench.withdraw", "", "the sender or a reader failed");
			st = HUB_FAILED;
		}
	}
	return st;
}

static int rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void report(run *r, const char *name, unsigned from, unsigned to)
{
	static double all[CLOUDS * ROUNDS];
	size_t count = 0;
	for (unsigned n = from; n < to; n++)
		for (unsigned i = 0; i < ROUNDS; i++)
			all[count++] = r->clouds[n].took[i];
	qsort(all, count, sizeof all[0], rising);
	bench_report(r->stage.bench, name, all[count * 99 / 100], "s p99", NULL, 0);
}

static hub_status start_threads(run *r)
{
	r->sending = !pthread_create(&r->sender, NULL, send_on, r);
	bool good = r->sending;
	for (unsigned n = WEBHOOKS + BROKERED; good && n < CLOUDS; n++) {
		r->clouds[n].running = !pthread_create(&r->clouds[n].thread, NULL, pull, &r->clouds[n]);
		good = r->clouds[n].running;
	}
	return good ? HUB_OK : HUB_FAILED;
}

static void end_threads(run *r)
{
	r->stop = true;
	for (unsigned n = 0; n < CLOUDS; n++)
		if (r->clouds[n].running)
			pthread_join(r->clouds[n].thread, NULL);
	if (r->sending)
		pthread_join(r->sender, NULL);
}

static hub_status measure(run *r)
{
	store *db = NULL;
	hub_status st = store_open(r->stage.conninfo, &db, r->stage.fault);
	int64_t begun = clock_monotonic();
	if (st == HUB_OK)
		st = start_threads(r);
	if (st == HUB_OK)
		st = play(r, db);
	int64_t took = clock_monotonic() - begun;
	end_threads(r);
	store_close(db);
	if (st != HUB_OK)
		return st;
	report(r, "deliver-withdraw", 0, CLOUDS);
	report(r, "deliver-withdraw-webhook", 0, WEBHOOKS);
	report(r, "deliver-withdraw-mqtt", WEBHOOKS, WEBHOOKS + BROKERED);
	report(r, "deliver-withdraw-pull", WEBHOOKS + BROKERED, CLOUDS);
	bench_report(r->stage.bench, "deliver-withdraw-load", (double)r->stored * 1e6 / (double)took, "readings/s",
		     NULL, 0);
	return HUB_OK;
}

static hub_status load_policies(run *r)
{
	char folder[PATH_MAX];
	bool changed;
	const hubconf conf = { .policies = "" };
	hub_status st = policy_folder(bench_ctl(r->stage.bench), &conf, folder, r->stage.fault);
	if (st == HUB_OK)
		st = api_new(&r->api);
	return st == HUB_OK ? inforce_load(api_rules(r->api), folder, "transition", &changed, r->stage.fault) : st;
}

hub_status bench_deliver_withdraw(bench *b, hub_fault *fault)
{
	static run r;
	unsigned ports[STREET_MAX] = { 0 };
	hub_status st = stage_open(&r.stage, b, "withdraw", true, fault);
	r.from = (clock_now() / MINUTE - 400000) * MINUTE;
	if (st == HUB_OK)
		st = load_policies(&r);
	if (st == HUB_OK)
		st = street_open(WEBHOOKS, heard_at_door, &r, &r.street, ports, fault);
	if (st == HUB_OK)
		st = add_town(&r, ports);
	if (st == HUB_OK)
		st = stage_start(&r.stage, false);
	for (unsigned n = WEBHOOKS; st == HUB_OK && n < WEBHOOKS + BROKERED; n++)
		st = stage_listen(&r.stage, r.clouds[n].code, &r.clouds[n], heard_by_broker);
	if (st == HUB_OK)
		st = measure(&r);
	stage_close(&r.stage);
	street_close(r.street);
	api_free(r.api);
	return st;
}
