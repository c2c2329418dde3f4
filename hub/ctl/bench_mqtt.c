/*
 * One reading a message: many clients publish at QoS 1 to the broker as it is installed, and the time
 * runs until the last reading is committed, through adapterd and hubd. In the same run the same
 * clients publish to the broker without our plug-in, alone and with a subscriber that does nothing.
 */
#include <mosquitto.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/ask.h"
#include "ctl/mqtt.h"
#include "ctl/process.h"
#include "ctl/stage.h"
#include "ctl/swarm.h"
#include "store/device.h"
#include "store/instance.h"
#include "store/party.h"
#include "store/point.h"
#include "store/receipt.h"

#define MINUTE INT64_C(60000000)
#define PATIENCE (120 * INT64_C(1000000))
#define LOOK 10000

enum { CLIENTS = 50, WINDOW = 20, METERS = 1000, MESSAGES = 60000, PAGE = 100 };

static const char topic[] = "hub/v1/sender/in/day", source[] = "bench-mqtt";

typedef struct run {
	stage stage;
	hub_time from;
	pid_t plain; /* the broker without our plug-in */
	struct mosquitto *idler;
	volatile uint64_t idled;
	uint64_t seen, stored; /* the newest receipt that was counted; readings up to it */
} run;

static size_t make(void *user, uint64_t number, char *out, size_t size)
{
	const run *r = user;
	char start[CLOCK_TEXT], end[CLOCK_TEXT];
	hub_time at = r->from + (hub_time)(number / METERS) * MINUTE;
	return (size_t)snprintf(
	    out, size,
	    "{\"meter\":\"m%04u\",\"quantity\":\"active_energy_import\",\"value\":\"%u.%02u\",\"unit\":\"kWh\","
	    "\"start\":\"%s\",\"time\":\"%s\"}",
	    (unsigned)(number % METERS), (unsigned)(number % 7), (unsigned)(number % 100), clock_text(at, start),
	    clock_text(at + MINUTE, end));
}

static hub_status add_meters(run *r)
{
	store *db = r->stage.db;
	int64_t party_id, id;
	bool changed;
	hub_status st = store_begin(db);
	if (st == HUB_OK)
		st = party_put(db, &(party) { .code = "sender", .name_zh = "", .name_en = "", .kind = "grid" },
			       &party_id, NULL, r->stage.fault);
	for (unsigned n = 0; st == HUB_OK && n < METERS; n++) {
		char meter[16];
		snprintf(meter, sizeof meter, "m%04u", n);
		const point_party role = { .role = "operator", .party = party_id };
		const point p = { .code = meter,
				  .commodity = "electricity",
				  .name_zh = "",
				  .name_en = "",
				  .zone = "Asia/Shanghai",
				  .interval = 60,
				  .parties = &role,
				  .party_count = 1 };
		const device d = {
			.party = party_id, .meter = meter, .maker = "", .model = "", .multiplier = { 1, 0 }
		};
		installation at = { .channel = "", .valid_from = r->from - MINUTE };
		st = point_put(db, &p, &at.point, NULL, r->stage.fault);
		if (st == HUB_OK)
			st = device_put(db, &d, &at.device, &changed, r->stage.fault);
		if (st == HUB_OK)
			st = device_install(db, &at, &id, &changed, r->stage.fault);
	}
	const instance reader = { .name = source,
				  .zone = "adapterd",
				  .party = party_id,
				  .adapter = "mqtt_json",
				  .options = "{}",
				  .transport = "{\"kind\":\"journal\"}",
				  .journal = "{}",
				  .enabled = true };
	if (st == HUB_OK)
		st = instance_put(db, &reader, &changed, r->stage.fault);
	return st == HUB_OK ? store_commit(db) : st;
}

/* Adds what newer receipts say. */
static hub_status count_stored(run *r)
{
	uint64_t before = 0, newest = r->seen;
	size_t count = PAGE;
	hub_status st = HUB_OK;
	while (st == HUB_OK && count == PAGE) {
		receipt *list;
		arena_reset(&r->stage.memory);
		st = receipt_list(r->stage.db, source, before, PAGE, &r->stage.memory, &list, &count);
		for (size_t i = 0; st == HUB_OK && i < count; i++) {
			if (list[i].id <= r->seen) {
				count = 0;
				break;
			}
			newest = list[i].id > newest ? list[i].id : newest;
			before = list[i].id;
			r->stored += list[i].stored;
		}
	}
	r->seen = newest;
	return st;
}

static hub_status until_stored(run *r, uint64_t wanted)
{
	int64_t end = clock_monotonic() + PATIENCE;
	hub_status st = HUB_OK;
	while (st == HUB_OK && (st = count_stored(r)) == HUB_OK && r->stored < wanted) {
		if (clock_monotonic() > end) {
			hub_fault_set(r->stage.fault, "bench.mqtt", "",
				      "%llu of %llu readings were stored within two minutes",
				      (unsigned long long)r->stored, (unsigned long long)wanted);
			return HUB_FAILED;
		}
		usleep(LOOK);
	}
	return st;
}

static double per_second(uint64_t count, int64_t since)
{
	return (double)count * 1e6 / (double)(clock_monotonic() - since);
}

/* Before that the broker takes nothing. */
static hub_status until_read(run *r)
{
	int64_t end = clock_monotonic() + PATIENCE;
	hub_status st = HUB_AGAIN;
	while (st == HUB_AGAIN && clock_monotonic() < end) {
		st = ask_reading(&r->stage.place, "adapterd", 1, "sender", &r->stage.memory, r->stage.fault);
		usleep(LOOK);
	}
	return st;
}

/* The hub: PUBACKs a second, and readings a second to COMMIT. */
static hub_status measure_hub(run *r, double *ret_acknowledged, double *ret_stored)
{
	char path[300];
	const char *token;
	swarm *s = NULL;
	hub_time now = clock_now();
	hub_status st =
	    mqtt_token(&r->stage.there, "sender", now, now + 60 * MINUTE, &r->stage.memory, &token, r->stage.fault);
	snprintf(path, sizeof path, "%s/zone/run/mqtt.sock", r->stage.there.data);
	if (st == HUB_OK)
		st = until_read(r);
	if (st == HUB_OK)
		st = swarm_connect(path, CLIENTS, "sender", token, &s, r->stage.fault);
	/* One of each meter first: until they are stored, somebody is still starting. */
	if (st == HUB_OK)
		st = swarm_publish(s, topic, METERS, WINDOW, make, r, r->stage.fault);
	if (st == HUB_OK)
		st = until_stored(r, METERS);
	r->from += MINUTE;
	int64_t begun = clock_monotonic();
	if (st == HUB_OK)
		st = swarm_publish(s, topic, MESSAGES, WINDOW, make, r, r->stage.fault);
	*ret_acknowledged = per_second(MESSAGES, begun);
	if (st == HUB_OK)
		st = until_stored(r, METERS + MESSAGES);
	*ret_stored = per_second(MESSAGES, begun);
	swarm_close(s);
	return st;
}

static hub_status start_plain(run *r)
{
	char conf[300], text[700];
	snprintf(conf, sizeof conf, "%s/plain.conf", r->stage.there.data);
	int n =
	    snprintf(text, sizeof text,
		     "allow_anonymous true\npersistence false\nsys_interval 0\nlog_dest none\nmax_queued_messages 0\n"
		     "listener 0 %s/plain.sock\n",
		     r->stage.there.data);
	FILE *out = fopen(conf, "w");
	bool good = out && fwrite(text, 1, (size_t)n, out) == (size_t)n;
	if ((out && fclose(out)) || !good) {
		hub_fault_set(r->stage.fault, "bench.mqtt", "", "%s cannot be written", conf);
		return HUB_FAILED;
	}
	const char *const argv[] = { MQTT_PROGRAM, "-c", conf, NULL };
	const process_spec spec = { .argv = argv, .death_signal = SIGKILL, .output = -1 };
	return process_start(&spec, &r->plain, r->stage.fault);
}

static void idle(struct mosquitto *m, void *user, const struct mosquitto_message *msg)
{
	run *r = user;
	(void)m, (void)msg;
	__atomic_fetch_add(&r->idled, 1, __ATOMIC_RELAXED);
}

static hub_status start_idler(run *r, const char *path)
{
	r->idler = mosquitto_new("idler", true, r);
	if (!r->idler)
		return HUB_NOMEM;
	mosquitto_message_callback_set(r->idler, idle);
	if (!mosquitto_connect(r->idler, path, 0, 60) && !mosquitto_loop_start(r->idler) &&
	    !mosquitto_subscribe(r->idler, NULL, topic, 1))
		return HUB_OK;
	hub_fault_set(r->stage.fault, "bench.mqtt", "", "the subscriber cannot listen");
	return HUB_FAILED;
}

/* The broker alone: PUBACKs a second; with the subscriber, messages a second to the last that it was given. */
static hub_status measure_plain(run *r, double *ret_alone, double *ret_idle)
{
	char path[300];
	swarm *s = NULL;
	snprintf(path, sizeof path, "%s/plain.sock", r->stage.there.data);
	hub_status st = start_plain(r);
	if (st == HUB_OK)
		st = swarm_connect(path, CLIENTS, NULL, NULL, &s, r->stage.fault);
	int64_t begun = clock_monotonic();
	if (st == HUB_OK)
		st = swarm_publish(s, topic, MESSAGES, WINDOW, make, r, r->stage.fault);
	*ret_alone = per_second(MESSAGES, begun);
	if (st == HUB_OK)
		st = start_idler(r, path);
	/* It has subscribed once it hears. */
	while (st == HUB_OK && !r->idled)
		st = swarm_publish(s, topic, 1, 1, make, r, r->stage.fault);
	uint64_t before = r->idled;
	begun = clock_monotonic();
	if (st == HUB_OK)
		st = swarm_publish(s, topic, MESSAGES, WINDOW, make, r, r->stage.fault);
	while (st == HUB_OK && r->idled < before + MESSAGES && clock_monotonic() < begun + PATIENCE)
		usleep(LOOK);
	*ret_idle = per_second(MESSAGES, begun);
	swarm_close(s);
	return st;
}

static void end_run(run *r)
{
	int status;
	if (r->idler) {
		mosquitto_disconnect(r->idler);
		mosquitto_loop_stop(r->idler, false);
		mosquitto_destroy(r->idler);
	}
	if (r->plain) {
		process_signal(r->plain, SIGKILL);
		process_wait(r->plain, 1000000, &status);
	}
	stage_close(&r->stage);
}

hub_status bench_intake_mqtt(bench *b, hub_fault *fault)
{
	static run r;
	double acknowledged = 0, stored = 0, alone = 0, idled = 0;
	r = (run) { .from = (clock_now() / MINUTE - 30000) * MINUTE };
	hub_status st = stage_open(&r.stage, b, "intake", true, fault);
	if (st == HUB_OK)
		st = add_meters(&r);
	if (st == HUB_OK)
		st = measure_plain(&r, &alone, &idled);
	if (st == HUB_OK)
		st = stage_start(&r.stage, true);
	if (st == HUB_OK)
		st = measure_hub(&r, &acknowledged, &stored);
	if (st == HUB_OK) {
		bench_report(b, "intake-mqtt1", stored, "readings/s", "broker without plug-in, do-nothing subscriber",
			     idled);
		bench_report(b, "intake-mqtt1-puback", acknowledged, "messages/s", "broker without plug-in", alone);
	}
	end_run(&r);
	return st;
}
