/*
 * Public frames of $HUB_REFERENCE_DATA/data/vectors/china/DLT645-*.json: stated values equal,
 * frames that must fail are refused, every other whole frame is taken.
 */
#include <ctype.h>
#include <glob.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>
#include <jansson.h>

#include "host/decode.h"

static json_t *decode(const char *hex)
{
	buf bytes = { 0 }, out = { 0 };
	decoder *d;
	hub_fault fault;
	size_t refused;
	assert_int_equal(decode_hex(hex, strlen(hex), &bytes, &fault), HUB_OK);
	assert_int_equal(decoder_new(&hub_adapter_table, NULL, 0, false, &d, &fault), HUB_OK);
	assert_int_equal(decoder_feed(d, bytes.bytes, bytes.len), HUB_OK);
	assert_int_equal(decoder_end(d, &out, &refused), HUB_OK);
	json_t *line = json_loads(buf_cstr(&out), 0, NULL);
	assert_non_null(line);
	decoder_free(d);
	buf_fini(&bytes);
	buf_fini(&out);
	return line;
}

/* "000000.26 kWh" states the value 0.26 and the unit kWh. */
static bool states(const char *text, const json_t *reading)
{
	const char *value = json_string_value(json_object_get(reading, "value"));
	const char *unit = json_string_value(json_object_get(reading, "unit"));
	size_t n = strcspn(text, " ");
	while (n > 1 && *text == '0' && isdigit((unsigned char)text[1])) {
		text++;
		n--;
	}
	return value && strlen(value) == n && !strncmp(value, text, n) && (!text[n] || !strcmp(unit, text + n + 1));
}

static bool flag(const json_t *item, const char *name)
{
	return json_is_true(json_object_get(json_object_get(item, "checked_here"), name));
}

static bool address_is(const json_t *stated, const json_t *reading)
{
	static const char *const names[] = { "地址域", "meter_number", "device_addr", "address" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *want = json_string_value(json_object_get(stated, names[i]));
		if (want && strcmp(want, json_string_value(json_object_get(reading, "meter"))) != 0)
			return false;
	}
	return true;
}

static bool item_holds(const json_t *item)
{
	const json_t *stated = json_object_get(item, "stated_by_source");
	const char *content = json_string_value(json_object_get(stated, "数据项内容"));
	content = content ? content : json_string_value(json_object_get(stated, "forward_active_energy_kwh"));
	bool whole = flag(item, "header_ok") && flag(item, "length_ok") && flag(item, "end_ok") && flag(item, "checksum_ok");
	json_t *line = decode(json_string_value(json_object_get(item, "frame")));
	const json_t *reading = json_array_get(json_object_get(line, "readings"), 0);
	bool refused = json_object_get(line, "error") != NULL;
	bool ok = refused == !whole && refused == (json_object_get(stated, "must_fail") != NULL || !whole);
	ok = ok && (!content || (reading && states(content, reading)));
	ok = ok && (!reading || address_is(stated, reading));
	json_decref(line);
	return ok;
}

static void public_frames_hold(void **state)
{
	(void)state;
	const char *folder = getenv("HUB_REFERENCE_DATA");
	char pattern[512];
	glob_t found;
	size_t wrong = 0;
	snprintf(pattern, sizeof pattern, "%s/data/vectors/china/DLT645-*.json", folder ? folder : "../shared");
	if (glob(pattern, 0, NULL, &found) != 0)
		skip();
	for (size_t i = 0; i < found.gl_pathc; i++) {
		size_t k;
		const json_t *item;
		json_t *all = json_load_file(found.gl_pathv[i], 0, NULL);
		assert_non_null(all);
		json_array_foreach(all, k, item) {
			bool ok = item_holds(item);
			wrong += !ok;
			if (!ok)
				print_error("%s: does not hold\n", json_string_value(json_object_get(item, "id")));
		}
		json_decref(all);
	}
	globfree(&found);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(public_frames_hold) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
