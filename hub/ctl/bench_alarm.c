/*
 * From a device's frame to an alarm's hand-over, through the whole of it: DL/T 645 frames over TCP into adapterd's journal,
 * hubd's intake with PostgreSQL, the sequencer, a signed webhook by egress, and an endpoint of our own that reads the
 * alarm. 20,000 readings a second flow meanwhile. A raised alarm's time runs from the write of its frame.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/bench.h"
#include "ctl/place.h"
#include "ctl/process.h"
#include "ctl/street.h"
#include "deliver/subscribe.h"
#include "model/quantity.h"
#include "store/alarm.h"
#include "store/device.h"
#include "store/instance.h"
#include "store/party.h"
#include "store/point.h"

#define SECOND INT64_C(1000000)
#define PATIENCE (120 * SECOND)
#define BEAT (SECOND / 100) /* between two writes */

enum { METERS = 4000, LINES = 4, RATE = 20000, WARM = 5 /* s */, MEASURED = 20 /* s */, ALARMS = 50 /* a second */, DAEMONS = 3,
       SAMPLES = MEASURED * ALARMS, FRAME = 19, PATH = 300 };

typedef struct run {
	bench *b;
	ctl there;
	place place;
	store *db;
	arena memory;
	int64_t party, subscription;
	int lines[LINES];
	unsigned ports[LINES];
	street *street;
	pid_t daemons[DAEMONS];
	_Atomic int64_t sent[METERS]; /* when the frame that goes over was written; 0: none waits */
	double samples[SAMPLES];
	atomic_size_t count;
	atomic_bool measuring;
	hub_fault *fault;
} run;

/* "point":"mN" of each alarm that is raised in a delivery's body. */
static void hear(void *user, unsigned door, const char *body, size_t len)
{
	(void)door;
	static const char name[] = "\"point\":\"m";
	run *r = user;
	const char *end = body + len;
	for (const char *at = body; (at = memmem(at, (size_t)(end - at), name, sizeof name - 1));) {
		at += sizeof name - 1;
		unsigned meter = (unsigned)strtoul(at, NULL, 10);
		const char *next = memmem(at, (size_t)(end - at), name, sizeof name - 1);
		bool over = memmem(at, (size_t)((next ? next : end) - at), "\"cleared\": false", 16);
		int64_t sent = over && meter < METERS ? atomic_exchange(&r->sent[meter], 0) : 0;
		size_t n = sent && r->measuring ? r->count++ : SAMPLES;
		if (n < SAMPLES)
			r->samples[n] = (double)(clock_monotonic() - sent) / 1e6;
	}
}

/* DL/T 645-2007: an answer with the active power, in 0.0001 kW. */
static void frame(uint8_t out[FRAME], unsigned meter, unsigned power)
{
	const uint8_t data[] = { 0x00, 0x00, 0x03, 0x02, 0, 0, 0 };
	char digits[16];
	uint8_t sum = 0, *p = out;
	snprintf(digits, sizeof digits, "%012u", meter + 1);
	*p++ = 0x68;
	for (int i = 5; i >= 0; i--)
		*p++ = (uint8_t)((digits[2 * i] - '0') << 4 | (digits[2 * i + 1] - '0'));
	*p++ = 0x68;
	*p++ = 0x91;
	*p++ = sizeof data;
	for (size_t i = 0; i < 4; i++)
		*p++ = (uint8_t)(data[i] + 0x33);
	for (int i = 0; i < 3; i++, power /= 100)
		*p++ = (uint8_t)((power / 10 % 10 << 4 | power % 10) + 0x33);
	for (const uint8_t *q = out; q < p; q++)
		sum = (uint8_t)(sum + *q);
	*p++ = sum;
	*p = 0x16;
}

static hub_status add_meter(run *r, unsigned n)
{
	char code[16], meter[16];
	int64_t id, point_id;
	bool changed;
	snprintf(code, sizeof code, "m%u", n);
	snprintf(meter, sizeof meter, "%012u", n + 1);
	const point_party role = { .role = "operator", .party = r->party };
	const point p = { .code = code,
			  .commodity = "electricity",
			  .name_zh = "",
			  .name_en = "",
			  .zone = "Asia/Shanghai",
			  .parties = &role,
			  .party_count = 1 };
	const device d = { .party = r->party, .meter = meter, .maker = "", .model = "", .multiplier = { 1, 0 } };
	installation at = { .channel = "", .valid_from = clock_now() - 3600 * SECOND };
	hub_status st = point_put(r->db, &p, &point_id, NULL, r->fault);
	if (st == HUB_OK)
		st = device_put(r->db, &d, &at.device, &changed, r->fault);
	at.point = st == HUB_OK ? point_id : 0;
	if (st == HUB_OK)
		st = device_install(r->db, &at, &id, &changed, r->fault);
	const alarm_rule rule = { .point = at.point,
				  .party = r->party,
				  .kind = "value_over",
				  .standing = "safe",
				  .channel = "",
				  .quantity = quantity_find("active_power")->number,
				  .raise = { 10, 0 },
				  .clear = { 9, 0 },
				  .severity = "major",
				  .subject = "",
				  .set_by = "bench" };
	return st == HUB_OK ? alarm_rule_add(r->db, &rule, &id, r->fault) : st;
}

static hub_status add_line(run *r, unsigned n)
{
	char name[16], transport[80];
	bool changed;
	r->ports[n] = (unsigned)bench_port();
	snprintf(name, sizeof name, "line%u", n);
	snprintf(transport, sizeof transport, "{\"kind\":\"tcp_server\",\"listen\":\"127.0.0.1:%u\"}", r->ports[n]);
	const instance i = { .name = name,
			     .zone = "adapterd",
			     .party = r->party,
			     .adapter = "dlt645",
			     .options = "{\"interval\":\"0\"}",
			     .transport = transport,
			     .journalled = true,
			     .journal = "",
			     .enabled = true };
	return instance_put(r->db, &i, &changed, r->fault);
}

static hub_status add_all(run *r, unsigned port)
{
	static const char *const kinds[] = { "alarm.value_over" };
	char url[64];
	snprintf(url, sizeof url, "http://127.0.0.1:%u/", port);
	hub_status st = store_begin(r->db);
	if (st == HUB_OK)
		st = party_put(r->db, &(party) { .code = "grid", .name_zh = "", .name_en = "", .kind = "grid" }, &r->party, NULL,
			       r->fault);
	for (unsigned n = 0; st == HUB_OK && n < METERS; n++)
		st = add_meter(r, n);
	for (unsigned n = 0; st == HUB_OK && n < LINES; n++)
		st = add_line(r, n);
	if (st == HUB_OK)
		st = store_commit(r->db);
	const subscription s = { .party = r->party,
				 .name = "",
				 .types = 1u << HUB_RECORD_EVENT,
				 .kinds = kinds,
				 .kind_count = 1,
				 .door = "webhook" };
	const subscribe_door door = { .target = url, .count = 100, .bytes = 64 * 1024 };
	return st == HUB_OK ? subscribe_add(r->db, &s, &door, &r->subscription, r->fault) : st;
}

static hub_status launch(run *r, size_t slot, const char *const *argv)
{
	char path[PATH];
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
	char hubd[PATH], egress[PATH], adapterd[PATH], database[400], base[PATH], keys[PATH], outer[PATH];
	snprintf(hubd, sizeof hubd, "%s/hubd", r->there.programs);
	snprintf(egress, sizeof egress, "%s/egress", r->there.programs);
	snprintf(adapterd, sizeof adapterd, "%s/adapterd", r->there.programs);
	snprintf(database, sizeof database, "--database=%s", conninfo);
	snprintf(base, sizeof base, "--zone-base=ipc://%s/zone/run", r->there.data);
	snprintf(keys, sizeof keys, "--keys=%s/core/keys", r->there.data);
	snprintf(outer, sizeof outer, "--data=%s/zone", r->there.data);
	const char *const a[] = { egress, outer, "--allow=127.0.0.0/8", NULL };
	const char *const b[] = { hubd, database, base, keys, "--gateways=", NULL };
	const char *const c[] = { adapterd, outer, NULL };
	hub_status st = launch(r, 0, a);
	if (st == HUB_OK)
		st = launch(r, 1, c);
	return st == HUB_OK ? launch(r, 2, b) : st;
}

static int dial(unsigned port)
{
	const struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof at)) {
		close(fd);
		return -1;
	}
	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	return fd;
}

static hub_status failed(run *r, const char *what)
{
	hub_fault_set(r->fault, "bench.alarm", "", "%s", what);
	return HUB_FAILED;
}

static hub_status get_ready(run *r)
{
	int64_t end = clock_monotonic() + PATIENCE;
	outbox_head h = { .state = "" };
	for (unsigned n = 0; n < LINES; n++)
		while ((r->lines[n] = dial(r->ports[n])) < 0) {
			if (clock_monotonic() > end)
				return failed(r, "adapterd does not listen");
			usleep(20000);
		}
	while (strcmp(h.state, "active") != 0) {
		arena_reset(&r->memory);
		hub_status st = outbox_get(r->db, r->party, r->subscription, &r->memory, &h);
		if (st != HUB_OK || clock_monotonic() > end)
			return st != HUB_OK ? st : failed(r, "the endpoint is not asked for its challenge");
		usleep(20000);
	}
	return HUB_OK;
}

/* A beat's frames, each meter in its turn; of every second beat the first goes over in one of two turns, and is back in the next. */
static bool beat(run *r, uint64_t number)
{
	enum { EACH = RATE / 100 / LINES, PER_ALARM = 100 / ALARMS };
	uint8_t bytes[EACH * FRAME];
	for (unsigned line = 0; line < LINES; line++) {
		for (unsigned i = 0; i < EACH; i++) {
			uint64_t turn = number * EACH + i;
			unsigned meter = (unsigned)(turn % (METERS / LINES)) * LINES + line;
			bool over = !line && !i && number % PER_ALARM == 0 && !(turn / (METERS / LINES) % 2);
			frame(bytes + i * FRAME, meter, over ? 123456 : 31000 + (unsigned)(turn % 1000));
			if (over)
				atomic_store(&r->sent[meter], clock_monotonic());
		}
		for (size_t at = 0; at < sizeof bytes;) {
			ssize_t n = send(r->lines[line], bytes + at, sizeof bytes - at, MSG_NOSIGNAL);
			if (n <= 0)
				return false;
			at += (size_t)n;
		}
	}
	return true;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static hub_status measure(run *r)
{
	const uint64_t beats = (WARM + MEASURED) * 100;
	int64_t begun = clock_monotonic(), ended;
	for (uint64_t n = 0; n < beats; n++) {
		int64_t wait = begun + (int64_t)n * BEAT - clock_monotonic();
		if (wait > 0)
			usleep((useconds_t)wait);
		if (n == WARM * 100)
			r->measuring = true;
		if (!beat(r, n))
			return failed(r, "adapterd closed a line");
	}
	ended = clock_monotonic();
	/* Those under way come in; what never comes counts as what it has waited. */
	usleep(2000000);
	r->measuring = false;
	size_t count = r->count < SAMPLES ? r->count : SAMPLES;
	for (unsigned n = 0; n < METERS && count < SAMPLES; n++)
		if (r->sent[n])
			r->samples[count++] = (double)(clock_monotonic() - r->sent[n]) / 1e6;
	if (count < SAMPLES / 4)
		return failed(r, "too few alarms came");
	qsort(r->samples, count, sizeof *r->samples, by_size);
	bench_report(r->b, "alarm", r->samples[count * 99 / 100], "s", NULL, 0);
	bench_report(r->b, "alarm-median", r->samples[count / 2], "s", NULL, 0);
	bench_report(r->b, "alarm-load", (double)beats * RATE / 100 / ((double)(ended - begun) / 1e6), "readings/s", NULL, 0);
	return HUB_OK;
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
	r->there = *bench_ctl(r->b);
	char *data = malloc(PATH);
	if (!data)
		return HUB_NOMEM;
	snprintf(data, PATH, "%s/alarm", directory);
	r->there.data = data;
	r->there.conninfo = *ret_conninfo;
	st = place_find(&r->there, &r->place, r->fault);
	if (st == HUB_OK)
		st = place_root(&r->place, r->fault);
	if (st == HUB_OK)
		st = place_make(&r->place, r->fault);
	return st == HUB_OK ? store_open(*ret_conninfo, &r->db, r->fault) : st;
}

static void end_run(run *r)
{
	int status;
	for (size_t i = 0; i < LINES; i++)
		if (r->lines[i] >= 0)
			close(r->lines[i]);
	for (size_t i = 0; i < DAEMONS; i++)
		if (r->daemons[i]) {
			process_signal(r->daemons[i], SIGTERM);
			if (!process_wait(r->daemons[i], 5 * SECOND, &status)) {
				process_signal(r->daemons[i], SIGKILL);
				process_wait(r->daemons[i], SECOND, &status);
			}
		}
	street_close(r->street);
	store_close(r->db);
	place_fini(&r->place);
	free((char *)r->there.data);
	arena_fini(&r->memory);
}

hub_status bench_alarm(bench *b, hub_fault *fault)
{
	static run r;
	const char *conninfo;
	unsigned port;
	r = (run) { .b = b, .fault = fault };
	for (size_t i = 0; i < LINES; i++)
		r.lines[i] = -1;
	hub_status st = open_run(&r, &conninfo);
	if (st == HUB_OK)
		st = street_open(1, hear, &r, &r.street, &port, fault);
	if (st == HUB_OK)
		st = add_all(&r, port);
	if (st == HUB_OK)
		st = start_daemons(&r, conninfo);
	if (st == HUB_OK)
		st = get_ready(&r);
	if (st == HUB_OK)
		st = measure(&r);
	end_run(&r);
	return st;
}
