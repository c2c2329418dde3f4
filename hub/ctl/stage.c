#include "ctl/stage.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/hubconf.h"
#include "ctl/mqtt.h"
#include "ctl/policy_load.h"
#include "ctl/process.h"

#define LOOK 10000

static hub_status prepare_broker(stage *s)
{
	/* Nobody comes that way: our recipients use the socket. */
	char listen[32];
	snprintf(listen, sizeof listen, "127.0.0.1:%d", bench_port());
	const hubconf conf = { .mqtt = { .listen = listen, .tls_listen = "", .token_listen = "", .cert = "", .key = "",
					 .journal = 64 << 20 },
			       .topology = "transition",
			       .policies = "" };
	mosquitto_lib_init();
	return mqtt_prepare(&s->there, &s->place, &conf, s->fault);
}

hub_status stage_open(stage *s, bench *b, const char *folder, bool mqtt, hub_fault *fault)
{
	const char *directory;
	*s = (stage) { .bench = b, .mqtt = mqtt, .fault = fault };
	arena_init(&s->memory, 0);
	hub_status st = bench_database(b, &s->conninfo, fault);
	if (st == HUB_OK)
		st = bench_directory(b, &directory, fault);
	if (st != HUB_OK)
		return st;
	s->there = *bench_ctl(b);
	char *data = malloc(300);
	if (!data)
		return HUB_NOMEM;
	snprintf(data, 300, "%s/%s", directory, folder);
	s->there.data = data;
	s->there.conninfo = s->conninfo;
	st = place_find(&s->there, &s->place, fault);
	if (st == HUB_OK)
		st = place_root(&s->place, fault);
	if (st == HUB_OK)
		st = place_make(&s->place, fault);
	if (st == HUB_OK && mqtt)
		st = prepare_broker(s);
	if (st == HUB_OK)
		st = store_open(s->conninfo, &s->db, fault);
	if (st == HUB_OK)
		st = policy_installed(&s->there, &s->policies, fault);
	if (st == HUB_OK)
		st = intake_new(&judge_rules_default, s->policies, &s->in);
	return st == HUB_OK ? intake_worker_new(s->in, s->db, &s->worker) : st;
}

hub_status stage_launch(stage *s, size_t slot, const char *const *argv)
{
	char path[300];
	snprintf(path, sizeof path, "%s/daemon%zu.log", s->there.data, slot);
	FILE *log = fopen(path, "w");
	const process_spec spec = { .argv = argv, .death_signal = SIGKILL, .output = log ? fileno(log) : -1 };
	hub_status st = process_start(&spec, &s->daemons[slot], s->fault);
	if (log)
		fclose(log);
	return st;
}

hub_status stage_start(stage *s, bool adapters)
{
	char hubd[300], egress[300], adapterd[300], database[400], base[300], keys[300], outer[300], conf[300];
	snprintf(hubd, sizeof hubd, "%s/hubd", s->there.programs);
	snprintf(egress, sizeof egress, "%s/egress", s->there.programs);
	snprintf(adapterd, sizeof adapterd, "%s/adapterd", s->there.programs);
	snprintf(database, sizeof database, "--database=%s", s->conninfo);
	snprintf(base, sizeof base, "--zone-base=ipc://%s/zone/run", s->there.data);
	snprintf(keys, sizeof keys, "--keys=%s/core/keys", s->there.data);
	snprintf(outer, sizeof outer, "--data=%s/zone", s->there.data);
	snprintf(conf, sizeof conf, "%s/zone/state/mosquitto.conf", s->there.data);
	const char *const a[] = { egress, outer, "--allow=127.0.0.0/8", NULL };
	const char *const b[] = { hubd, database, base, keys, adapters ? "--adapters=adapterd" : "--adapters=",
				  "--gateways=", NULL };
	const char *const c[] = { MQTT_PROGRAM, "-c", conf, NULL };
	const char *const d[] = { adapterd, outer, NULL };
	hub_status st = stage_launch(s, 0, a);
	if (st == HUB_OK)
		st = stage_launch(s, 1, b);
	if (st == HUB_OK && s->mqtt)
		st = stage_launch(s, 2, c);
	return st == HUB_OK && adapters ? stage_launch(s, 3, d) : st;
}

static int listen_on(stage *s, struct mosquitto *m, const char *code, const char *token)
{
	char path[300], topic[80];
	snprintf(path, sizeof path, "%s/zone/run/mqtt.sock", s->there.data);
	snprintf(topic, sizeof topic, "hub/v1/%s/out/#", code);
	int64_t end = clock_monotonic() + 10000000;
	int rc = mosquitto_username_pw_set(m, code, token);
	while (!rc && (rc = mosquitto_connect(m, path, 0, 60)) && clock_monotonic() < end) {
		usleep(LOOK);
		rc = 0;
	}
	return rc ? rc : mosquitto_loop_start(m) || mosquitto_subscribe(m, NULL, topic, 1);
}

hub_status stage_listen(stage *s, const char *code, void *user,
			void (*on_message)(struct mosquitto *, void *, const struct mosquitto_message *))
{
	const char *token;
	hub_time now = clock_now();
	if (s->listener_count == STAGE_LISTENERS)
		return HUB_RANGE;
	hub_status st = mqtt_token(&s->there, code, now, now + 3600000000, &s->memory, &token, s->fault);
	struct mosquitto *m = st == HUB_OK ? mosquitto_new(code, true, user) : NULL;
	if (!m)
		return st == HUB_OK ? HUB_NOMEM : st;
	s->listeners[s->listener_count++] = m;
	mosquitto_message_callback_set(m, on_message);
	int rc = listen_on(s, m, code, token);
	if (rc)
		hub_fault_set(s->fault, "bench.mqtt", "", "recipient %s cannot listen: %s", code,
			      mosquitto_strerror(rc));
	return rc ? HUB_FAILED : HUB_OK;
}

void stage_acknowledge(struct mosquitto *m, const char *code, const struct mosquitto_message *msg)
{
	long long number = 0;
	unsigned long long last = 0;
	char topic[80], said[80];
	const char *text = msg->payload, *at = memmem(text, (size_t)msg->payloadlen, "\"subscription\":", 15);
	if (!at || sscanf(at, "\"subscription\":%lld,\"after\":%*u,\"first\":%*u,\"last\":%llu", &number, &last) != 2)
		return;
	snprintf(topic, sizeof topic, "hub/v1/%s/ack", code);
	int n = snprintf(said, sizeof said, "{\"subscription\":%lld,\"position\":%llu}", number, last);
	mosquitto_publish(m, NULL, topic, n, said, 1, false);
}

void stage_close(stage *s)
{
	int status;
	for (size_t i = 0; i < STAGE_DAEMONS; i++)
		if (s->daemons[i]) {
			process_signal(s->daemons[i], SIGTERM);
			if (!process_wait(s->daemons[i], 5000000, &status)) {
				process_signal(s->daemons[i], SIGKILL);
				process_wait(s->daemons[i], 1000000, &status);
			}
		}
	for (unsigned n = 0; n < s->listener_count; n++) {
		mosquitto_disconnect(s->listeners[n]);
		mosquitto_loop_stop(s->listeners[n], false);
		mosquitto_destroy(s->listeners[n]);
	}
	if (s->mqtt)
		mosquitto_lib_cleanup();
	intake_worker_free(s->worker);
	intake_free(s->in);
	inforce_free(s->policies);
	store_close(s->db);
	place_fini(&s->place);
	free((char *)s->there.data);
	arena_fini(&s->memory);
}
