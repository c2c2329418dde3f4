/*
 * The charger port under load: dmzd and adapterd as they are, a fleet of stations, and in this
 * process a core that admits everybody and takes every batch.
 */
#include <fcntl.h>
#include <libgen.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/bench.h"
#include "ctl/fleet.h"
#include "ctl/process.h"
#include "identity/authority.h"
#include "model/batch.h"
#include "wire/call.h"
#include "wire/order.h"

enum { STATIONS = 10000, STATIONS_TLS = 10000, BATCH = 4096, PATH = 256, RUNS = 5, THREADS = 2 };
static const int64_t PATIENCE = 60000000, BEAT = 5000000;

typedef struct scene {
	bench *b;
	char root[PATH], programs[PATH];
	int port;
	bool tls;
	pid_t adapterd, dmzd;
	wire_answerer *intake, *calls;
	wire_asker *orders;
	uint64_t sequence, epoch;
	volatile size_t confirmed;
	fleet *fleet;
} scene;

static hub_status failed(hub_fault *fault, const char *what)
{
	hub_fault_set(fault, "bench.ocpp", "", "%s", what);
	return HUB_FAILED;
}

static hub_status on_intake(void *user, int worker, const uint8_t *msg, size_t len, buf *answer)
{
	scene *s = user;
	arena a;
	batch b;
	(void)worker;
	arena_init(&a, 0);
	hub_status st = batch_unpack(msg, len, &a, &b, NULL);
	if (st == HUB_OK) {
		for (size_t i = 0; i < b.count; i++)
			if (b.records[i].body.type == HUB_RECORD_RESULT &&
			    !strcmp(b.records[i].body.result.state, "confirmed"))
				__atomic_fetch_add(&s->confirmed, 1, __ATOMIC_RELAXED);
		batch_answer_pack(
		    answer,
		    &(batch_answer) { .id = b.id, .status = HUB_OK, .stored = (uint32_t)b.count, .message = "" });
	}
	arena_fini(&a);
	return st;
}

static hub_status on_call(void *user, int worker, const uint8_t *msg, size_t len, buf *answer)
{
	static const uint8_t body[] = "{\"instance\":\"chargers\"}";
	(void)user, (void)worker, (void)msg, (void)len;
	wire_reply_pack(answer, &(wire_reply) { .status = 200,
						.content_type = "application/json",
						.continuation = "",
						.body = body,
						.body_len = sizeof body - 1 });
	return HUB_OK;
}

static hub_status order(scene *s, const char *what, const char *subject, const buf *body, hub_fault *fault)
{
	buf msg = { 0 }, answer = { 0 };
	arena a;
	wire_report report = { .status = HUB_AGAIN, .message = "no answer" };
	const wire_order o = { .head = { WIRE_VERSION, WIRE_ORDER, "bench", s->epoch, ++s->sequence, trace_new() },
			       .what = what,
			       .subject = subject,
			       .body = body->bytes,
			       .body_len = body->len };
	arena_init(&a, 0);
	wire_order_pack(&msg, &o);
	hub_status st = wire_ask(s->orders, msg.bytes, msg.len, PATIENCE, PATIENCE, &answer);
	if (st == HUB_OK)
		st = wire_report_unpack(answer.bytes, answer.len, &a, &report, fault);
	if (st == HUB_OK && report.status != HUB_OK) {
		hub_fault_set(fault, "bench.ocpp", "", "adapterd: %.200s", report.message);
		st = HUB_FAILED;
	}
	buf_fini(&msg);
	buf_fini(&answer);
	arena_fini(&a);
	return st;
}

static bool write_file(const scene *s, const char *name, const buf *content)
{
	char path[2 * PATH];
	snprintf(path, sizeof path, "%s/state/%s", s->root, name);
	FILE *out = fopen(path, "wb");
	bool good = out && fwrite(content->bytes, 1, content->len, out) == content->len;
	return out && !fclose(out) && good;
}

static hub_status certificates(scene *s, hub_fault *fault)
{
	authority *a = NULL;
	buf ca = { 0 }, crl = { 0 }, cert = { 0 }, key = { 0 };
	const authority_grant grant = { "server", "localhost", clock_now(), 1 };
	hub_status st = authority_new("bench", 1, &a);
	if (st == HUB_OK)
		st = authority_crl(a, NULL, 0, 1, clock_now(), 1, &crl);
	if (st == HUB_OK)
		st = authority_issue(a, &grant, &cert, &key, fault);
	if (st == HUB_OK) {
		authority_cert_pem(a, &ca);
		if (!write_file(s, "ca.pem", &ca) || !write_file(s, "crl.pem", &crl) ||
		    !write_file(s, "server.crt", &cert) || !write_file(s, "server.key", &key))
			st = failed(fault, "certificates cannot be written");
	}
	authority_free(a);
	buf_fini(&ca);
	buf_fini(&crl);
	buf_fini(&cert);
	buf_fini(&key);
	return st;
}

static hub_status spawn(const scene *s, const char *program, const char *const *more, pid_t *ret, hub_fault *fault)
{
	char path[2 * PATH], data[2 * PATH], log[2 * PATH];
	const char *argv[10] = { path, data };
	snprintf(path, sizeof path, "%s/%s", s->programs, program);
	snprintf(data, sizeof data, "--data=%s", s->root);
	snprintf(log, sizeof log, "%s/%s.log", s->root, program);
	for (size_t i = 0; more[i]; i++)
		argv[2 + i] = more[i];
	int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	const process_spec spec = { .argv = argv, .death_signal = SIGKILL, .output = out };
	hub_status st = process_start(&spec, ret, fault);
	close(out);
	return st;
}

static hub_status start_daemons(scene *s, hub_fault *fault)
{
	char where[64];
	static const char *const none[] = { NULL };
	snprintf(where, sizeof where, "--charger-%s=127.0.0.1:%d", s->tls ? "listen" : "plain", s->port);
	const char *const door[] = { "--http-listen=127.0.0.1:0", where, "--rate=100000", "--burst=100000",
				     "--charger-messages=100000", NULL };
	hub_status st = spawn(s, "adapterd", none, &s->adapterd, fault);
	return st == HUB_OK ? spawn(s, "dmzd", door, &s->dmzd, fault) : st;
}

static hub_status dial(scene *s, hub_fault *fault)
{
	char url[2 * PATH];
	snprintf(url, sizeof url, "ipc://%s/run/adapterd.intake", s->root);
	hub_status st = wire_answer_dial(url, NULL, THREADS, on_intake, s, &s->intake, fault);
	snprintf(url, sizeof url, "ipc://%s/run/dmzd.call", s->root);
	if (st == HUB_OK)
		st = wire_answer_dial(url, NULL, THREADS, on_call, s, &s->calls, fault);
	snprintf(url, sizeof url, "ipc://%s/run/adapterd.order", s->root);
	return st == HUB_OK ? wire_ask_dial(url, NULL, &s->orders, fault) : st;
}

static hub_status configure(scene *s, hub_fault *fault)
{
	char path[2 * PATH];
	buf body = { 0 };
	int64_t until = clock_monotonic() + PATIENCE;
	buf_text(
	    &body,
	    "{\"version\":1,\"instances\":[{\"name\":\"chargers\",\"adapter\":\"ocpp16\",\"promise\":\"journalled\","
	    "\"options\":{\"read_back\":\"off\"},\"transport\":{\"kind\":\"websocket\"},\"journal\":{}}]}");
	hub_status st = order(s, "configure", "", &body, fault);
	buf_fini(&body);
	snprintf(path, sizeof path, "%s/run/chargers.session", s->root);
	while (st == HUB_OK && (access(path, F_OK) != 0 || !wire_answerer_connected(s->calls))) {
		if (clock_monotonic() > until)
			return failed(fault, "adapterd or dmzd did not begin");
		usleep(10000);
	}
	return st;
}

static hub_status scene_open(scene *s, bench *b, bool tls, size_t stations, hub_fault *fault)
{
	const char *directory;
	char exe[PATH] = "";
	*s = (scene) { .b = b, .tls = tls, .port = bench_port(), .epoch = (uint64_t)clock_now() };
	hub_status st = bench_directory(b, &directory, fault);
	if (st != HUB_OK)
		return st;
	snprintf(s->root, sizeof s->root, "%s/%s", directory, tls ? "wss" : "ws");
	char sub[2 * PATH];
	mkdir(s->root, 0700);
	snprintf(sub, sizeof sub, "%s/state", s->root);
	mkdir(sub, 0700);
	snprintf(sub, sizeof sub, "%s/run", s->root);
	mkdir(sub, 0700);
	if (readlink("/proc/self/exe", exe, sizeof exe - 1) <= 0)
		return failed(fault, "where the programs are is not known");
	snprintf(s->programs, sizeof s->programs, "%s", dirname(exe));
	st = tls ? certificates(s, fault) : HUB_OK;
	if (st == HUB_OK)
		st = start_daemons(s, fault);
	if (st == HUB_OK)
		st = dial(s, fault);
	if (st == HUB_OK)
		st = configure(s, fault);
	return st == HUB_OK ? fleet_connect(s->port, stations, tls, &s->fleet, fault) : st;
}

static void end(pid_t pid)
{
	int status;
	if (!pid)
		return;
	kill(pid, SIGTERM);
	if (!process_wait(pid, 10000000, &status)) {
		process_signal(pid, SIGKILL);
		process_wait(pid, 1000000, &status);
	}
}

static void scene_close(scene *s)
{
	fleet_close(s->fleet);
	end(s->dmzd);
	end(s->adapterd);
	wire_answerer_close(s->intake);
	wire_answerer_close(s->calls);
	wire_asker_close(s->orders);
}

/* kB of a process's proportional share. */
static long share(pid_t pid)
{
	char path[64], line[128];
	long kb = 0;
	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
	FILE *in = fopen(path, "r");
	while (in && fgets(line, sizeof line, in))
		if (sscanf(line, "Pss: %ld kB", &kb) == 1)
			break;
	if (in)
		fclose(in);
	return kb;
}

/* With its children. */
static long share_of_all(pid_t pid)
{
	char path[64];
	int child;
	long kb = share(pid);
	snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
	FILE *in = fopen(path, "r");
	while (in && fscanf(in, "%d", &child) == 1)
		kb += share(child);
	if (in)
		fclose(in);
	return kb;
}

/* Every station is told a limit; in as few orders as the wire's length allows. */
static hub_status tell_all(scene *s, int round, size_t stations, hub_fault *fault)
{
	const hub_setting arguments[] = { { "limit", "7.4" }, { "unit", "kW" }, { "duration", "900" } };
	hub_status st = HUB_OK;
	for (size_t first = 0; st == HUB_OK && first < stations; first += BATCH) {
		size_t count = stations - first < BATCH ? stations - first : BATCH;
		buf body = { 0 }, one = { 0 };
		buf_varint(&body, count);
		for (size_t i = 0; i < count; i++) {
			char id[32], meter[32];
			snprintf(id, sizeof id, "c%d-%zu", round, first + i);
			snprintf(meter, sizeof meter, "B%zu", first + i);
			const hub_command c = { id, "charger_limit", meter, "1", clock_now() + PATIENCE, arguments, 3 };
			buf_clear(&one);
			command_pack(&one, &c);
			buf_blob(&body, one.bytes, one.len);
		}
		st = body.bad ? HUB_NOMEM : order(s, "commands", "chargers", &body, fault);
		buf_fini(&body);
		buf_fini(&one);
	}
	return st;
}

typedef struct teller {
	scene *s;
	int round;
	size_t stations;
	hub_fault *fault;
	hub_status st;
} teller;

static void *run_teller(void *user)
{
	teller *t = user;
	t->st = tell_all(t->s, t->round, t->stations, t->fault);
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* From the first order's first byte to the last station's answer; median of five. */
static hub_status profiles(scene *s, size_t stations, hub_fault *fault)
{
	double took[RUNS];
	hub_status st = HUB_OK;
	for (int round = 0; st == HUB_OK && round < RUNS; round++) {
		pthread_t thread;
		int64_t last = 0, begun = clock_monotonic();
		teller t = { s, round, stations, fault, HUB_OK };
		if (pthread_create(&thread, NULL, run_teller, &t) != 0)
			return failed(fault, "no thread");
		st = fleet_obey(s->fleet, stations, begun + PATIENCE, &last, fault);
		pthread_join(thread, NULL);
		st = st == HUB_OK ? t.st : st;
		took[round] = (double)(last - begun) / 1e6;
	}
	if (st != HUB_OK)
		return st;
	qsort(took, RUNS, sizeof *took, by_size);
	bench_report(s->b, s->tls ? "ocpp-profile-tls" : "ocpp-profile", took[RUNS / 2], "s", NULL, 0);
	return HUB_OK;
}

static hub_status measure(bench *b, bool tls, size_t stations, hub_fault *fault)
{
	static scene s;
	uint64_t calls = 0;
	hub_status st = scene_open(&s, b, tls, stations, fault);
	if (st == HUB_OK)
		bench_report(b, tls ? "ocpp-memory-tls" : "ocpp-memory",
			     (double)(share_of_all(s.dmzd) + share_of_all(s.adapterd)) / 1024, "MB", NULL, 0);
	if (st == HUB_OK && !tls)
		st = fleet_beat(s.fleet, BEAT, &calls, fault);
	if (st == HUB_OK && !tls)
		bench_report(b, "ocpp-calls", (double)calls * 1e6 / (double)BEAT, "calls/s", NULL, 0);
	if (st == HUB_OK)
		st = profiles(&s, stations, fault);
	scene_close(&s);
	return st;
}

hub_status bench_ocpp(bench *b, hub_fault *fault)
{
	hub_status st = measure(b, false, STATIONS, fault);
	return st == HUB_OK ? measure(b, true, STATIONS_TLS, fault) : st;
}
