/*
 * Deliveries through the whole of it: PostgreSQL, hubd, egress and, for MQTT, mosquitto, as they are
 * installed, with recipients of our own on loopback. What is to be delivered is stored and numbered
 * before; the time runs from the subscriptions' release to the last acknowledgement.
 */
#include <mosquitto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/bench.h"
#include "ctl/hubconf.h"
#include "ctl/mqtt.h"
#include "ctl/process.h"
#include "ctl/street.h"
#include "deliver/subscribe.h"
#include "intake/intake.h"
#include "model/batch.h"
#include "model/quantity.h"
#include "store/device.h"
#include "store/party.h"
#include "store/point.h"

#define MINUTE INT64_C(60000000)
#define PATIENCE (120 * INT64_C(1000000))
#define LOOK 10000

enum { PARTIES_MAX = 50, DAEMONS = 3 };

typedef struct plan {
	const char *name, *unit, *door;
	unsigned parties, batches, readings; /* of each party: batches, of each batch: readings */
	uint32_t count;			     /* entries a message */
} plan;

typedef struct run {
	bench *b;
	const plan *plan;
	ctl there; /* the bench's directory as a data directory */
	place place;
	store *db;
	intake *in;
	intake_worker *worker;
	arena memory;
	int64_t sender, parties[PARTIES_MAX], subscriptions[PARTIES_MAX];
	struct mosquitto *listeners[PARTIES_MAX];
	street *street;
	pid_t daemons[DAEMONS];
	hub_time from;
	hub_fault *fault;
} run;

static hub_status add_party(run *r, unsigned n, unsigned port)
{
	char code[16], url[64] = "";
	bool changed;
	int64_t point_id = 0, id;
	snprintf(code, sizeof code, "r%02u", n);
	hub_status st = party_put(r->db, &(party) { .code = code, .name_zh = "", .name_en = "", .kind = "utility" },
				  &r->parties[n], NULL, r->fault);
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
		st = point_put(r->db, &p, &point_id, NULL, r->fault);
	if (st == HUB_OK)
		st = device_put(r->db, &d, &at.device, &changed, r->fault);
	at.point = point_id;
	if (st == HUB_OK)
		st = device_install(r->db, &at, &id, &changed, r->fault);
	if (port)
		snprintf(url, sizeof url, "http://127.0.0.1:%u/", port);
	const subscription s = {
		.party = r->parties[n], .name = "", .points = &point_id, .point_count = 1, .door = r->plan->door
	};
	const subscribe_door door = { .target = url, .count = r->plan->count, .bytes = 224 * 1024 };
	return st == HUB_OK ? subscribe_add(r->db, &s, &door, &r->subscriptions[n], r->fault) : st;
}

static hub_status add_parties(run *r, const unsigned *ports)
{
	hub_status st = store_begin(r->db);
	if (st == HUB_OK)
		st = party_put(r->db, &(party) { .code = "sender", .name_zh = "", .name_en = "", .kind = "grid" },
			       &r->sender, NULL, r->fault);
	for (unsigned n = 0; st == HUB_OK && n < r->plan->parties; n++)
		st = add_party(r, n, ports ? ports[n] : 0);
	return st == HUB_OK ? store_commit(r->db) : st;
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
	hub_status st = bytes.bad || packed.bad ? HUB_NOMEM : batch_unpack(bytes.bytes, bytes.len, a, &b, r->fault);
	if (st == HUB_OK)
		st = intake_within(r->worker, &from, &b, a, &answer, NULL);
	if (st == HUB_OK && answer.stored != count) {
		hub_fault_set(r->fault, "bench.deliver", "", "%u of %u readings were stored", answer.stored, count);
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
		arena_reset(&r->memory);
		st = store_begin(r->db);
		for (unsigned n = 0; st == HUB_OK && n < r->plan->parties; n++)
			st = store_one(r, n, number, &r->memory);
		if (st == HUB_OK)
			st = store_commit(r->db);
	}
	return st;
}

static hub_status launch(run *r, size_t slot, const char *const *argv)
{
	char path[300];
	snprintf(path, sizeof path, "%s/daemon%zu.log", r->there.data, slot);
	FILE *log = fopen(path, "w");
	const process_spec spec = { .argv = argv, .death_signal = SIGKILL, .output = log ? fileno(log) : -1 };
	hub_status st = process_start(&spec, &r->daemons[slot], r->fault);
	if (log)
		fclose(log);
	return st;
}

static hub_status start_daemons(run *r, const char *conninfo)
{
	char hubd[300], egress[300], database[400], base[300], keys[300], outer[300], conf[300];
	snprintf(hubd, sizeof hubd, "%s/hubd", r->there.programs);
	snprintf(egress, sizeof egress, "%s/egress", r->there.programs);
	snprintf(database, sizeof database, "--database=%s", conninfo);
	snprintf(base, sizeof base, "--zone-base=ipc://%s/zone/run", r->there.data);
	snprintf(keys, sizeof keys, "--keys=%s/core/keys", r->there.data);
	snprintf(outer, sizeof outer, "--data=%s/zone", r->there.data);
	snprintf(conf, sizeof conf, "%s/zone/state/mosquitto.conf", r->there.data);
	const char *const a[] = { egress, outer, "--allow=127.0.0.0/8", NULL };
	const char *const b[] = { hubd, database, base, keys, "--adapters=", "--gateways=", NULL };
	const char *const c[] = { MQTT_PROGRAM, "-c", conf, NULL };
	hub_status st = launch(r, 0, a);
	if (st == HUB_OK)
		st = launch(r, 1, b);
	return st == HUB_OK && !strcmp(r->plan->door, "mqtt") ? launch(r, 2, c) : st;
}

/* Until `what` holds of every subscription. */
typedef bool (*holds)(const run *r, const outbox_head *h);

static hub_status until(run *r, holds what, const char *words)
{
	int64_t end = clock_monotonic() + PATIENCE;
	for (;;) {
		outbox_head *list;
		size_t count, good = 0;
		arena_reset(&r->memory);
		hub_status st = outbox_list(r->db, 0, &r->memory, &list, &count);
		if (st != HUB_OK)
			return st;
		for (size_t i = 0; i < count; i++)
			good += what(r, &list[i]);
		if (good == r->plan->parties)
			return HUB_OK;
		if (clock_monotonic() > end) {
			hub_fault_set(r->fault, "bench.deliver", "", "not within two minutes: %s (%zu of %u; %s)",
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
		st = outbox_pause(r->db, r->parties[n], r->subscriptions[n], "the bench stores");
	if (st == HUB_OK)
		st = store_all(r);
	if (st == HUB_OK)
		st = until(r, is_numbered, "everything has a position");
	int64_t begun = clock_monotonic();
	for (unsigned n = 0; st == HUB_OK && n < r->plan->parties; n++)
		st = outbox_resume(r->db, r->parties[n], r->subscriptions[n]);
	if (st == HUB_OK)
		st = until(r, is_acknowledged, "everything is acknowledged");
	double took = (double)(clock_monotonic() - begun) / 1e6;
	bool web = !strcmp(r->plan->door, "webhook");
	double total = (double)r->plan->parties * r->plan->batches * (web ? 1 : r->plan->readings);
	if (st == HUB_OK && r->street && street_taken(r->street) < (uint64_t)total) {
		hub_fault_set(r->fault, "bench.deliver", "", "acknowledged, but the endpoints saw fewer messages");
		return HUB_FAILED;
	}
	if (st == HUB_OK)
		bench_report(r->b, r->plan->name, total / took, r->plan->unit, NULL, 0);
	return st;
}

static hub_status open_run(run *r, const char **ret_conninfo)
{
	const char *directory;
	arena_init(&r->memory, 0);
	hub_status st = bench_database(r->b, ret_conninfo, r->fault);
	if (st == HUB_OK)
		st = bench_directory(r->b, &directory, r->fault);
	if (st != HUB_OK)
		return st;
	/* A folder for each bench, as the hub's data directory is. */
	r->there = *bench_ctl(r->b);
	char *data = malloc(300);
	if (!data)
		return HUB_NOMEM;
	snprintf(data, 300, "%s/%s", directory, r->plan->door);
	r->there.data = data;
	r->there.conninfo = *ret_conninfo;
	st = place_find(&r->there, &r->place, r->fault);
	if (st == HUB_OK)
		st = place_root(&r->place, r->fault);
	if (st == HUB_OK)
		st = place_make(&r->place, r->fault);
	if (st == HUB_OK)
		st = store_open(*ret_conninfo, &r->db, r->fault);
	if (st == HUB_OK)
		st = intake_new(&judge_rules_default, &r->in);
	return st == HUB_OK ? intake_worker_new(r->in, r->db, &r->worker) : st;
}

static void end_run(run *r)
{
	int status;
	for (size_t i = 0; i < DAEMONS; i++)
		if (r->daemons[i]) {
			process_signal(r->daemons[i], SIGTERM);
			if (!process_wait(r->daemons[i], 5000000, &status)) {
				process_signal(r->daemons[i], SIGKILL);
				process_wait(r->daemons[i], 1000000, &status);
			}
		}
	for (size_t n = 0; n < PARTIES_MAX; n++)
		if (r->listeners[n]) {
			mosquitto_disconnect(r->listeners[n]);
			mosquitto_loop_stop(r->listeners[n], false);
			mosquitto_destroy(r->listeners[n]);
		}
	for (unsigned n = 0; r->db && n < r->plan->parties; n++)
		if (r->subscriptions[n])
			subscription_end(r->db, r->parties[n], r->subscriptions[n]);
	street_close(r->street);
	intake_worker_free(r->worker);
	intake_free(r->in);
	store_close(r->db);
	place_fini(&r->place);
	free((char *)r->there.data);
	arena_fini(&r->memory);
}

hub_status bench_deliver_webhook(bench *b, hub_fault *fault)
{
	static const plan p = { "deliver-webhook", "messages/s", "webhook", 50, 600, 1, 1 };
	static run r;
	const char *conninfo;
	unsigned ports[STREET_MAX];
	r = (run) { .b = b, .plan = &p, .fault = fault, .from = (clock_now() / MINUTE - 3000) * MINUTE };
	hub_status st = open_run(&r, &conninfo);
	if (st == HUB_OK)
		st = street_open(p.parties, &r.street, ports, fault);
	if (st == HUB_OK)
		st = add_parties(&r, ports);
	if (st == HUB_OK)
		st = start_daemons(&r, conninfo);
	if (st == HUB_OK)
		st = measure(&r);
	end_run(&r);
	return st;
}

/* Acknowledges what came, as a careful recipient does. */
static void on_message(struct mosquitto *m, void *user, const struct mosquitto_message *msg)
{
	const char *who = user;
	long long number = 0;
	unsigned long long last = 0;
	char topic[40], said[80];
	const char *text = msg->payload, *at = memmem(text, (size_t)msg->payloadlen, "\"subscription\":", 15);
	if (!at || sscanf(at, "\"subscription\":%lld,\"first\":%*u,\"last\":%llu", &number, &last) != 2)
		return;
	snprintf(topic, sizeof topic, "hub/v1/%s/ack", who);
	int n = snprintf(said, sizeof said, "{\"subscription\":%lld,\"position\":%llu}", number, last);
	mosquitto_publish(m, NULL, topic, n, said, 1, false);
}

static hub_status add_listener(run *r, unsigned n)
{
	static char codes[PARTIES_MAX][8];
	char path[300], topic[40];
	const char *token;
	snprintf(codes[n], sizeof codes[n], "r%02u", n);
	snprintf(path, sizeof path, "%s/zone/run/mqtt.sock", r->there.data);
	snprintf(topic, sizeof topic, "hub/v1/%s/out/#", codes[n]);
	hub_status st =
	    mqtt_token(&r->there, codes[n], clock_now(), clock_now() + 3600000000, &r->memory, &token, r->fault);
	struct mosquitto *m = st == HUB_OK ? mosquitto_new(codes[n], true, codes[n]) : NULL;
	if (!m)
		return st == HUB_OK ? HUB_NOMEM : st;
	r->listeners[n] = m;
	mosquitto_message_callback_set(m, on_message);
	int64_t end = clock_monotonic() + 10000000;
	int rc = mosquitto_username_pw_set(m, codes[n], token);
	while (!rc && (rc = mosquitto_connect(m, path, 0, 60)) && clock_monotonic() < end) {
		usleep(LOOK);
		rc = 0;
	}
	if (!rc)
		rc = mosquitto_loop_start(m) || mosquitto_subscribe(m, NULL, topic, 1);
	if (rc)
		hub_fault_set(r->fault, "bench.mqtt", "", "recipient %s cannot listen: %s", codes[n],
			      mosquitto_strerror(rc));
	return rc ? HUB_FAILED : HUB_OK;
}

hub_status bench_deliver_mqtt(bench *b, hub_fault *fault)
{
	static const plan p = { "deliver-mqtt", "readings/s", "mqtt", 10, 40, 500, 10 };
	static run r;
	const char *conninfo;
	r = (run) { .b = b, .plan = &p, .fault = fault, .from = (clock_now() / MINUTE - 30000) * MINUTE };
	/* Nobody comes that way: our recipients use the socket. */
	char listen[32];
	snprintf(listen, sizeof listen, "127.0.0.1:%d", 20000 + (int)getpid() % 20000);
	const hubconf conf = { .mqtt = { .listen = listen, .tls_listen = "", .ca = "", .cert = "", .key = "" },
			       .topology = "transition",
			       .policies = "" };
	mosquitto_lib_init();
	hub_status st = open_run(&r, &conninfo);
	if (st == HUB_OK)
		st = mqtt_prepare(&r.there, &r.place, &conf, fault);
	if (st == HUB_OK)
		st = add_parties(&r, NULL);
	if (st == HUB_OK)
		st = start_daemons(&r, conninfo);
	for (unsigned n = 0; st == HUB_OK && n < p.parties; n++)
		st = add_listener(&r, n);
	if (st == HUB_OK)
		st = measure(&r);
	end_run(&r);
	mosquitto_lib_cleanup();
	return st;
}
