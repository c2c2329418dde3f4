/*
 * Public frames of $HUB_REFERENCE_DATA/data/vectors/china/CJT188.json: whole frames are taken, what
 * their sources state of them holds.
 */
#include <stdarg.h>
#include <stdbool.h>
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

static bool flag(const json_t *item, const char *name)
{
	return json_is_true(json_object_get(json_object_get(item, "checked_here"), name));
}

/* "00 77 66 55", low first, is 556677.00. */
static bool volume_is(const char *low_first, const char *value)
{
	char digits[16], want[32];
	if (strlen(low_first) != 11)
		return false;
	for (int i = 0; i < 4; i++)
		memcpy(digits + 2 * i, low_first + 3 * (3 - i), 2);
	digits[8] = '\0';
	snprintf(want, sizeof want, "%ld.%.2s", strtol(digits, NULL, 10) / 100, digits + 6);
	return !strcmp(want, value);
}

static bool item_holds(const json_t *item)
{
	const json_t *stated = json_object_get(item, "stated_by_source");
	const char *volume = json_string_value(json_object_get(stated, "累计用水量 bytes (low first)"));
	const char *time = json_string_value(json_object_get(stated, "实际时间"));
	bool whole = flag(item, "length_ok") && flag(item, "end_ok") && flag(item, "checksum_ok");
	bool asks = !strcmp(json_string_value(json_object_get(item, "direction")), "request");
	json_t *line = decode(json_string_value(json_object_get(item, "frame")));
	const json_t *readings = json_object_get(line, "readings"), *first = json_array_get(readings, 0);
	bool ok = whole == (json_object_get(line, "error") == NULL);
	ok = ok && (!asks || json_array_size(readings) == 0);
	ok = ok && (!volume || (first && volume_is(volume, json_string_value(json_object_get(first, "value")))));
	/* 2015-05-11 22:01:31 at +08:00 is the same day's afternoon in UTC. */
	ok = ok && (!time || (first && !strncmp(json_string_value(json_object_get(first, "time")), time, 10)));
	json_decref(line);
	return ok;
}

static void public_frames_hold(void **state)
{
	(void)state;
	const char *folder = getenv("HUB_REFERENCE_DATA");
	char path[512];
	size_t wrong = 0, k;
	const json_t *item;
	snprintf(path, sizeof path, "%s/data/vectors/china/CJT188.json", folder ? folder : "../shared");
	json_t *all = json_load_file(path, 0, NULL);
	if (!all)
		skip();
	json_array_foreach(all, k, item) {
		bool ok = item_holds(item);
		wrong += !ok;
		if (!ok)
			print_error("%s: does not hold\n", json_string_value(json_object_get(item, "id")));
	}
	json_decref(all);
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(public_frames_hold) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
