#include "unit.h"

#include <ctype.h>
#include <string.h>

#include "api/route.h"

static void paths_match_by_segment_and_case(void **state)
{
	(void)state;
	static const struct { const char *method, *path, *operation, *value; int known; } cases[] = {
		{ "GET", "/v1/feed", "peekFeed", NULL, 1 }, { "POST", "/v1/feed/dequeue", "dequeueFeed", NULL, 1 },
		{ "GET", "/v1/receipts/17", "getReceipt", "17", 1 }, { "GET", "/v1/receipts/水", "getReceipt", "水", 1 },
		{ "DELETE", "/v1/feed", NULL, NULL, 1 }, { "get", "/v1/feed", NULL, NULL, 1 }, { "GET", "/v1/feed/", NULL, NULL, 0 },
		{ "GET", "/V1/feed", NULL, NULL, 0 }, { "GET", "/v1/receipts/", NULL, NULL, 0 }, { "GET", "/v1/receipts", NULL, NULL, 0 },
		{ "GET", "/v1/receipts/17/x", NULL, NULL, 0 }, { "GET", "/v1", NULL, NULL, 0 }, { "GET", "/", NULL, NULL, 0 },
		{ "GET", "", NULL, NULL, 0 }, { "GET", "/v1/feedx", NULL, NULL, 0 }, { "GET", "/v1/fee", NULL, NULL, 0 },
	};
	arena a;
	arena_init(&a, 0);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *values[ROUTE_VALUES] = { 0 };
		bool known;
		const route *r = route_find(routes, cases[i].method, cases[i].path, &a, values, &known);
		if (known != cases[i].known || !r != !cases[i].operation)
			fail_msg("%s %s", cases[i].method, cases[i].path);
		if (r)
			assert_string_equal(r->operation, cases[i].operation);
		if (cases[i].value)
			assert_string_equal(values[0], cases[i].value);
	}
	arena_fini(&a);
}

/* What OpenAPI needs of each row. */
static void every_route_is_described_and_named_once(void **state)
{
	(void)state;
	for (const route *r = routes; r->method; r++) {
		/* /access/v1/ is AuthZEN's own, /oauth2/ where OAuth clients look. */
		assert_true(!strncmp(r->path, "/v1/", 4) || !strncmp(r->path, "/access/v1/", 11) ||
			    !strncmp(r->path, "/oauth2/", 8));
		assert_true(strlen(r->summary) > 10 && islower((unsigned char)r->summary[0]));
		for (const route *other = r + 1; other->method; other++)
			assert_string_not_equal(r->operation, other->operation);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_match_by_segment_and_case),
		cmocka_unit_test(every_route_is_described_and_named_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
