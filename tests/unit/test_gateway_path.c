#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "path.h"

static void tricks_are_refused(void **state)
{
	(void)state;
#define P(text) text, sizeof text - 1
	static const struct { const char *path; size_t len; int ok; } cases[] = {
		{ P("/"), 1 }, { P("/v1/feed"), 1 }, { P("/v1/feed/"), 1 }, { P("/v1/.hidden"), 1 }, { P("/v1/..."), 1 },
		{ P("/v1/水表"), 1 }, { P("/V1/Feed"), 1 }, { P(""), 0 }, { P("v1/feed"), 0 }, { P("//v1"), 0 },
		{ P("/v1//feed"), 0 }, { P("/./v1"), 0 }, { P("/v1/.."), 0 }, { P("/v1/../feed"), 0 }, { P("/v1/%2e"), 0 },
		{ P("/v1/%"), 0 }, { P("/v1/a\\b"), 0 }, { P("/v1/a\0b"), 0 }, { P("/v1/a\nb"), 0 }, { P("/\xc0\xae"), 0 },
		{ P("/\xed\xa0\x80"), 0 }, { P("/\xff"), 0 },
	};
#undef P
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		hub_fault fault = { 0 };
		hub_status st = gateway_path_check(cases[i].path, cases[i].len, &fault);
		if ((st == HUB_OK) != cases[i].ok)
			fail_msg("%s: %s", cases[i].path, fault.message);
		if (!cases[i].ok)
			assert_string_equal(fault.code, "gateway.path");
	}
}

static void the_longest_path_has_1024_bytes(void **state)
{
	(void)state;
	char path[GATEWAY_PATH_MAX + 1];
	hub_fault fault;
	memset(path, 'a', sizeof path);
	path[0] = '/';
	assert_int_equal(gateway_path_check(path, GATEWAY_PATH_MAX, &fault), HUB_OK);
	assert_int_equal(gateway_path_check(path, GATEWAY_PATH_MAX + 1, &fault), HUB_REJECT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tricks_are_refused),
		cmocka_unit_test(the_longest_path_has_1024_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
