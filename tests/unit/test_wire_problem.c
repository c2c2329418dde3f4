#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "wire/problem.h"

static void any_bytes_become_a_json_string(void **state)
{
	(void)state;
	static const struct { const char *in; size_t len; const char *out; } cases[] = {
		{ "", 0, "\"\"" }, { "a\"b\\c", 5, "\"a\\\"b\\\\c\"" }, { "\n\t\r\x01\x7f", 5, "\"\\n\\t\\r\\u0001\\u007f\"" },
		{ "\0", 1, "\"\\u0000\"" }, { "水表", 6, "\"水表\"" }, { "\xe6\xb0", 2, "\"\\ufffd\\ufffd\"" },
		{ "\xc0\xaf", 2, "\"\\ufffd\\ufffd\"" }, { "\xed\xa0\x80", 3, "\"\\ufffd\\ufffd\\ufffd\"" },
		{ "\xf4\x90\x80\x80x", 5, "\"\\ufffd\\ufffd\\ufffd\\ufffdx\"" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		buf b = { 0 };
		json_write_textn(&b, cases[i].in, cases[i].len);
		assert_string_equal(buf_cstr(&b), cases[i].out);
		buf_fini(&b);
	}
}

static void a_fault_becomes_a_problem(void **state)
{
	(void)state;
	arena a;
	wire_reply r;
	hub_fault fault = { "call.token", "authorization", "say \"Bearer\"" };
	arena_init(&a, 0);
	assert_int_equal(problem_reply(401, &fault, NULL, &a, &r), HUB_OK);
	static const char want[] = "{\"type\":\"about:blank\",\"title\":\"Unauthorized\",\"status\":401,"
				   "\"code\":\"call.token\",\"field\":\"authorization\",\"detail\":\"say \\\"Bearer\\\"\"}\n";
	assert_int_equal(r.status, 401);
	assert_int_equal(r.body_len, sizeof want - 1);
	assert_memory_equal(r.body, want, sizeof want - 1);
	assert_string_equal(r.content_type, "application/problem+json");
	arena_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_bytes_become_a_json_string),
		cmocka_unit_test(a_fault_becomes_a_problem),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
