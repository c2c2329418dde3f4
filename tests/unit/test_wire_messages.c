#include "wire/call.h"
#include "wire/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef hub_status (*unpack_any)(const uint8_t *msg, size_t len, arena *a);

static hub_status any_call(const uint8_t *msg, size_t len, arena *a)
{
	wire_call out;
	return wire_call_unpack(msg, len, a, &out, NULL);
}

static hub_status any_reply(const uint8_t *msg, size_t len, arena *a)
{
	wire_reply out;
	return wire_reply_unpack(msg, len, a, &out, NULL);
}

static hub_status any_order(const uint8_t *msg, size_t len, arena *a)
{
	wire_order out;
	return wire_order_unpack(msg, len, a, &out, NULL);
}

static hub_status any_report(const uint8_t *msg, size_t len, arena *a)
{
	wire_report out;
	return wire_report_unpack(msg, len, a, &out, NULL);
}

static hub_status any_command(const uint8_t *msg, size_t len, arena *a)
{
	hub_command out;
	return command_unpack(msg, len, a, &out, NULL);
}

/* Every truncation and one byte too many are refused; memory that ends is told, not crashed on. */
static void refuses_all_but_the_whole(const buf *packed, unpack_any unpack)
{
	arena a;
	arena_init(&a, 0);
	for (size_t len = 0; len <= packed->len + 1; len++) {
		uint8_t *exact = calloc(1, len ? len : 1);
		memcpy(exact, packed->bytes, len < packed->len ? len : packed->len);
		assert_int_equal(unpack(exact, len, &a), len == packed->len ? HUB_OK : HUB_REJECT);
		arena_reset(&a);
		free(exact);
	}
	arena_fini(&a);
	arena_init(&a, 1);
	assert_int_equal(unpack(packed->bytes, packed->len, &a), HUB_NOMEM);
	arena_fini(&a);
}

static const wire_head head = { .version = WIRE_VERSION, .kind = WIRE_CALL, .source = "dmzd", .epoch = 7,
				.sequence = 9, .trace = { { 1, 2, 3 } } };

static void call_comes_back(void **state)
{
	(void)state;
	wire_field query[] = { { "point", "p1" }, { "step", "15min" } }, headers[] = { { "if-match", "\"3\"" } };
	wire_call call = { .head = head, .door = "party", .method = "POST", .path = "/v1/户", .query = query,
			   .query_count = 2, .authorization = "Bearer x", .cert = (const uint8_t *)"\0\1", .cert_len = 2,
			   .address = "192.0.2.1", .headers = headers, .header_count = 1, .continuation = "",
			   .body = (const uint8_t *)"{}\0", .body_len = 3 };
	buf out = { 0 };
	wire_call_pack(&out, &call);
	arena a;
	arena_init(&a, 0);
	wire_call back;
	assert_int_equal(wire_call_unpack(out.bytes, out.len, &a, &back, NULL), HUB_OK);
	assert_string_equal(back.head.source, "dmzd");
	assert_int_equal(back.head.epoch, 7);
	assert_int_equal(back.head.sequence, 9);
	assert_memory_equal(back.head.trace.bytes, head.trace.bytes, 16);
	assert_string_equal(back.path, "/v1/户");
	assert_int_equal(back.query_count, 2);
	assert_string_equal(back.query[1].value, "15min");
	assert_string_equal(back.headers[0].name, "if-match");
	assert_int_equal(back.cert_len, 2);
	assert_memory_equal(back.body, "{}\0", 3);
	refuses_all_but_the_whole(&out, any_call);
	arena_fini(&a);
	buf_fini(&out);
}

static void reply_comes_back(void **state)
{
	(void)state;
	wire_field headers[] = { { "etag", "\"4\"" } };
	wire_reply reply = { .status = 409, .content_type = "application/problem+json", .headers = headers,
			     .header_count = 1, .body = (const uint8_t *)"{}", .body_len = 2, .continuation = "next" };
	buf out = { 0 };
	wire_reply_pack(&out, &reply);
	arena a;
	arena_init(&a, 0);
	wire_reply back;
	assert_int_equal(wire_reply_unpack(out.bytes, out.len, &a, &back, NULL), HUB_OK);
	assert_int_equal(back.status, 409);
	assert_string_equal(back.continuation, "next");
	assert_string_equal(back.headers[0].value, "\"4\"");
	refuses_all_but_the_whole(&out, any_reply);
	arena_fini(&a);
	buf_fini(&out);
}

static void order_report_and_command_come_back(void **state)
{
	(void)state;
	hub_setting arguments[] = { { "on", "false" } };
	hub_command command = { .id = "c-1", .kind = "switch", .meter = "0001", .channel = "", .expires = -5,
				.arguments = arguments, .argument_count = 1 };
	buf body = { 0 }, out = { 0 };
	command_pack(&body, &command);
	wire_order order = { .head = head, .what = "command", .subject = "east", .body = body.bytes,
			     .body_len = body.len };
	order.head.kind = WIRE_ORDER;
	wire_order_pack(&out, &order);
	arena a;
	arena_init(&a, 0);
	wire_order back;
	hub_command heard;
	assert_int_equal(wire_order_unpack(out.bytes, out.len, &a, &back, NULL), HUB_OK);
	assert_string_equal(back.what, "command");
	assert_int_equal(command_unpack(back.body, back.body_len, &a, &heard, NULL), HUB_OK);
	assert_string_equal(heard.kind, "switch");
	assert_int_equal(heard.expires, -5);
	assert_string_equal(heard.arguments[0].value, "false");
	refuses_all_but_the_whole(&out, any_order);
	refuses_all_but_the_whole(&body, any_command);

	wire_report report = { .status = HUB_MISSING, .code = "command.meter", .message = "no session" }, told;
	buf_clear(&out);
	wire_report_pack(&out, &report);
	assert_int_equal(wire_report_unpack(out.bytes, out.len, &a, &told, NULL), HUB_OK);
	assert_int_equal(told.status, HUB_MISSING);
	assert_string_equal(told.code, "command.meter");
	assert_null(told.body);
	refuses_all_but_the_whole(&out, any_report);
	arena_fini(&a);
	buf_fini(&out);
	buf_fini(&body);
}

static void strangers_are_named(void **state)
{
	(void)state;
	buf out = { 0 };
	wire_call call = { .head = head };
	wire_call_pack(&out, &call);
	arena a;
	arena_init(&a, 0);
	hub_fault fault;
	wire_call back;
	wire_order order;
	assert_int_equal(wire_order_unpack(out.bytes, out.len, &a, &order, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "wire.kind");
	out.bytes[0] = WIRE_VERSION + 1;
	assert_int_equal(wire_call_unpack(out.bytes, out.len, &a, &back, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "wire.version");
	arena_fini(&a);
	buf_fini(&out);
}

static void texts_are_utf8_without_nul(void **state)
{
	(void)state;
	static const char *const bad[] = { "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\x80", "a\xff",
					   "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80" };
	arena a;
	arena_init(&a, 0);
	for (size_t i = 0; i <= sizeof bad / sizeof *bad; i++) {
		buf out = { 0 };
		buf_u8(&out, 0);
		if (i < sizeof bad / sizeof *bad)
			buf_str(&out, bad[i]);
		else
			buf_blob(&out, "a\0b", 3);
		buf_str(&out, "");
		buf_blob(&out, "", 0);
		assert_int_equal(any_report(out.bytes, out.len, &a), HUB_REJECT);
		buf_fini(&out);
	}
	arena_fini(&a);
}

static void urls_count_ports_up(void **state)
{
	(void)state;
	static const struct {
		const char *base;
		wire_kind kind;
		const char *url; /* NULL: refused */
	} cases[] = {
		{ "ipc:///run/uhub/zone", WIRE_INTAKE, "ipc:///run/uhub/zone/adapterd.intake" },
		{ "ipc:///run/uhub/zone", WIRE_HINT, "ipc:///run/uhub/zone/adapterd.hint" },
		{ "tls+tcp://zone1:7000", WIRE_INTAKE, "tls+tcp://zone1:7000" },
		{ "tls+tcp://zone1:7000", WIRE_ORDER, "tls+tcp://zone1:7002" },
		{ "tls+tcp://[::1]:7000", WIRE_CALL, "tls+tcp://[::1]:7001" },
		{ "tls+tcp://zone1", WIRE_CALL, NULL },
		{ "tls+tcp://zone1:", WIRE_CALL, NULL },
		{ "tls+tcp://zone1:65535", WIRE_CALL, NULL },
		{ "tls+tcp://zone1:70x", WIRE_CALL, NULL },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf out = { 0 };
		hub_status st = wire_url(cases[i].base, "adapterd", cases[i].kind, &out);
		assert_int_equal(st, cases[i].url ? HUB_OK : HUB_REJECT);
		if (cases[i].url)
			assert_string_equal(buf_cstr(&out), cases[i].url);
		buf_fini(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(call_comes_back),
		cmocka_unit_test(reply_comes_back),
		cmocka_unit_test(order_report_and_command_come_back),
		cmocka_unit_test(strangers_are_named),
		cmocka_unit_test(texts_are_utf8_without_nul),
		cmocka_unit_test(urls_count_ports_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
