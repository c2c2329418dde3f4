/*
 * Deliveries through the whole of it: PostgreSQL, hubd, egress and, for MQTT, mosquitto, as they are
 * installed, with recipients of our own on loopback. What is to be delivered is stored and numbered
 * before; the time runs from the subscriptions' release to the last acknowledgement.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/stage.h"
#include "ctl/street.h"
#include "deliver/subscribe.h"
#include "model/batch.h"
#include "model/quantity.h"
#include "store/device.h"
#include "store/party.h"
#include "store/point.h"

#define MINUTE INT64_C(60000000)
#define PATIENCE (120 * INT64_C(1000000))
#define LOOK 10000

enum { PARTIES_MAX = 50 };

typedef struct plan {
	const char *name, *unit, *door;
	unsigned parties, batches, readings; /* of each party: batches, of each batch: readings */
	uint32_t count;			     /* entries a message */
} plan;

typedef struct run {
	stage stage;
	const plan *plan;
	int64_t sender, parties[PARTIES_MAX], subscriptions[PARTIES_MAX];
	street *street;
	hub_time from;
} run;

static hub_status add_party(run *r, unsigned n, unsigned port)
{
	char code[16], url[64] = "";
	bool changed;
	int64_t point_id = 0, id;
	snprintf(code, sizeof code, "r%02u", n);
	hub_status st =
	    party_put(r->stage.db, &(party) { .code = code, .name_zh = "", .name_en = "", .kind = "utility" },
		      &r->parties[n], NULL, r->stage.fault);
	const point_party roles[] = { { .role = "operator", .party = r->sender },
				      { .role = "supplier", .party = r->parties[n] } };
	const point p = { .code = code,
			  .commodity = "electricity",
			  .name_zh = "",
			  .name_en = "",
			  .zone = "Asia/Shanghai",
			  .interval = 60,
			  .parties = roles,
			  .party_count = 2 };
	const device d = { .party = r->sender, .meter = code, .maker = "", .model = "", .multiplier = { 1, 0 } };
	installation at = { .channel = "", .valid_from = r->from - MINUTE };
	if (st == HUB_OK)
		st = point_put(r->stage.db, &p, &point_id, NULL, r->stage.fault);
	if (st == HUB_OK)
		st = device_put(r->stage.db, &d, &at.device, &changed, r->stage.fault);
	at.point = point_id;
	if (st == HUB_OK)
		st = device_install(r->stage.db, &at, &id, &changed, r->stage.fault);
	if (port)
		snprintf(url, sizeof url, "http://127.0.0.1:%u/", port);
	const subscription s = {
		.party = r->parties[n], .name = "", .points = &point_id, .point_count = 1, .door = r->plan->door
	};
	const subscribe_door door = { .target = url, .count = r->plan->count, .bytes = 224 * 1024 };
	return st == HUB_OK ? subscribe_add(r->stage.db, &s, &door, &r->subscriptions[n], r->stage.fault) : st;
}

static hub_status add_parties(run *r, const unsigned *ports)
{
	hub_status st = store_begin(r->stage.db);
	if (st == HUB_OK)
		st = party_put(r->stage.db, &(party) { .code = "sender", .name_zh = "", .name_en = "", .kind = "grid" },
			       &r->sender, NULL, r->stage.fault);
	for (unsigned n = 0; st == HUB_OK && n < r->plan->parties; n++)
		st = add_party(r, n, ports ? ports[n] : 0);
	return st == HUB_OK ? store_commit(r->stage.db) : st;
}

/* The batch'th batch of a party's meter, minute after minute. */
static hub_status store_one(run *r, unsigned n, unsigned number, arena *a)
{
	char source[24], meter[16];
	const quantity *q = quantity_find("active_energy_import");
	const unsigned count = r->plan->readings;
	snprintf(source, sizeof source, "bench-%u", n);
	snprintf(meter, sizeof meter, "r%02u", n);
	const batch_id id = { source, 1, (uint64_t)number * count + 1 };
	const trace_id trace = trace_new();
	buf bytes = { 0 }, packed = { 0 };
	batch_head_pack(&bytes, &id, &trace, count);
	for (unsigned i = 0; i < count; i++) {
		hub_time time = r->from + (hub_time)(number * count + i) * MINUTE;
		const record rec = { .peer = "",
				     .received = time,
				     .body = { .type = HUB_RECORD_READING,
					       .reading = { meter,
							    "",
							    q->name,
							    q->unit,
							    HUB_INTERVAL,
							    0,
							    { (int64_t)(number + i), 2 },
							    time - MINUTE,
							    time } } };
		buf_clear(&packed);
		record_pack(&packed, &rec);
		batch_record_pack(&bytes, packed.bytes, packed.len);
	}
	batch b;
	batch_answer answer;
	const intake_source from = { .party = r->sender, .numbered = true };
	hub_status st =
	    bytes.bad || packed.bad ? HUB_NOMEM : batch_unpack(bytes.bytes, bytes.len, a, &b, r->stage.fault);
	if (st == HUB_OK)
		st = intake_within(r->stage.worker, &from, &b, a, &answer, NULL);
	if (st == HUB_OK && answer.stored != count) {
		hub_fault_set(r->stage.fault, "bench.deliver", "", "%u of %u readings were stored", answer.stored,
			      count);
		st = HUB_FAILED;
	}
	buf_fini(&bytes);
	buf_fini(&packed);
	return st;
}

static hub_status store_all(run *r)
{
	hub_status st = HUB_OK;
	for (unsigned number = 0; st == HUB_OK && number < r->plan->batches; number++) {
		arena_reset(&r->stage.memory);
		st = store_begin(r->stage.db);
		for (unsigned n = 0; st == HUB_OK && n < r->plan->parties; n++)
			st = store_one(r, n, number, &r->stage.memory);
		if (st == HUB_OK)
			st = store_commit(r->stage.db);
	}
	return st;
}

/* Until `what` holds of every subscription. */
typedef bool (*holds)(const run *r, const outbox_head *h);

static hub_status until(run *r, holds what, const char *words)
{
	int64_t end = clock_monotonic() + PATIENCE;
	for (;;) {
		outbox_head *list;
		size_t count, good = 0;
		arena_reset(&r->stage.memory);
		hub_status st = outbox_list(r->stage.db, 0, &r->stage.memory, &list, &count);
		if (st != HUB_OK)
			return st;
		for (size_t i = 0; i < count; i++)
			good += what(r, &list[i]);
		if (good == r->plan->parties)
			return HUB_OK;
		if (clock_monotonic() > end) {
			hub_fault_set(r->stage.fault, "bench.deliver", "", "not within two minutes: %s (%zu of %u; %s)",
				      words, good, r->plan->parties, count ? list[0].last_message : "");
			return HUB_FAILED;
		}
		usleep(LOOK);
	}
}

static bool is_active(const run *r, const outbox_head *h)
{
	(void)r;
	return !strcmp(h->state, "active");
}

static bool is_numbered(const run *r, const outbox_head *h)
{
	return h->last == r->plan->batches;
}

static bool is_acknowledged(const run *r, const outbox_head *h)
{
	return h->acknowledged.position == r->plan->batches;
}

static hub_status measure(run *r)
{
	hub_status st = until(r, is_active, "targets echo their challenges");
	for (unsigned n = 0; st == HUB_OK && n < r->plan->parties; n++)
		st = outbox_pause(r->stage.db, r->parties[n], r->subscriptions[n], "the bench stores");
	if (st == HUB_OK)
		st = store_all(r);
	if (st == HUB_OK)
		st = until(r, is_numbered, "everything has a position");
	int64_t begun = clock_monotonic();
	for (unsigned n = 0; st == HUB_OK && n < r->plan->parties; n++)
		st = outbox_resume(r->stage.db, r->parties[n], r->subscriptions[n]);
	if (st == HUB_OK)
		st = until(r, is_acknowledged, "everything is acknowledged");
	double took = (double)(clock_monotonic() - begun) / 1e6;
	bool web = !strcmp(r->plan->door, "webhook");
	double total = (double)r->plan->parties * r->plan->batches * (web ? 1 : r->plan->readings);
	if (st == HUB_OK && r->street && street_taken(r->street) < (uint64_t)total) {
		hub_fault_set(r->stage.fault, "bench.deliver", "",
			      "acknowledged, but the endpoints saw fewer messages");
		return HUB_FAILED;
	}
	if (st == HUB_OK)
		bench_report(r->stage.bench, r->plan->name, total / took, r->plan->unit, NULL, 0);
	return st;
}

/* Nothing of it is left to deliver, so that the next bench is alone. */
static void end_run(run *r)
{
	for (unsigned n = 0; r->stage.db && n < r->plan->parties; n++)
		if (r->subscriptions[n])
			subscription_end(r->stage.db, r->parties[n], r->subscriptions[n]);
	stage_close(&r->stage);
	street_close(r->street);
}

hub_status bench_deliver_webhook(bench *b, hub_fault *fault)
{
	static const plan p = { "deliver-webhook", "messages/s", "webhook", 50, 600, 1, 1 };
	static run r;
	unsigned ports[STREET_MAX];
	r = (run) { .plan = &p, .from = (clock_now() / MINUTE - 3000) * MINUTE };
	hub_status st = stage_open(&r.stage, b, p.door, false, fault);
	if (st == HUB_OK)
		st = street_open(p.parties, NULL, NULL, &r.street, ports, fault);
	if (st == HUB_OK)
		st = add_parties(&r, ports);
	if (st == HUB_OK)
		st = stage_start(&r.stage, false);
	if (st == HUB_OK)
		st = measure(&r);
	end_run(&r);
	return st;
}

/* Acknowledges what came, as a careful recipient does. */
static void on_message(struct mosquitto *m, void *user, const struct mosquitto_message *msg)
{
	stage_acknowledge(m, user, msg);
}

hub_status bench_deliver_mqtt(bench *b, hub_fault *fault)
{
	static const plan p = { "deliver-mqtt", "readings/s", "mqtt", 10, 40, 500, 10 };
	static run r;
	static char codes[PARTIES_MAX][16];
	r = (run) { .plan = &p, .from = (clock_now() / MINUTE - 30000) * MINUTE };
	hub_status st = stage_open(&r.stage, b, p.door, true, fault);
	if (st == HUB_OK)
		st = add_parties(&r, NULL);
	if (st == HUB_OK)
		st = stage_start(&r.stage, false);
	for (unsigned n = 0; st == HUB_OK && n < p.parties; n++) {
		snprintf(codes[n], sizeof codes[n], "r%02u", n);
		st = stage_listen(&r.stage, codes[n], codes[n], on_message);
	}
	if (st == HUB_OK)
		st = measure(&r);
	end_run(&r);
	return st;
}
