#include "unit.h"

#include <ctype.h>
#include <jansson.h>
#include <string.h>

#include "api/description.h"
#include "api/operations.h"

/* "{code*}" is the table's way to write a "{code}" that takes slashes. */
static void described_path(const char *path, char *out, size_t size)
{
	size_t n = 0;
	for (; *path && n + 1 < size; path++)
		if (*path != '*')
			out[n++] = *path;
	out[n] = 0;
}

static json_t *described(json_t *whole, const route *r)
{
	char path[256], method[16] = "";
	described_path(r->path, path, sizeof path);
	for (size_t i = 0; r->method[i] && i + 1 < sizeof method; i++)
		method[i] = (char)tolower((unsigned char)r->method[i]);
	return json_object_get(json_object_get(json_object_get(whole, "paths"), path), method);
}

static json_t *document(void)
{
	json_error_t error;
	json_t *whole = json_loadb(api_documents[0].bytes, api_documents[0].len, JSON_REJECT_DUPLICATES, &error);
	assert_non_null(whole);
	return whole;
}

static void every_row_has_its_function_and_its_description(void **state)
{
	(void)state;
	json_t *whole = document();
	for (size_t i = 0; i < ROUTE_COUNT; i++) {
		json_t *operation_described = described(whole, &routes[i]);
		if (!operations[i] || !operation_described)
			fail_msg("%s: %s", routes[i].operation, operations[i] ? "not described" : "no function in hub/api/operations.c");
		assert_string_equal(json_string_value(json_object_get(operation_described, "operationId")), routes[i].operation);
		json_t *security = json_object_get(operation_described, "security");
		assert_int_equal(routes[i].open, security && json_array_size(security) == 0);
		assert_int_equal(routes[i].consumes != NULL, json_object_get(operation_described, "requestBody") != NULL);
	}
	json_decref(whole);
}

static void nothing_is_described_that_is_not_there(void **state)
{
	(void)state;
	json_t *whole = document(), *item, *op;
	const char *path, *method;
	size_t count = 0;
	json_object_foreach(json_object_get(whole, "paths"), path, item) {
		/* /access/v1/ is AuthZEN's own, /oauth2/ where OAuth clients look. */
		assert_true(!strncmp(path, "/v1/", 4) || !strncmp(path, "/access/v1/", 11) || !strncmp(path, "/oauth2/", 8));
		json_object_foreach(item, method, op)
			count++;
	}
	assert_int_equal(count, ROUTE_COUNT);
	assert_string_equal(json_string_value(json_object_get(whole, "openapi")), "3.1.0");
	json_decref(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_has_its_function_and_its_description),
		cmocka_unit_test(nothing_is_described_that_is_not_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
