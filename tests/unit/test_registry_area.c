#include "unit.h"

#include <string.h>

#include "registry/area.h"

static arena a;

static area_feature *parsed(const char *text, size_t *ret_count)
{
	area_feature *list = NULL;
	hub_fault fault = { 0 };
	if (area_parse(text, strlen(text), &a, &list, ret_count, &fault) != HUB_OK)
		fail_msg("%s: %s", fault.code, fault.message);
	return list;
}

#define COLLECTION(geometry) \
	"{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{\"code\":\"east\"},\"geometry\":" geometry "}]}"

static void an_outline_is_kept_without_heights_and_foreign_members(void **state)
{
	(void)state;
	size_t count;
	area_feature *f = parsed(COLLECTION("{\"type\":\"Polygon\",\"crs\":1,\"coordinates\":[[[113.1234567,23.5,9],[113.2,23],[113.3,24],[113.1234567,23.5,9]]]}"),
				 &count);
	assert_int_equal(count, 1);
	assert_null(f->fault.code);
	assert_string_equal(f->code, "east");
	assert_string_equal(f->geometry, "{\"type\":\"Polygon\",\"coordinates\":[[[113.1234567,23.5],[113.2,23],[113.3,24],[113.1234567,23.5]]]}");
}

static void what_is_no_outline_is_told_with_its_rule(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		COLLECTION("null"),
		COLLECTION("{\"type\":\"Point\",\"coordinates\":[1,2]}"),
		COLLECTION("{\"type\":\"Polygon\",\"coordinates\":[]}"),
		COLLECTION("{\"type\":\"Polygon\",\"coordinates\":[[[1,2],[3,4],[5,6],[1,3]]]}"),
		COLLECTION("{\"type\":\"Polygon\",\"coordinates\":[[[1,2],[3,4],[1,2]]]}"),
		COLLECTION("{\"type\":\"Polygon\",\"coordinates\":[[[23.1,113.2],[3,4],[5,6],[23.1,113.2]]]}"),
		COLLECTION("{\"type\":\"MultiPolygon\",\"coordinates\":[]}"),
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		size_t count;
		const area_feature *f = parsed(wrong[i], &count);
		assert_int_equal(count, 1);
		assert_string_equal(f->fault.code, "area.geometry");
	}
}

static void a_wrong_feature_leaves_its_neighbour(void **state)
{
	(void)state;
	size_t count;
	area_feature *f = parsed("{\"type\":\"FeatureCollection\",\"features\":[{\"properties\":{}},{\"properties\":{\"code\":\"w\"},\"geometry\":"
				 "{\"type\":\"MultiPolygon\",\"coordinates\":[[[[0,0],[1,0],[1,1],[0,0]]]]}}]}", &count);
	assert_int_equal(count, 2);
	assert_string_equal(f[0].fault.code, "area.code");
	assert_null(f[1].fault.code);
}

static void no_collection_is_refused_as_a_whole(void **state)
{
	(void)state;
	area_feature *list;
	size_t count;
	hub_fault fault = { 0 };
	assert_int_equal(area_parse("{", 1, &a, &list, &count, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "area.json");
	assert_int_equal(area_parse("{\"type\":\"Feature\"}", 18, &a, &list, &count, &fault), HUB_REJECT);
	assert_string_equal(fault.code, "area.collection");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_outline_is_kept_without_heights_and_foreign_members),
		cmocka_unit_test(what_is_no_outline_is_told_with_its_rule),
		cmocka_unit_test(a_wrong_feature_leaves_its_neighbour),
		cmocka_unit_test(no_collection_is_refused_as_a_whole),
	};
	arena_init(&a, 0);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_fini(&a);
	return failed;
}
