#include "unit.h"

#include <string.h>

#include "route/route.h"

static void paths_match_by_segment_and_case(void **state)
{
	(void)state;
	static const struct { const char *method, *path, *operation, *value, *allow; } cases[] = {
		{ "GET", "/v1/feed", "peekFeed", NULL, "GET" }, { "POST", "/v1/feed/dequeue", "dequeueFeed", NULL, "POST" },
		{ "GET", "/v1/readings", "listReadings", NULL, "GET, POST" }, { "PUT", "/v1/readings", NULL, NULL, "GET, POST" },
		{ "GET", "/v1/receipts/17", "getReceipt", "17", "GET" }, { "GET", "/v1/receipts/水", "getReceipt", "水", "GET" },
		{ "DELETE", "/v1/feed", NULL, NULL, "GET" }, { "get", "/v1/feed", NULL, NULL, "GET" },
		{ "GET", "/v1/feed/", NULL, NULL, "" }, { "GET", "/V1/feed", NULL, NULL, "" },
		{ "GET", "/v1/receipts/", NULL, NULL, "" }, { "GET", "/v1/receipts", "listReceipts", NULL, "GET" },
		{ "GET", "/v1/points/a/b", "getPoint", "a/b", "GET" }, { "GET", "/v1/points/", NULL, NULL, "" },
		{ "GET", "/v1/readings/completeness", "completeness", NULL, "GET" },
		{ "GET", "/v1/receipts/17/x", NULL, NULL, "" }, { "GET", "/v1", NULL, NULL, "" }, { "GET", "/", NULL, NULL, "" },
		{ "GET", "", NULL, NULL, "" }, { "GET", "/v1/feedx", NULL, NULL, "" }, { "GET", "/v1/fee", NULL, NULL, "" },
	};
	arena a;
	arena_init(&a, 0);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *values[ROUTE_VALUES] = { 0 };
		char allow[ROUTE_ALLOW];
		const route *r = route_find(cases[i].method, cases[i].path, &a, values, allow);
		if (strcmp(allow, cases[i].allow) || !r != !cases[i].operation)
			fail_msg("%s %s: %s", cases[i].method, cases[i].path, allow);
		if (r)
			assert_string_equal(r->operation, cases[i].operation);
		if (cases[i].value)
			assert_string_equal(values[0], cases[i].value);
	}
	arena_fini(&a);
}

static void bodies_have_a_type_and_a_limit(void **state)
{
	(void)state;
	const route *post = &routes[ROUTE_submitReadings], *get = &routes[ROUTE_listReadings];
	assert_int_equal(post->body_max, 1024 * 1024);
	assert_true(post->changes && !get->changes && !post->body_optional);
	assert_true(route_consumes(post, "application/json"));
	assert_true(route_consumes(post, "Application/JSON; charset=utf-8"));
	assert_false(route_consumes(post, "application/jsonx") || route_consumes(post, "") || route_consumes(post, "text/plain"));
	assert_false(route_consumes(get, "application/json"));
	for (size_t i = 0; i < ROUTE_COUNT; i++) {
		assert_int_equal(!routes[i].consumes, routes[i].body_max == 0);
		assert_true(routes[i].body_max <= 1024 * 1024);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_match_by_segment_and_case),
		cmocka_unit_test(bodies_have_a_type_and_a_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
