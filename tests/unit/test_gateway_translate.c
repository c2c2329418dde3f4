#include "unit.h"

#include <stdint.h>
#include <string.h>

#include "answer_head.h"
#include "cookie.h"
#include "request_head.h"

typedef struct pair {
	const char *name, *value;
} pair;

/* The head that these fields make; NULL: none. Lives until the next call. */
static const char *head_of(const pair *fields)
{
	static buf out;
	request_head h = { 0 };
	buf_clear(&out);
	for (; fields->name; fields++)
		request_head_add(&h, fields->name, strlen(fields->name), fields->value, strlen(fields->value));
	bool good = request_head_write(&h, &out);
	request_head_fini(&h);
	return good ? buf_cstr(&out) : NULL;
}

static void a_request_is_written_as_one(void **state)
{
	(void)state;
	const pair fields[] = { { ":method", "POST" },
				{ ":scheme", "https" },
				{ ":path", "/v1/readings?a=%20b" },
				{ ":authority", "hub" },
				{ "host", "other" },
				{ "cookie", "a=1" },
				{ "cookie", "b=2" },
				{ "idempotency-key", "k 7" },
				{ "content-length", "12" },
				{ "expect", "100-continue" },
				{ NULL } };
	assert_string_equal(head_of(fields),
			    "POST /v1/readings?a=%20b HTTP/1.1\r\nHost: hub\r\nidempotency-key: k 7\r\n"
			    "Cookie: a=1; b=2\r\nContent-Length: 12\r\nConnection: close\r\n\r\n");
}

static void what_would_be_read_otherwise_is_none(void **state)
{
	(void)state;
	static const pair bad[] = {
		{ "x", "a\r\nb: c" },
		{ "x", "a\nb" },
		{ "x y", "1" },
		{ "x:", "1" },
		{ "", "1" },
		{ "connection", "close" },
		{ "transfer-encoding", "chunked" },
		{ "upgrade", "h2c" },
		{ "content-length", "-1" },
		{ "content-length", "1 2" },
		{ "content-length", "" },
		{ ":method", "PUT" },
		{ ":path", "/b" },
		{ "content-length", "9999999999999999999" },
	};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		const pair fields[] = { { ":method", "GET" }, { ":path", "/a" }, bad[i], { NULL } };
		assert_null(head_of(fields));
	}
	static const char *const paths[] = { "", "a", "*", "/a b", "/a\tb", "http://x/a" };
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		const pair fields[] = { { ":method", "GET" }, { ":path", paths[i] }, { NULL } };
		assert_null(head_of(fields));
	}
	const pair twice[] = {
		{ ":method", "GET" }, { ":path", "/a" }, { "content-length", "1" }, { "content-length", "1" }, { NULL }
	};
	assert_null(head_of(twice));
}

static void an_answer_is_read(void **state)
{
	(void)state;
	char text[] = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nconnection: close\r\nETag:\"x\"\r\n"
		      "content-length: 3\r\n\r\n{}\n";
	answer_head h;
	for (size_t n = 0; n < sizeof text - 4 - 1; n++)
		assert_int_equal(answer_head_read(text, n, &h), 0);
	assert_int_equal(answer_head_read(text, sizeof text - 1, &h), 1);
	assert_string_equal(h.status, "201");
	assert_int_equal(h.count, 3);
	assert_int_equal(h.length, 3);
	assert_memory_equal(h.fields[0].name, "content-type", 12);
	assert_int_equal(h.fields[1].value_len, 3);
	assert_string_equal(text + h.size, "{}\n");
	char bare[] = "HTTP/1.1 304\r\n\r\n", broken[] = "HTTP/1.1 200 OK\r\nno colon\r\n\r\n";
	assert_int_equal(answer_head_read(bare, sizeof bare - 1, &h), 1);
	assert_int_equal(h.length, SIZE_MAX);
	assert_int_equal(answer_head_read(broken, sizeof broken - 1, &h), -1);
}

static void a_cookie_is_found_by_its_whole_name(void **state)
{
	(void)state;
	const char *value;
	size_t len;
	assert_true(cookie_find("a=b; __Host-hub=x.y; c", "__Host-hub", &value, &len));
	assert_int_equal(len, 3);
	assert_memory_equal(value, "x.y", 3);
	assert_true(cookie_find("__Host-hub=", "__Host-hub", &value, &len));
	assert_int_equal(len, 0);
	assert_false(cookie_find("x__Host-hub=1; __Host-hub2=3; __Host-hub", "__Host-hub", &value, &len));
	assert_false(cookie_find("", "__Host-hub", &value, &len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_written_as_one),
		cmocka_unit_test(what_would_be_read_otherwise_is_none),
		cmocka_unit_test(an_answer_is_read),
		cmocka_unit_test(a_cookie_is_found_by_its_whole_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
