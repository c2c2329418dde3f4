#include "child.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "frame.h"
#include "host/module.h"
#include "host/session.h"
#include "sandbox.h"
#include "wire/order.h"
#include "wire/pack.h"

enum { OUT_HIGH = 128 * 1024, SESSIONS_MAX = 65536, SET_BACK = 60000000 /* µs */ };

typedef struct child {
	buf in, out, packed;
	arena texts;      /* of the frame at hand */
	module *module;
	hub_host *host;
	hub_link **links; /* by the session number's low 16 bits */
	uint64_t *numbers;
	int64_t ahead; /* of the wall clock before the monotonic one; 0: not looked at yet */
} child;

/* The parent has gone or says what it never would: there is nobody left to tell. */
static void leave(int status)
{
	_exit(status);
}

static void flush(child *c)
{
	if (c->out.bad)
		leave(3);
	for (size_t at = 0; at < c->out.len;) {
		ssize_t n = send(CHILD_FD, c->out.bytes + at, c->out.len - at, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			leave(0);
		at += (size_t)n;
	}
	buf_clear(&c->out);
}

/* Blocks while the parent takes nothing: that is how a full journal reaches the adapter. */
static void end_frame(child *c, size_t begun)
{
	frame_end(&c->out, begun);
	if (c->out.len >= OUT_HIGH)
		flush(c);
}

static uint64_t number_of(const hub_link *link)
{
	return *(const uint64_t *)session_tag(link);
}

/* The parent writes version, type, reception and peer itself; the rest travels as packed here. */
static hub_status on_record(void *context, hub_link *link, const record *r)
{
	child *c = context;
	buf_clear(&c->packed);
	record_pack(&c->packed, r);
	if (c->packed.bad)
		return HUB_NOMEM;
	/* The parent keeps it before it sees the bytes. */
	if (r->body.type == HUB_RECORD_RESULT && !strcmp(r->body.result.state, "sent")) {
		size_t told = frame_begin(&c->out, FRAME_TOLD);
		buf_str(&c->out, r->body.result.command);
		end_frame(c, told);
	}
	hub_reader in = hub_reader_of(c->packed.bytes, c->packed.len);
	size_t len;
	hub_reader_u8(&in);
	uint8_t type = hub_reader_u8(&in);
	hub_reader_zigzag(&in);
	frame_blob(&in, &len);
	size_t at = frame_begin(&c->out, FRAME_RECORD);
	buf_varint(&c->out, number_of(link));
	buf_u8(&c->out, type);
	buf_blob(&c->out, in.p, hub_reader_left(&in));
	end_frame(c, at);
	return HUB_OK;
}

static hub_status on_send(void *context, hub_link *link, const uint8_t *bytes, size_t len)
{
	child *c = context;
	size_t at = frame_begin(&c->out, FRAME_SEND);
	buf_varint(&c->out, number_of(link));
	buf_blob(&c->out, bytes, len);
	end_frame(c, at);
	return HUB_OK;
}

static hub_status on_reply(void *context, hub_link *link, uint64_t mark, const uint8_t *bytes, size_t len)
{
	child *c = context;
	size_t at = frame_begin(&c->out, FRAME_REPLY);
	buf_varint(&c->out, number_of(link));
	buf_varint(&c->out, mark);
	buf_blob(&c->out, bytes, len);
	end_frame(c, at);
	return HUB_OK;
}

static void on_hang_up(void *context, hub_link *link, const char *reason)
{
	child *c = context;
	size_t at = frame_begin(&c->out, FRAME_HANG_UP);
	buf_varint(&c->out, number_of(link));
	buf_str(&c->out, reason);
	end_frame(c, at);
}

static void on_counter(void *context, const char *name, int64_t value)
{
	child *c = context;
	size_t at = frame_begin(&c->out, FRAME_COUNTER);
	buf_str(&c->out, name);
	buf_zigzag(&c->out, value);
	end_frame(c, at);
}

static void on_log(void *context, int level, const char *text)
{
	child *c = context;
	size_t at = frame_begin(&c->out, FRAME_LOG);
	buf_u8(&c->out, (uint8_t)level);
	buf_str(&c->out, text);
	end_frame(c, at);
}

static const host_calls calls = {
	.on_record = on_record,
	.on_send = on_send,
	.on_reply = on_reply,
	.on_hang_up = on_hang_up,
	.on_counter = on_counter,
	.on_log = on_log,
	.stamp = true,
};

static void refuse(child *c, const hub_fault *fault)
{
	size_t at = frame_begin(&c->out, FRAME_REFUSED);
	buf_str(&c->out, fault->code);
	buf_str(&c->out, fault->message);
	end_frame(c, at);
	flush(c);
	leave(0);
}

/* The adapter opens before the doors close behind it: options may name tables and zones on disk. */
static void start(child *c, unpacker *u)
{
	hub_fault fault = { "adapter.open", "", "out of memory" };
	unpack_str(u); /* the instance's name, for whoever debugs this process */
	const char *adapter = unpack_str(u), *modules = unpack_str(u);
	size_t count;
	const hub_setting *options = unpack_pairs(u, &count);
	if (u->in->bad || c->host)
		leave(2);
	if (module_load(adapter, *modules ? modules : NULL, &c->module, &fault) != HUB_OK ||
	    instance_open(module_adapter(c->module), &calls, c, options, count, &c->host, &fault) != HUB_OK)
		refuse(c, &fault);
	if (sandbox_available() && !sandbox_enter(CHILD_FD)) {
		hub_fault_set(&fault, "adapter.sandbox", "", "the kernel refuses seccomp; "
			      "adapters run only confined: enable CONFIG_SECCOMP_FILTER");
		refuse(c, &fault);
	}
	size_t at = frame_begin(&c->out, FRAME_READY);
	buf_varint(&c->out, module_adapter(c->module)->transports);
	end_frame(c, at);
}

static hub_link *link_at(const child *c, uint64_t number)
{
	size_t slot = number % SESSIONS_MAX;
	return c->numbers[slot] == number ? c->links[slot] : NULL;
}

static void hang_up_unopened(child *c, uint64_t number, const char *reason)
{
	size_t at = frame_begin(&c->out, FRAME_HANG_UP);
	buf_varint(&c->out, number);
	buf_str(&c->out, reason);
	end_frame(c, at);
}

static void open_session(child *c, unpacker *u)
{
	uint64_t number = hub_reader_varint(u->in);
	hub_peer peer = { (hub_transport)hub_reader_varint(u->in), unpack_str(u), unpack_str(u) };
	size_t slot = number % SESSIONS_MAX;
	if (u->in->bad || c->links[slot])
		leave(2);
	c->numbers[slot] = number;
	if (session_open(c->host, &peer, &c->numbers[slot], &c->links[slot]) != HUB_OK) {
		c->links[slot] = NULL;
		hang_up_unopened(c, number, "the adapter opened no session");
	}
}

static void close_session(child *c, uint64_t number)
{
	hub_link *link = link_at(c, number);
	if (!link)
		return;
	session_close(link);
	c->links[number % SESSIONS_MAX] = NULL;
}

static void input(child *c, hub_reader *body)
{
	uint64_t number = hub_reader_varint(body);
	bool end = hub_reader_u8(body);
	size_t len;
	const uint8_t *bytes = frame_blob(body, &len);
	hub_link *link = link_at(c, number);
	if (!link)
		return;
	hub_status st = session_input(link, bytes, len, end);
	if (st == HUB_NOMEM)
		leave(3);
	if (st == HUB_OK && end) {
		size_t at = frame_begin(&c->out, FRAME_DONE);
		buf_varint(&c->out, number);
		end_frame(c, at);
	}
}

static void command(child *c, hub_reader *body)
{
	uint64_t ticket = hub_reader_varint(body), count = hub_reader_varint(body);
	buf states = { 0 };
	for (uint64_t i = 0; i < count && !body->bad; i++) {
		size_t len;
		const uint8_t *packed = frame_blob(body, &len);
		hub_command order;
		hub_status st = body->bad ? HUB_REJECT : command_unpack(packed, len, &c->texts, &order, NULL);
		if (st == HUB_OK)
			st = instance_command(c->host, &order);
		buf_u8(&states, (uint8_t)st);
		arena_reset(&c->texts);
	}
	if (states.bad)
		leave(3);
	size_t at = frame_begin(&c->out, FRAME_DID);
	buf_varint(&c->out, ticket);
	buf_blob(&c->out, states.bytes, states.len);
	end_frame(c, at);
	buf_fini(&states);
}

static void put_table(child *c, unpacker *u)
{
	const char *table = unpack_str(u), *key = unpack_str(u);
	bool present = hub_reader_u8(u->in);
	const char *value = unpack_str(u);
	if (instance_table_put(c->host, table, key, present ? value : NULL) != HUB_OK)
		leave(3);
}

static void put_counter(child *c, unpacker *u)
{
	const char *name = unpack_str(u);
	if (instance_counter_put(c->host, name, hub_reader_zigzag(u->in)) != HUB_OK)
		leave(3);
}

static void obey(child *c, frame_type type, hub_reader *body)
{
	unpacker u = { body, &c->texts, false };
	if (type == FRAME_START)
		start(c, &u);
	else if (!c->host)
		leave(2);
	else if (type == FRAME_TABLE)
		put_table(c, &u);
	else if (type == FRAME_COUNTER)
		put_counter(c, &u);
	else if (type == FRAME_OPEN)
		open_session(c, &u);
	else if (type == FRAME_BYTES)
		input(c, body);
	else if (type == FRAME_STORED) {
		hub_link *link = link_at(c, hub_reader_varint(body));
		if (link)
			session_stored(link, hub_reader_varint(body));
	} else if (type == FRAME_CLOSE)
		close_session(c, hub_reader_varint(body));
	else if (type == FRAME_COMMAND)
		command(c, body);
	else if (type == FRAME_PING)
		end_frame(c, frame_begin(&c->out, FRAME_PONG));
	if (body->bad || u.nomem)
		leave(2);
	arena_reset(&c->texts);
}

/*
 * Adapters plan by the wall clock. Set back, it would let them wait for what is over already, as long as it was set
 * back; so they begin anew, by the parent.
 */
static void begin_anew_if_set_back(child *c)
{
	int64_t ahead = clock_now() - clock_monotonic();
	bool set_back = c->ahead && ahead < c->ahead - SET_BACK;
	c->ahead = ahead;
	if (!set_back)
		return;
	on_log(c, LOG_WARN, "the clock was set back: the adapter begins anew");
	flush(c);
	leave(4);
}

static void wait_for_word(child *c)
{
	hub_time wake = c->host ? instance_wake(c->host) : 0;
	int timeout = -1;
	if (wake) {
		hub_time left = wake - clock_now();
		timeout = left <= 0 ? 0 : left > 3600000000 ? 3600000 : (int)((left + 999) / 1000);
	}
	struct pollfd p = { .fd = CHILD_FD, .events = POLLIN };
	if (poll(&p, 1, timeout) > 0) {
		uint8_t *room = buf_room(&c->in, FRAME_CHUNK * 2);
		ssize_t n = room ? recv(CHILD_FD, room, FRAME_CHUNK * 2, 0) : 0;
		if (n <= 0 && !(n < 0 && errno == EINTR))
			leave(0);
		buf_took(&c->in, n > 0 ? (size_t)n : 0);
	}
	if (c->host)
		instance_timers(c->host);
}

int child_main(void)
{
	child c = { 0 };
	arena_init(&c.texts, 0);
	sandbox_limit();
	c.links = calloc(SESSIONS_MAX, sizeof *c.links);
	c.numbers = calloc(SESSIONS_MAX, sizeof *c.numbers);
	if (!c.links || !c.numbers)
		return 3;
	for (;;) {
		size_t at = 0;
		frame_type type;
		hub_reader body;
		hub_status st;
		while ((st = frame_next(&c.in, &at, &type, &body)) == HUB_OK)
			obey(&c, type, &body);
		if (st == HUB_REJECT)
			leave(2);
		buf_drop(&c.in, at);
		flush(&c);
		wait_for_word(&c);
		begin_anew_if_set_back(&c);
	}
}
