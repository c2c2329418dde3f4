/* Requests against a real server of our own on loopback, which answers as the path says. */
#include "unit.h"

#include "base/clock.h"
#include "once.h"
#include "send.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int listener;
static unsigned port;
static pthread_t thread;
static atomic_int connections, requests; /* of the server */

static void answer(int fd, const char *path)
{
	char text[512];
	int n = 0;
	if (!strncmp(path, "/redirect", 9))
		n = snprintf(text, sizeof text, "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n");
	else if (!strncmp(path, "/garbage", 8))
		n = snprintf(text, sizeof text, "not HTTP at all\r\n\r\n");
	else if (!strncmp(path, "/refuse", 7))
		n = snprintf(text, sizeof text, "HTTP/1.1 500 No\r\nContent-Length: 4\r\n\r\nsorry");
	else if (!strncmp(path, "/busy", 5))
		n = snprintf(text, sizeof text, "HTTP/1.1 429 Later\r\nRetry-After: %.20s\r\nContent-Length: 0\r\n\r\n",
			     path[5] == '7' ? "7" : path[5] == '9' ? "999999999999" : "soon");
	else if (strncmp(path, "/hang", 5) != 0)
		n = snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	if (n > 0 && write(fd, text, (size_t)n) < 0)
		return;
}

/* What "turning.example" resolves to is the test's; everything else is the resolver's. libcurl asks here too. */
static _Atomic(const char *) turning;
static atomic_int lookups;

__attribute__((visibility("default"))) int getaddrinfo(const char *restrict name, const char *restrict service,
						       const struct addrinfo *restrict hints, struct addrinfo **restrict ret)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	bool ours = name && !strcmp(name, "turning.example");
	lookups += ours;
	return real(ours ? turning : name, service, hints, ret);
}

/* One connection after the other; a request is whole when its Content-Length is there. */
static void *serve(void *unused)
{
	(void)unused;
	for (int fd; (fd = accept(listener, NULL, NULL)) >= 0; close(fd)) {
		char in[8192];
		size_t len = 0;
		ssize_t n;
		connections++;
		while ((n = read(fd, in + len, sizeof in - 1 - len)) > 0) {
			len += (size_t)n;
			in[len] = 0;
			char *end = strstr(in, "\r\n\r\n"), *length = strcasestr(in, "content-length:");
			size_t body = length ? strtoul(length + 15, NULL, 10) : 0;
			if (!end || len < (size_t)(end + 4 - in) + body)
				continue;
			requests++;
			answer(fd, strchr(in, ' ') + 1);
			len = 0;
			if (strstr(in, "/garbage"))
				break;
		}
	}
	return NULL;
}

static int setup(void **unused)
{
	(void)unused;
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&a, sizeof a) || listen(listener, 8) || getsockname(listener, (struct sockaddr *)&a, &len))
		return -1;
	port = ntohs(a.sin_port);
	return pthread_create(&thread, NULL, serve, NULL);
}

static int teardown(void **unused)
{
	(void)unused;
	shutdown(listener, SHUT_RDWR);
	close(listener);
	pthread_join(thread, NULL);
	return 0;
}

static sender *open_sender(const char *ranges)
{
	target_allow allow;
	sender *s;
	assert_int_equal(target_allow_parse(ranges, &allow, NULL), HUB_OK);
	assert_int_equal(sender_new(&allow, NULL, &s), HUB_OK);
	return s;
}

static size_t run(sender *s, arena *a, const char *const *paths, size_t count, wire_outcome **ret)
{
	static const wire_field fields[] = { { "content-type", "application/json" } };
	wire_outgoing list[8];
	size_t done;
	for (size_t i = 0; i < count; i++)
		list[i] = (wire_outgoing){ .method = "POST", .url = arena_printf(a, "http://127.0.0.1:%u%s", port, paths[i]),
					   .headers = fields, .header_count = 1, .body = (const uint8_t *)"{}", .body_len = 2,
					   .timeout = 400000 };
	assert_int_equal(sender_run(s, list, count, a, ret, &done), HUB_OK);
	return done;
}

static void orders_go_over_one_connection(void **unused)
{
	(void)unused;
	static const char *const paths[] = { "/a", "/b", "/c" };
	sender *s = open_sender("127.0.0.0/8");
	arena a;
	wire_outcome *out;
	arena_init(&a, 0);
	int before = connections, asked = requests;
	assert_int_equal(run(s, &a, paths, 3, &out), 3);
	assert_int_equal(run(s, &a, paths, 3, &out), 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(out[i].status, 200);
		assert_int_equal(out[i].body_len, 2);
	}
	assert_int_equal(requests - asked, 6);
	assert_int_equal(connections - before, 1);
	arena_fini(&a);
	sender_free(s);
}

static void what_failed_stops_those_behind_it(void **unused)
{
	(void)unused;
	static const struct { const char *path, *code; int status; } cases[] = {
		{ "/redirect", "", 302 }, { "/refuse", "", 500 }, { "/garbage", "egress.answer", 0 }, { "/hang", "egress.timeout", 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *const paths[] = { "/ok", cases[i].path, "/ok" };
		sender *s = open_sender("127.0.0.0/8");
		arena a;
		wire_outcome *out;
		arena_init(&a, 0);
		assert_int_equal(run(s, &a, paths, 3, &out), 2);
		assert_int_equal(out[0].status, 200);
		assert_int_equal(out[1].status, cases[i].status);
		assert_string_equal(out[1].code, cases[i].code);
		arena_fini(&a);
		sender_free(s);
	}
}

static void what_a_busy_recipient_asks_is_told(void **unused)
{
	(void)unused;
	static const struct { const char *path; int64_t wish; } cases[] = {
		{ "/busy7", 7000000 }, { "/busy9", INT64_C(86400000000) }, { "/busy", 0 }, { "/ok", 0 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		sender *s = open_sender("127.0.0.0/8");
		arena a;
		wire_outcome *out;
		arena_init(&a, 0);
		assert_int_equal(run(s, &a, &cases[i].path, 1, &out), 1);
		assert_int_equal(out[0].status, strcmp(cases[i].path, "/ok") ? 429 : 200);
		assert_int_equal(out[0].retry_after, cases[i].wish);
		arena_fini(&a);
		sender_free(s);
	}
}

static void loopback_is_refused_unless_opened(void **unused)
{
	(void)unused;
	static const char *const paths[] = { "/ok" };
	sender *s = open_sender("");
	arena a;
	wire_outcome *out;
	arena_init(&a, 0);
	int asked = requests;
	assert_int_equal(run(s, &a, paths, 1, &out), 1);
	assert_int_equal(out[0].status, 0);
	assert_string_equal(out[0].code, "egress.refused_target");
	assert_int_equal(requests, asked);
	arena_fini(&a);
	sender_free(s);
}

/* The address that was checked is the one that is used, each time anew: a name that turns to a closed one is refused,
   though a connection to the open one still stands. */
static void a_name_that_turns_is_refused(void **unused)
{
	(void)unused;
	static const wire_field fields[] = { { "content-type", "application/json" } };
	sender *s = open_sender("127.0.0.1");
	arena a;
	wire_outcome out;
	arena_init(&a, 0);
	const wire_outgoing o = { .method = "POST", .url = arena_printf(&a, "http://turning.example:%u/ok", port), .headers = fields,
				  .header_count = 1, .body = (const uint8_t *)"{}", .body_len = 2, .timeout = 400000 };
	static const struct { const char *address, *code; int status; } turns[] = {
		{ "127.0.0.1", "", 200 }, { "127.0.0.2", "egress.refused_target", 0 }, { "10.0.0.1", "egress.refused_target", 0 },
		{ "::1", "egress.refused_target", 0 }, { "127.0.0.1", "", 200 },
	};
	int asked = requests;
	for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
		turning = turns[i].address;
		lookups = 0;
		assert_int_equal(sender_one(s, &o, &a, &out), HUB_OK);
		assert_string_equal(out.code, turns[i].code);
		assert_int_equal(out.status, turns[i].status);
		assert_int_equal(lookups, 1); /* by the check, and by nobody after it */
	}
	assert_int_equal(requests - asked, 2);
	arena_fini(&a);
	sender_free(s);
}

static void a_repeated_order_is_done_once(void **unused)
{
	(void)unused;
	once *o;
	buf answer = { 0 };
	wire_head head = { .source = "hubd", .epoch = 1, .sequence = 7 }, later = head;
	assert_int_equal(once_new(2, &o), HUB_OK);
	assert_int_equal(once_begin(o, &head, &answer), HUB_OK);
	assert_int_equal(once_begin(o, &head, &answer), HUB_AGAIN);
	once_done(o, &head, (const uint8_t *)"done", 4);
	assert_int_equal(once_begin(o, &head, &answer), HUB_CONFLICT);
	assert_memory_equal(answer.bytes, "done", 4);
	later.sequence = 8;
	assert_int_equal(once_begin(o, &later, &answer), HUB_OK);
	once_done(o, &later, NULL, 0);
	assert_int_equal(once_begin(o, &later, &answer), HUB_OK);
	once_done(o, &later, (const uint8_t *)"x", 1);
	buf_fini(&answer);
	once_free(o);
}

static void outgoing_and_outcome_travel_whole(void **unused)
{
	(void)unused;
	static const wire_field fields[] = { { "a", "1" }, { "b", "2" } };
	const wire_outgoing sent = { "POST", "http://x/", fields, 2, (const uint8_t *)"body", 4, 5000000 };
	const wire_outcome came = { 204, "", "", (const uint8_t *)"answer", 6, 1234, 5000000 };
	wire_outgoing *list;
	wire_outcome *outcomes;
	size_t count;
	buf b = { 0 };
	arena a;
	arena_init(&a, 0);
	wire_outgoing_pack(&b, &sent, 1);
	assert_int_equal(wire_outgoing_unpack(b.bytes, b.len, &a, &list, &count, NULL), HUB_OK);
	assert_int_equal(count, 1);
	assert_string_equal(list[0].headers[1].value, "2");
	assert_int_equal(list[0].timeout, 5000000);
	for (size_t cut = 0; cut < b.len; cut++)
		assert_int_equal(wire_outgoing_unpack(b.bytes, cut, &a, &list, &count, NULL), HUB_REJECT);
	buf_clear(&b);
	wire_outcome_pack(&b, &came, 1);
	assert_int_equal(wire_outcome_unpack(b.bytes, b.len, &a, &outcomes, &count, NULL), HUB_OK);
	assert_int_equal(outcomes[0].status, 204);
	assert_memory_equal(outcomes[0].body, "answer", 6);
	assert_int_equal(outcomes[0].retry_after, 5000000);
	for (size_t cut = 0; cut < b.len; cut++)
		assert_int_equal(wire_outcome_unpack(b.bytes, cut, &a, &outcomes, &count, NULL), HUB_REJECT);
	buf_fini(&b);
	arena_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders_go_over_one_connection),
		cmocka_unit_test(what_failed_stops_those_behind_it),
		cmocka_unit_test(what_a_busy_recipient_asks_is_told),
		cmocka_unit_test(loopback_is_refused_unless_opened),
		cmocka_unit_test(a_name_that_turns_is_refused),
		cmocka_unit_test(a_repeated_order_is_done_once),
		cmocka_unit_test(outgoing_and_outcome_travel_whole),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
