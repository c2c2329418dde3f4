#include "keeper.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fail.h"
#include "base/log.h"
#include "line.h"
#include "replica.h"
#include "spawn.h"
#include "transport.h"

enum {
	BACKOFF_MIN = 100000,
	BACKOFF_MAX = 30000000,
	STEADY = 60000000, /* a child that lived so long starts again at once */
	START_PATIENCE = 10000000,
	IN_CHUNK = 256 * 1024,
	PING_AFTER = 2000000,
	RETRY = 20000, /* how soon a full journal is asked again */
};

void keeper_error(keeper *in, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(in->error, sizeof in->error, fmt, ap);
	va_end(ap);
	log_error("instance '%s': %s", in->name, in->error);
}

bool keeper_accepts(const keeper *in)
{
	return in->phase == KEEPER_READY && !in->held && in->out.len < KEEPER_OUT_HIGH;
}

static void commands_fail(keeper *in)
{
	for (size_t i = 0; i < sizeof in->commands_open / sizeof *in->commands_open; i++) {
		uint64_t ticket = in->commands_open[i];
		in->commands_open[i] = 0;
		if (ticket)
			in->host->commanded(in->host, ticket, NULL, 0);
	}
}

/* The child is gone or going: whoever waited for it sees the link end and sends again. */
static void child_end(keeper *in, bool crashed)
{
	loop_unwatch(&in->host->loop, &in->child);
	if (in->pid > 0)
		kill(in->pid, SIGKILL);
	in->pid = 0;
	buf_clear(&in->out);
	buf_clear(&in->in);
	in->held = false;
	if (in->phase == KEEPER_STARTING || in->phase == KEEPER_READY)
		in->phase = KEEPER_WAITING;
	lines_close(in, "the adapter's process ended");
	if (in->transport)
		in->transport->stop(in->transport, crashed);
	promise_drop(in, false);
	commands_fail(in);
}

static void restart_later(keeper *in)
{
	int64_t now = clock_monotonic();
	bool steady = in->ready_since && now - in->ready_since > STEADY;
	in->backoff = steady || !in->backoff ? BACKOFF_MIN : in->backoff * 2;
	if (in->backoff > BACKOFF_MAX)
		in->backoff = BACKOFF_MAX;
	in->ready_since = 0;
	in->due = now + in->backoff;
	in->restarts++;
}

void keeper_fail(keeper *in, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	keeper_error(in, "%s", text);
	child_end(in, true);
	restart_later(in);
}

static void child_write(keeper *in)
{
	if (in->out.bad) {
		keeper_fail(in, "out of memory");
		return;
	}
	size_t at = 0;
	while (at < in->out.len) {
		ssize_t n = send(in->child.fd, in->out.bytes + at, in->out.len - at, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break; /* full, or dying: then the reading side learns it */
		at += (size_t)n;
	}
	if (at)
		in->heard = clock_monotonic();
	buf_drop(&in->out, at);
}

static void child_hear(keeper *in)
{
	size_t at = 0;
	hub_status st = HUB_OK;
	while (st == HUB_OK) {
		size_t before = at;
		frame_type type;
		hub_reader body;
		st = frame_next(&in->in, &at, &type, &body);
		if (st != HUB_OK)
			break;
		st = speech_hear(in, type, &body);
		if (st == HUB_AGAIN) {
			at = before;
			in->held = true;
		}
	}
	if (st == HUB_REJECT) {
		keeper_fail(in, "the adapter's process broke the protocol");
	} else if (st == HUB_FAILED) {
		child_end(in, false);
		if (in->phase != KEEPER_STOPPED)
			restart_later(in);
	} else if (st == HUB_RANGE) {
		keeper_fail(in, "a record is too large for the journal");
	} else {
		buf_drop(&in->in, at);
	}
}

static void on_child(watch *w, uint32_t events)
{
	keeper *in = w->user;
	if (events & EPOLLOUT)
		child_write(in);
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)) || in->held)
		return;
	uint8_t *room = buf_room(&in->in, IN_CHUNK);
	ssize_t n = room ? recv(w->fd, room, IN_CHUNK, 0) : -1;
	if (n > 0) {
		buf_took(&in->in, (size_t)n);
		in->heard = clock_monotonic();
		in->pinged = 0;
		child_hear(in);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		/* Its exit tells more: wait for the signal, but read no more of it. */
		loop_unwatch(&in->host->loop, &in->child);
	}
}

static void child_start(keeper *in)
{
	int fd;
	if (!spawn_child(in->name, &in->pid, &fd)) {
		in->pid = 0;
		keeper_error(in, "no process can be started: %s", strerror(errno));
		restart_later(in);
		return;
	}
	in->child = (watch){ .fd = -1, .on = on_child, .user = in };
	if (!loop_watch(&in->host->loop, &in->child, fd, EPOLLIN)) {
		close(fd);
		keeper_fail(in, "the child cannot be watched");
		return;
	}
	in->phase = KEEPER_STARTING;
	in->due = clock_monotonic() + START_PATIENCE;
	size_t at = frame_begin(&in->out, FRAME_START);
	buf_str(&in->out, in->name);
	buf_str(&in->out, in->config.adapter);
	buf_str(&in->out, in->host->modules);
	buf_varint(&in->out, in->config.option_count);
	for (size_t i = 0; i < in->config.option_count; i++) {
		buf_str(&in->out, in->config.options[i].key);
		buf_str(&in->out, in->config.options[i].value);
	}
	frame_end(&in->out, at);
	const char *name;
	json_t *value;
	json_object_foreach(in->counters, name, value) {
		at = frame_begin(&in->out, FRAME_COUNTER);
		buf_str(&in->out, name);
		buf_zigzag(&in->out, json_integer_value(value));
		frame_end(&in->out, at);
	}
	replica_tell(in->host->tables, in);
}

static hub_status journal_begin(keeper *in, hub_fault *fault)
{
	static const journal_limits draining = { .bytes = 1 << 20, .segment_bytes = 1 << 18 };
	char dir[4096];
	snprintf(dir, sizeof dir, "%s/journal", in->host->state_dir);
	mkdir(dir, 0750);
	snprintf(dir, sizeof dir, "%s/journal/%s", in->host->state_dir, in->name);
	const journal_limits *limits = in->config.name ? &in->config.journal : &draining;
	hub_status st = journal_open(dir, limits, clock_now(), &in->journal, fault);
	journal_state state;
	if (st == HUB_OK && journal_stat(dir, &state) == HUB_OK) {
		in->appended = in->flushed = state.next - 1;
		in->acked = state.first - 1;
	}
	if (st == HUB_OK)
		st = sender_open(in->name, dir, in->host->intake, in->host->event, &in->sender, fault);
	return st;
}

hub_status keeper_open(zone_host *host, instance_config *wanted, const char *name, keeper **ret, hub_fault *fault)
{
	keeper *in = fail_calloc(1, sizeof *in);
	if (!in)
		return HUB_NOMEM;
	*in = (keeper){ .host = host, .child = { .fd = -1 }, .phase = KEEPER_DRAINING };
	snprintf(in->name, sizeof in->name, "%s", name);
	if (wanted->name) {
		in->config = *wanted;
		*wanted = (instance_config){ 0 };
		in->phase = KEEPER_WAITING;
		in->counters = state_load(host->state_dir, "counters", name);
		if (!json_is_object(in->counters)) {
			json_decref(in->counters);
			in->counters = json_object();
		}
		in->transport = transport_new(in);
	}
	hub_status st = wanted->name && !in->transport ? HUB_NOMEM : journal_begin(in, fault);
	if (st != HUB_OK) {
		keeper_close(in);
		return st;
	}
	*ret = in;
	return HUB_OK;
}

void keeper_close(keeper *in)
{
	if (!in)
		return;
	if (in->journal)
		journal_flush(in->journal);
	child_end(in, false);
	promise_drop(in, true);
	if (in->counters_changed)
		state_save(in->host->state_dir, "counters", in->name, in->counters);
	if (in->transport)
		in->transport->free(in->transport);
	sender_close(in->sender);
	journal_close(in->journal);
	json_decref(in->counters);
	if (in->config.json)
		instance_config_fini(&in->config);
	buf_fini(&in->out);
	buf_fini(&in->in);
	free(in->lines);
	loop_free(&in->host->loop, in);
}

static void journal_settle(keeper *in)
{
	if (in->flushed == in->appended)
		return;
	if (journal_flush(in->journal) == HUB_OK) {
		in->flushed = in->appended;
		sender_kick(in->sender);
		return;
	}
	/* None of them counts: peers and files must come again. */
	in->appended = in->flushed;
	promise_drop(in, true);
	keeper_fail(in, "the journal cannot be written: check the disk of %s", in->host->state_dir);
}

static void sender_settle(keeper *in)
{
	sender_state state;
	sender_look(in->sender, &state);
	in->acked = state.acked;
	/* Who leaves a broker's journal goes on: what the core refuses now stays in its own. */
	if (state.refused != HUB_OK && in->stay == KEEPER_STAYS && in->phase != KEEPER_STOPPED && in->phase != KEEPER_DRAINING) {
		keeper_error(in, "the core refuses its records (%.200s): stopped until it is configured again",
			       state.message);
		in->phase = KEEPER_STOPPED;
		child_end(in, false);
	}
}

/* Asks the child now and then whether it still works; one that hangs or loops is ended. Gives when to look again. */
static int64_t child_feel(keeper *in, int64_t now)
{
	struct pollfd p = { .fd = in->child.fd, .events = POLLIN };
	if (in->held) /* its answer stands behind what we do not take */
		in->heard = now;
	int64_t quiet = now - in->heard;
	if (!in->pinged && quiet >= PING_AFTER) {
		in->pinged = now;
		frame_end(&in->out, frame_begin(&in->out, FRAME_PING));
	} else if (in->pinged && quiet > in->host->patience && now - in->pinged > in->host->patience && poll(&p, 1, 0) == 0) {
		keeper_fail(in, "the adapter's process gives no sign of life for %lld s: it hangs or loops",
			    (long long)(quiet / 1000000));
		return 0;
	}
	return now + PING_AFTER;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return !a ? b : !b ? a : a < b ? a : b;
}

int64_t keeper_settle(keeper *in, int64_t now)
{
	int64_t due = 0;
	sender_settle(in);
	if (in->held) {
		in->held = false;
		child_hear(in);
		due = in->held ? now + RETRY : 0;
	}
	journal_settle(in);
	/* An answer may name a number that was counted for it: first the counter, then the answer. */
	if (in->counters_changed && state_save(in->host->state_dir, "counters", in->name, in->counters))
		in->counters_changed = false;
	if (!in->counters_changed)
		promise_keep(in);
	else
		due = now + RETRY;
	if (in->phase == KEEPER_WAITING && in->pid == 0 && now >= in->due)
		child_start(in);
	if (in->phase == KEEPER_STARTING && now >= in->due)
		keeper_fail(in, "the adapter did not open within %d s", START_PATIENCE / 1000000);
	if (in->phase == KEEPER_WAITING || in->phase == KEEPER_STARTING)
		due = sooner(due, in->due);
	if (in->phase == KEEPER_READY)
		due = sooner(due, in->transport->tick(in->transport, now));
	if (in->phase == KEEPER_READY)
		due = sooner(due, child_feel(in, now));
	if (in->child.fd >= 0) {
		child_write(in);
		loop_want(&in->host->loop, &in->child, (in->held ? 0 : EPOLLIN) | (in->out.len ? EPOLLOUT : 0));
	}
	lines_allow(in, keeper_accepts(in));
	return due;
}

bool keeper_reaped(keeper *in, pid_t pid, int status)
{
	if (in->pid != pid)
		return false;
	in->pid = 0;
	/* What it said before it died counts. */
	while (in->child.fd >= 0 && !in->held) {
		size_t before = in->in.len;
		on_child(&in->child, EPOLLIN);
		if (in->in.len == before && in->child.fd >= 0)
			break;
	}
	if (in->phase != KEEPER_STARTING && in->phase != KEEPER_READY)
		return true;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		keeper_fail(in, "the adapter's process was killed: it tried what the sandbox forbids");
	else if (WIFSIGNALED(status))
		keeper_fail(in, "the adapter's process died of signal %d", WTERMSIG(status));
	else
		keeper_fail(in, "the adapter's process ended with %d", WEXITSTATUS(status));
	return true;
}

void keeper_table_row(keeper *in, const char *table, const char *key, const char *value)
{
	if (!in->pid)
		return;
	size_t at = frame_begin(&in->out, FRAME_TABLE);
	buf_str(&in->out, table);
	buf_str(&in->out, key);
	buf_u8(&in->out, value != NULL);
	buf_str(&in->out, value);
	frame_end(&in->out, at);
}

hub_status keeper_order(keeper *in, uint64_t ticket, const uint8_t *commands, size_t len)
{
	if (in->phase != KEEPER_READY)
		return HUB_MISSING;
	for (size_t i = 0; i < sizeof in->commands_open / sizeof *in->commands_open; i++) {
		if (in->commands_open[i])
			continue;
		in->commands_open[i] = ticket;
		size_t at = frame_begin(&in->out, FRAME_COMMAND);
		buf_varint(&in->out, ticket);
		buf_put(&in->out, commands, len);
		frame_end(&in->out, at);
		return HUB_OK;
	}
	return HUB_AGAIN;
}

bool keeper_drained(const keeper *in)
{
	return in->phase == KEEPER_DRAINING && in->acked >= in->flushed;
}
