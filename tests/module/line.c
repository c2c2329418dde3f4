/* An adapter for tests of its host: one word a line says what to do. */
#include <hub/adapter.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct instance {
	const hub_host_api *api;
	hub_host *host;
} instance;

typedef struct session {
	instance *in;
	hub_link *link;
	uint64_t mark;
} session;

static const hub_option options[] = { { "refuse", "no", "yes: open fails" }, { NULL, NULL, NULL } };

static hub_status line_open(const hub_host_api *api, hub_host *host, const hub_setting *settings, void **ret,
			    hub_fault *fault)
{
	if (strcmp(settings[0].value, "yes") == 0)
		return hub_fault_set(fault, "line.refuse", "refuse", "was told to refuse");
	instance *in = malloc(sizeof *in);
	if (!in)
		return HUB_NOMEM;
	*in = (instance){ api, host };
	*ret = in;
	return HUB_OK;
}

static hub_status line_session(void *self, const hub_peer *peer, hub_link *link, void **ret)
{
	(void)peer;
	session *s = calloc(1, sizeof *s);
	if (!s)
		return HUB_NOMEM;
	*s = (session){ self, link, 0 };
	*ret = s;
	return HUB_OK;
}

static hub_status reading(session *s, const char *meter, const char *value)
{
	hub_record r = { .type = HUB_RECORD_READING };
	r.reading = (hub_reading){ .meter = meter, .channel = "", .quantity = "active_energy_import", .unit = "kWh",
				   .kind = HUB_REGISTER, .value = { atoll(value), 0 }, .time = 1700000000000000 };
	return s->in->api->emit(s->link, &r);
}

static hub_status answer(session *s, const char *text)
{
	return s->in->api->send(s->link, (const uint8_t *)text, strlen(text));
}

/* One line, without its end. */
static hub_status obey(session *s, char *text)
{
	const hub_host_api *api = s->in->api;
	char reply[256];
	char *value = strchr(text, ' ');
	if (value)
		*value++ = '\0';
	if (strcmp(text, "ack") == 0)
		return api->reply_after_store(s->link, ++s->mark, (const uint8_t *)"stored\n", 7);
	if (strcmp(text, "bad") == 0) {
		hub_fault fault;
		hub_fault_set(&fault, "line.bad", "line", "a bad line");
		return api->reject(s->link, &fault, (const uint8_t *)text, strlen(text));
	}
	if (strcmp(text, "crash") == 0)
		abort();
	if (strcmp(text, "loop") == 0)
		for (volatile unsigned turn = 0;; turn++)
			;
	if (strcmp(text, "open") == 0)
		return open("/etc/hostname", O_RDONLY) >= 0 ? answer(s, "opened\n") : answer(s, "not opened\n");
	if (strcmp(text, "socket") == 0)
		return socket(AF_INET, SOCK_STREAM, 0) >= 0 ? answer(s, "socket\n") : answer(s, "no socket\n");
	if (strcmp(text, "fork") == 0)
		return fork() >= 0 ? answer(s, "forked\n") : answer(s, "not forked\n");
	if (strcmp(text, "count") == 0) {
		int64_t now = 0;
		hub_status st = api->counter(s->in->host, "lines", 1, &now);
		snprintf(reply, sizeof reply, "%lld\n", (long long)now);
		return st == HUB_OK ? answer(s, reply) : st;
	}
	if (strcmp(text, "lookup") == 0 && value) {
		const char *found = "";
		api->lookup(s->in->host, "meters", value, &found);
		snprintf(reply, sizeof reply, "%s\n", found);
		return answer(s, reply);
	}
	if (strcmp(text, "fail") == 0)
		return HUB_FAILED;
	if (strcmp(text, "wake") == 0) {
		api->wake_at(s->link, api->now(s->in->host) + 10000);
		return HUB_OK;
	}
	return reading(s, text, value ? value : "0");
}

static hub_status line_input(void *session_, const uint8_t *bytes, size_t len, bool end, size_t *ret_used)
{
	hub_status st = HUB_OK;
	size_t used = 0;
	while (st == HUB_OK && used < len) {
		const uint8_t *stop = memchr(bytes + used, '\n', len - used);
		size_t n = stop ? (size_t)(stop - bytes) - used : len - used;
		if ((!stop && !end) || n >= 200)
			break;
		char text[200];
		memcpy(text, bytes + used, n);
		text[n] = '\0';
		st = n ? obey(session_, text) : HUB_OK;
		if (st == HUB_OK)
			used += n + (stop != NULL);
	}
	*ret_used = end && st == HUB_OK ? len : used;
	return st;
}

static hub_status line_timer(void *session_, hub_time now)
{
	(void)now;
	return answer(session_, "woken\n");
}

static hub_status line_command(void *session_, const hub_command *command)
{
	session *s = session_;
	if (strcmp(command->meter, "m1") != 0)
		return HUB_MISSING;
	hub_record r = { .type = HUB_RECORD_RESULT };
	r.result = (hub_result){ .command = command->id, .state = "confirmed", .reason = "", .time = 1700000000000000 };
	hub_status st = answer(s, command->kind);
	return st == HUB_OK ? s->in->api->emit(s->link, &r) : st;
}

static void line_stored(void *session_, uint64_t mark)
{
	session *s = session_;
	char text[32];
	snprintf(text, sizeof text, "mark %llu\n", (unsigned long long)mark);
	answer(s, text);
}

__attribute__((visibility("default"))) const hub_adapter hub_adapter_table = {
	.abi = HUB_ADAPTER_ABI,
	.name = "line",
	.version = "1",
	.summary = "obeys words, for tests",
	.options = options,
	.transports = HUB_TCP_SERVER | HUB_TCP_CLIENT | HUB_DIRECTORY | HUB_SERIAL | HUB_MESSAGE,
	.frame_max = 65536,
	.open = line_open,
	.close = free,
	.session_open = line_session,
	.input = line_input,
	.timer = line_timer,
	.command = line_command,
	.stored = line_stored,
	.session_close = free,
};
