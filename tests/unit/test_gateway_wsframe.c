/* RFC 6455 as the charger port reads it: chapter 5, 7.4.1, 8.1 and the example of 1.3. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#include "upgrade.h"
#include "wsframe.h"

static void client(buf *out, unsigned first, const void *payload, size_t len)
{
	static const uint8_t mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
	buf_u8(out, (uint8_t)first);
	if (len < 126) {
		buf_u8(out, (uint8_t)(0x80 | len));
	} else {
		buf_u8(out, 0xfe);
		buf_be(out, len, 2);
	}
	buf_put(out, mask, 4);
	for (size_t i = 0; i < len; i++)
		buf_u8(out, ((const uint8_t *)payload)[i] ^ mask[i & 3]);
}

typedef struct heard {
	ws_event event;
	uint16_t code;
	char text[300];
	size_t len;
} heard;

static heard one(buf *in)
{
	static wsframe w;
	wsframe_fini(&w);
	w = (wsframe) { .message_max = 200 };
	size_t at = 0;
	const uint8_t *bytes = NULL;
	heard h = { 0 };
	h.event = wsframe_next(&w, in->bytes, in->len, &at, &bytes, &h.len, &h.code);
	if (bytes)
		memcpy(h.text, bytes, h.len);
	wsframe_fini(&w);
	buf_fini(in);
	return h;
}

static void frames_are_what_they_say(void **state)
{
	(void)state;
	buf in = { 0 };
	client(&in, 0x81, "Hello", 5);
	heard h = one(&in);
	assert_int_equal(h.event, WS_MESSAGE);
	assert_string_equal(h.text, "Hello");
	client(&in, 0x89, "p", 1);
	assert_int_equal(one(&in).event, WS_PING);
	client(&in, 0x8a, "p", 1);
	assert_int_equal(one(&in).event, WS_PONG);
	client(&in, 0x88,
	       "\x03\xe8"
	       "bye",
	       5);
	h = one(&in);
	assert_int_equal(h.event, WS_CLOSE);
	assert_int_equal(h.code, 1000);
	client(&in, 0x88, "", 0);
	h = one(&in);
	assert_int_equal(h.code, WS_NO_CODE);
}

static void fragments_join_around_a_ping(void **state)
{
	(void)state;
	buf in = { 0 };
	wsframe w = { .message_max = 200 };
	size_t at = 0, len = 0;
	const uint8_t *bytes = NULL;
	uint16_t code = 0;
	client(&in, 0x01, "Hel", 3);
	client(&in, 0x89, "?", 1);
	client(&in, 0x80, "lo", 2);
	for (size_t cut = 0; cut < 9; cut++) {
		size_t none = 0;
		assert_int_equal(wsframe_next(&w, in.bytes, cut, &none, &bytes, &len, &code), WS_MORE);
		assert_int_equal(none, 0);
	}
	assert_int_equal(wsframe_next(&w, in.bytes, in.len, &at, &bytes, &len, &code), WS_PING);
	assert_int_equal(wsframe_next(&w, in.bytes, in.len, &at, &bytes, &len, &code), WS_MESSAGE);
	assert_int_equal(len, 5);
	assert_memory_equal(bytes, "Hello", 5);
	assert_int_equal(wsframe_next(&w, in.bytes, in.len, &at, &bytes, &len, &code), WS_MORE);
	assert_int_equal(at, in.len);
	wsframe_fini(&w);
	buf_fini(&in);
}

static void what_breaks_the_rules_has_its_code(void **state)
{
	(void)state;
	static const struct {
		unsigned first;
		const char *payload;
		size_t len;
		uint16_t code;
	} cases[] = {
		{ 0xc1, "x", 1, 1002 },
		{ 0x83, "", 0, 1002 },
		{ 0x8b, "", 0, 1002 },
		{ 0x09, "", 0, 1002 },
		{ 0x80, "x", 1, 1002 },
		{ 0x82, "x", 1, 1003 },
		{ 0x81, "\xff\xfe", 2, 1007 },
		{ 0x81, "\xed\xa0\x80", 3, 1007 },
		{ 0x88, "\x03", 1, 1002 },
		{ 0x88, "\x03\xed", 2, 1002 },
		{ 0x88, "\x03\xe8\xff", 3, 1002 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf in = { 0 };
		client(&in, cases[i].first, cases[i].payload, cases[i].len);
		heard h = one(&in);
		assert_int_equal(h.event, WS_BROKEN);
		assert_int_equal(h.code, cases[i].code);
	}
	char big[201] = { 0 };
	buf in = { 0 };
	client(&in, 0x81, big, sizeof big);
	assert_int_equal(one(&in).code, 1009);
	client(&in, 0x89, big, 126);
	assert_int_equal(one(&in).code, 1002);
	buf_put(&in, "\x81\x05Hello", 7); /* not masked */
	assert_int_equal(one(&in).code, 1002);
}

static hub_status read_head(const char *head, upgrade *u, int *status)
{
	size_t used;
	hub_fault fault;
	*status = 0;
	return upgrade_read(head, strlen(head), u, &used, status, &fault);
}

static const char good[] =
    "GET /ocpp/RDAM%7C123 HTTP/1.1\r\nHost: some.server.com:33033\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ocpp1.6, ocpp1.5\r\n"
    "Sec-WebSocket-Version: 13\r\nAuthorization: Basic QTpC\r\n\r\n";

static void the_standards_example_is_accepted(void **state)
{
	(void)state;
	upgrade u;
	int status;
	buf out = { 0 };
	assert_int_equal(read_head(good, &u, &status), HUB_OK);
	assert_string_equal(u.station, "RDAM|123");
	assert_string_equal(u.authorization, "Basic QTpC");
	assert_true(u.agreed);
	upgrade_accept(&u, &out);
	assert_non_null(strstr(buf_cstr(&out), "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
	assert_non_null(strstr(buf_cstr(&out), "Sec-WebSocket-Protocol: ocpp1.6\r\n"));
	buf_fini(&out);
}

static void heads_are_refused_with_their_status(void **state)
{
	(void)state;
	static const struct {
		const char *from, *to;
		int status;
	} cases[] = {
		{ "GET ", "POST", 405 },
		{ "HTTP/1.1", "HTTP/1.0", 400 },
		{ "/ocpp/", "/ocqq/", 404 },
		{ "%7C", "%2F", 0 },
		{ "%7C", "%0A", 404 },
		{ "%7C", "%GG", 404 },
		{ "Version: 13", "Version: 12", 426 },
		{ "Upgrade: websocket", "Upgrade: webrocket", 426 },
		{ "Connection: Upgrade", "Connection: keepit!", 400 },
		{ "dGhlIHNh", "dGhl?HNh", 400 },
		{ "Host: some", "Hast: some", 400 },
		{ "Upgrade: websocket\r\n", "Content-Length: 1\r\n ", 400 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char head[sizeof good];
		upgrade u;
		int status;
		memcpy(head, good, sizeof good);
		char *at = strstr(head, cases[i].from);
		assert_non_null(at);
		memcpy(at, cases[i].to, strlen(cases[i].to));
		hub_status st = read_head(head, &u, &status);
		assert_int_equal(st, cases[i].status ? HUB_REJECT : HUB_OK);
		if (status != cases[i].status)
			fail_msg("%s: %d", cases[i].to, status);
	}
	upgrade u;
	int status;
	char half[sizeof good];
	memcpy(half, good, sizeof good);
	half[sizeof good - 3] = 0;
	assert_int_equal(read_head(half, &u, &status), HUB_AGAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_what_they_say),
		cmocka_unit_test(fragments_join_around_a_ping),
		cmocka_unit_test(what_breaks_the_rules_has_its_code),
		cmocka_unit_test(the_standards_example_is_accepted),
		cmocka_unit_test(heads_are_refused_with_their_status),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
