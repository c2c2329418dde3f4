#include "support/zone.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

enum { PATIENCE = 10000000, RESEND = 500000, WORKERS = 2 };

extern char **environ;

/* A core that was killed while it held the lock had changed nothing that matters. */
static void lock(zone_store *z)
{
	if (pthread_mutex_lock(&z->lock) == EOWNERDEAD)
		pthread_mutex_consistent(&z->lock);
}

static zone_source *source_at(zone_store *z, const batch_id *id)
{
	for (size_t i = 0; i < z->source_count; i++)
		if (strcmp(z->sources[i].name, id->source) == 0 && z->sources[i].epoch == id->epoch)
			return &z->sources[i];
	if (z->source_count == ZONE_SOURCES)
		abort();
	zone_source *s = &z->sources[z->source_count++];
	*s = (zone_source){ .epoch = id->epoch, .next = 1 };
	snprintf(s->name, sizeof s->name, "%s", id->source);
	return s;
}

static void keep(zone_source *s, const record *r)
{
	s->readings += r->body.type == HUB_RECORD_READING;
	s->results += r->body.type == HUB_RECORD_RESULT;
	s->faults += r->body.type == HUB_RECORD_FAULT;
	if (r->body.type == HUB_RECORD_READING)
		s->sum += r->body.reading.value.digits;
}

/* As decisions/0003: below the number expected is known already, above it is a gap. */
static hub_status take(zone_store *z, const batch *b)
{
	zone_source *s = source_at(z, &b->id);
	z->batches++;
	if (z->answer != HUB_OK)
		return z->answer;
	if (b->id.first > s->next) {
		s->gaps++;
		return HUB_CONFLICT;
	}
	z->repeats += b->id.first < s->next;
	for (size_t i = (size_t)(s->next - b->id.first); i < b->count; i++, s->next++)
		keep(s, &b->records[i]);
	return HUB_OK;
}

static hub_status take_unread(zone_store *z, const uint8_t *msg, size_t len, arena *a, batch *ret)
{
	hub_reader in = hub_reader_of(msg, len);
	wire_head head;
	if (wire_head_unpack(&in, a, &head, NULL) != HUB_OK)
		return HUB_REJECT;
	*ret = (batch){ .id = { head.source, head.epoch, head.sequence }, .count = (size_t)hub_reader_varint(&in) };
	zone_source *s = source_at(z, &ret->id);
	z->batches++;
	if (ret->id.first > s->next)
		return HUB_CONFLICT;
	uint64_t end = ret->id.first + ret->count;
	s->readings += end > s->next ? end - s->next : 0;
	s->next = end > s->next ? end : s->next;
	return HUB_OK;
}

static hub_status on_batch(void *user, int worker, const uint8_t *msg, size_t len, buf *answer)
{
	(void)worker;
	zone_store *z = user;
	arena a;
	arena_init(&a, 0);
	batch b = { 0 };
	lock(z);
	hub_status st = z->unpack ? batch_unpack(msg, len, &a, &b, NULL) : HUB_OK;
	if (st == HUB_OK)
		st = z->unpack ? take(z, &b) : take_unread(z, msg, len, &a, &b);
	pthread_mutex_unlock(&z->lock);
	batch_answer reply = { .id = b.id, .status = st, .receipt = 1, .stored = (uint32_t)b.count, .message = "" };
	if (b.id.source)
		batch_answer_pack(answer, &reply);
	arena_fini(&a);
	return b.id.source ? HUB_OK : HUB_REJECT;
}

int zone_core_main(char **words)
{
	zone_store *z = mmap(NULL, sizeof *z, PROT_READ | PROT_WRITE, MAP_SHARED, atoi(words[1]), 0);
	wire_answerer *core;
	if (z == MAP_FAILED || wire_answer_dial(words[0], NULL, WORKERS, on_batch, z, &core, NULL) != HUB_OK)
		return 1;
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	for (;;)
		pause();
}

void zone_core_start(zone *z)
{
	char url[128], fd[16];
	snprintf(url, sizeof url, "ipc://%s/run/adapterd.intake", z->dir);
	snprintf(fd, sizeof fd, "%d", z->store_fd);
	char *argv[] = { (char *)"/proc/self/exe", (char *)"core", url, fd, NULL };
	if (posix_spawn(&z->core, argv[0], NULL, NULL, argv, environ) != 0)
		abort();
}

void zone_core_stop(zone *z)
{
	if (z->core) {
		kill(z->core, SIGKILL);
		waitpid(z->core, NULL, 0);
	}
	z->core = 0;
}

void zone_daemon_start(zone *z)
{
	char data[80], patience[40];
	snprintf(data, sizeof data, "--data=%s", z->dir);
	snprintf(patience, sizeof patience, "--child-patience=%s", z->patience ? z->patience : "20s");
	char *argv[] = { (char *)ADAPTERD, data, (char *)"--modules=" MODULES, (char *)"--log-level=0", patience, NULL };
	if (posix_spawn(&z->pid, ADAPTERD, NULL, NULL, argv, environ) != 0)
		abort();
}

void zone_daemon_kill(zone *z, int signal)
{
	kill(z->pid, signal);
	waitpid(z->pid, NULL, 0);
	z->pid = 0;
}

void zone_open(zone *z)
{
	*z = (zone){ .dir = "/tmp/hub-zone-XXXXXX", .store_fd = memfd_create("zone", 0) };
	if (z->store_fd < 0 || ftruncate(z->store_fd, sizeof *z->store) != 0)
		abort();
	z->store = mmap(NULL, sizeof *z->store, PROT_READ | PROT_WRITE, MAP_SHARED, z->store_fd, 0);
	if (z->store == MAP_FAILED)
		abort();
	z->store->unpack = true;
	pthread_mutexattr_t shared;
	pthread_mutexattr_init(&shared);
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&shared, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&z->store->lock, &shared);
	if (!mkdtemp(z->dir))
		abort();
	zone_daemon_start(z);
	zone_core_start(z);
	char url[128];
	snprintf(url, sizeof url, "ipc://%s/run/adapterd.order", z->dir);
	if (wire_ask_dial(url, NULL, &z->orders, NULL) != HUB_OK)
		abort();
}

void zone_close(zone *z)
{
	if (z->pid)
		zone_daemon_kill(z, SIGTERM);
	wire_asker_close(z->orders);
	zone_core_stop(z);
	char command[128];
	snprintf(command, sizeof command, "rm -rf %s", z->dir);
	if (system(command) != 0)
		abort();
	munmap(z->store, sizeof *z->store);
	close(z->store_fd);
}

static hub_status order(zone *z, const char *what, const char *subject, const void *body, size_t len, buf *ret_body)
{
	wire_order o = { .head = { .kind = WIRE_ORDER, .source = "core", .epoch = (uint64_t)z->pid, .sequence = ++z->sequence },
			 .what = what, .subject = subject, .body = body, .body_len = len };
	buf msg = { 0 }, answer = { 0 };
	arena a;
	arena_init(&a, 0);
	wire_order_pack(&msg, &o);
	wire_report report = { .status = HUB_AGAIN };
	hub_status st = wire_ask(z->orders, msg.bytes, msg.len, RESEND, PATIENCE, &answer);
	if (st == HUB_OK)
		st = wire_report_unpack(answer.bytes, answer.len, &a, &report, NULL);
	if (st == HUB_OK && ret_body)
		buf_put(ret_body, report.body, report.body_len);
	if (st == HUB_OK)
		st = report.status;
	arena_fini(&a);
	buf_fini(&msg);
	buf_fini(&answer);
	return st;
}

hub_status zone_order(zone *z, const char *what, const char *subject, const void *body, size_t len)
{
	return order(z, what, subject, body, len, NULL);
}

hub_status zone_configure(zone *z, const char *json)
{
	return zone_order(z, "configure", "", json, strlen(json));
}

json_t *zone_state(zone *z, const char *instance)
{
	buf body = { 0 };
	json_t *found = NULL, *one;
	size_t i;
	if (order(z, "state", "", NULL, 0, &body) == HUB_OK) {
		json_t *all = json_loadb((const char *)body.bytes, body.len, 0, NULL);
		json_array_foreach(json_object_get(all, "instances"), i, one)
			if (strcmp(json_string_value(json_object_get(one, "name")), instance) == 0)
				found = json_incref(one);
		json_decref(all);
	}
	buf_fini(&body);
	return found;
}

bool zone_wait_phase(zone *z, const char *instance, const char *phase)
{
	int64_t end = clock_monotonic() + PATIENCE;
	bool reached = false;
	while (!reached && clock_monotonic() < end) {
		json_t *state = zone_state(z, instance);
		const char *now = json_string_value(json_object_get(state, "phase"));
		reached = now ? strcmp(now, phase) == 0 : strcmp(phase, "gone") == 0;
		json_decref(state);
		if (!reached)
			usleep(10000);
	}
	return reached;
}

zone_source zone_source_of(zone *z, const char *source)
{
	zone_source all = { 0 };
	lock(z->store);
	for (size_t i = 0; i < z->store->source_count; i++) {
		const zone_source *s = &z->store->sources[i];
		if (strcmp(s->name, source) != 0)
			continue;
		all.readings += s->readings;
		all.results += s->results;
		all.faults += s->faults;
		all.sum += s->sum;
		all.gaps += s->gaps;
		all.epoch = s->epoch;
		all.next = s->next;
	}
	pthread_mutex_unlock(&z->store->lock);
	return all;
}

bool zone_wait_readings(zone *z, const char *source, size_t count, int64_t patience)
{
	int64_t end = clock_monotonic() + patience;
	while (zone_source_of(z, source).readings < count && clock_monotonic() < end)
		usleep(2000);
	return zone_source_of(z, source).readings >= count;
}

int zone_port(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof any;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof any) != 0 ||
	    getsockname(fd, (struct sockaddr *)&any, &len) != 0)
		abort();
	close(fd);
	return ntohs(any.sin_port);
}

int zone_connect(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				  .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	close(fd);
	return -1;
}

bool zone_expect(int fd, const char *text)
{
	char seen[4096];
	size_t len = 0;
	int64_t end = clock_monotonic() + PATIENCE;
	for (;;) {
		seen[len] = '\0';
		if (strstr(seen, text))
			return true;
		struct pollfd p = { .fd = fd, .events = POLLIN };
		int64_t left = end - clock_monotonic();
		if (left <= 0 || len + 1 == sizeof seen || poll(&p, 1, (int)(left / 1000) + 1) <= 0)
			return false;
		ssize_t n = read(fd, seen + len, sizeof seen - 1 - len);
		if (n <= 0)
			return false;
		len += (size_t)n;
	}
}
