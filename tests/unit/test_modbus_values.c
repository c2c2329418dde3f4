/* Registers to values and back, and the public register lists of $HUB_REFERENCE_DATA/data/vectors/modbus. */
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

#include "base/buf.h"
#include "host/decode.h"
#include "modbus/map.h"
#include "modbus/value.h"

typedef struct sample {
	mb_type type;
	const char *multiplier;
	bool low_word, low_byte;
	uint8_t bytes[8];
	const char *value; /* NULL: refused; "": absent */
	bool lossy;	   /* written back it gives other bytes */
} sample;

static const sample samples[] = {
	{ MB_U16, "0.1", 0, 0, { 0x08, 0xfd }, "230.1" },
	{ MB_U16, "1", 0, 1, { 0xfd, 0x08 }, "2301" },
	{ MB_S16, "0.01", 0, 0, { 0xff, 0xff }, "-0.01" },
	{ MB_M16, "0.001", 0, 0, { 0x83, 0xb6 }, "-0.950" },
	{ MB_U32, "0.01", 0, 0, { 0x00, 0x12, 0xd6, 0x87 }, "12345.67" },
	{ MB_U32, "0.01", 1, 0, { 0xd6, 0x87, 0x00, 0x12 }, "12345.67" },
	{ MB_U32, "0.01", 1, 1, { 0x87, 0xd6, 0x12, 0x00 }, "12345.67" },
	{ MB_S32, "1", 0, 0, { 0xff, 0xff, 0xff, 0x6a }, "-150" },
	{ MB_S32, "1", 0, 0, { 0x80, 0x00, 0x00, 0x00 }, "-2147483648" },
	{ MB_M32, "1", 1, 0, { 0x04, 0xd2, 0x80, 0x00 }, "-1234" },
	{ MB_S64, "0.001", 0, 0, { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, "-0.001" },
	{ MB_U64, "1", 0, 0, { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, NULL },
	{ MB_FLOAT32, "1", 0, 0, { 0x3d, 0xcc, 0xcc, 0xcd }, "0.1" },
	{ MB_FLOAT32, "1", 0, 0, { 0xc3, 0x66, 0x80, 0x00 }, "-230.5" },
	{ MB_FLOAT32, "1", 0, 0, { 0x4b, 0x18, 0x96, 0x7f }, "9999999" },
	{ MB_FLOAT32, "1", 0, 0, { 0x7f, 0xc0, 0x00, 0x00 }, "" },
	{ MB_FLOAT64, "1", 0, 0, { 0x40, 0xc8, 0x1c, 0xd6, 0xe6, 0x31, 0xf8, 0xa1 }, "12345.6789" },
	{ MB_FLOAT32, "1", 0, 0, { 0x7f, 0x00, 0x00, 0x00 }, NULL },
	{ MB_BCD16, "0.1", 0, 0, { 0x12, 0x34 }, "123.4" },
	{ MB_BCD32, "0.01", 0, 0, { 0x12, 0x34, 0x56, 0x78 }, "123456.78" },
	{ MB_BCD16, "1", 0, 0, { 0x12, 0x3a }, NULL },
};

static void values_are_exact(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		const sample *s = &samples[i];
		mb_layout l = { .type = s->type, .low_word_first = s->low_word, .low_byte_first = s->low_byte };
		hub_value v;
		hub_fault fault;
		char text[DECIMAL_TEXT];
		assert_int_equal(decimal_parse(s->multiplier, strlen(s->multiplier), &l.multiplier), HUB_OK);
		hub_status st = mb_value_read(&l, mb_raw(&l, s->bytes), &v, &fault);
		assert_int_equal(st, !s->value ? HUB_REJECT : *s->value ? HUB_OK : HUB_MISSING);
		if (st != HUB_OK)
			continue;
		if (strcmp(hub_value_text(v, text), s->value) != 0)
			fail_msg("sample %zu: %s, not %s", i, text, s->value);
		uint8_t back[8] = { 0 };
		assert_int_equal(mb_value_write(&l, decimal_of_value(v), back), HUB_OK);
		if (memcmp(back, s->bytes, mb_type_words(l.type) * 2) != 0)
			fail_msg("sample %zu: %s is written otherwise", i, text);
	}
}

static void what_does_not_fit_is_not_written(void **state)
{
	(void)state;
	static const struct {
		mb_type type;
		const char *multiplier, *value;
	} wrong[] = { { MB_U16, "1", "65536" },	  { MB_U16, "1", "-1" },    { MB_S16, "1", "32768" },
		      { MB_S16, "1", "-32769" },  { MB_M16, "1", "32768" }, { MB_U16, "0.1", "1.25" },
		      { MB_BCD16, "1", "10000" }, { MB_BIT, "1", "2" } };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		mb_layout l = { .type = wrong[i].type };
		decimal v;
		uint8_t out[8];
		decimal_parse(wrong[i].multiplier, strlen(wrong[i].multiplier), &l.multiplier);
		decimal_parse(wrong[i].value, strlen(wrong[i].value), &v);
		assert_int_equal(mb_value_write(&l, v, out), HUB_RANGE);
	}
}

static void neighbours_are_read_together(void **state)
{
	(void)state;
	static const char text[] =
	    "{\"gap\":4,\"max_registers\":10,\"groups\":{\"a\":5,\"b\":60},\"registers\":["
	    "{\"address\":0,\"type\":\"u16\",\"quantity\":\"voltage\",\"unit\":\"V\"},"
	    "{\"address\":4,\"type\":\"u32\",\"quantity\":\"current\",\"unit\":\"A\"},"
	    "{\"address\":9,\"type\":\"u16\",\"quantity\":\"voltage\",\"unit\":\"V\"},"
	    "{\"address\":10,\"type\":\"u16\",\"quantity\":\"voltage\",\"unit\":\"V\"},"
	    "{\"address\":40,\"type\":\"u16\",\"quantity\":\"voltage\",\"unit\":\"V\"},"
	    "{\"address\":41,\"type\":\"u16\",\"quantity\":\"voltage\",\"unit\":\"V\",\"group\":\"b\"},"
	    "{\"address\":42,\"function\":4,\"type\":\"u16\",\"quantity\":\"voltage\",\"unit\":\"V\"}]}";
	static const mb_read want[] = {
		{ 3, 0, 10, 0, 3 }, { 3, 10, 1, 3, 1 }, { 3, 40, 1, 4, 1 }, { 4, 42, 1, 5, 1 }
	};
	arena a;
	mb_map m;
	mb_read *reads;
	size_t count;
	hub_fault fault;
	arena_init(&a, 0);
	assert_int_equal(mb_map_parse(text, strlen(text), "test", &a, &m, &fault), HUB_OK);
	assert_int_equal(mb_map_plan(&m, 0, &a, &reads, &count), HUB_OK);
	assert_int_equal(count, sizeof want / sizeof *want);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(reads[i].function, want[i].function);
		assert_int_equal(reads[i].address, want[i].address);
		assert_int_equal(reads[i].count, want[i].count);
		assert_int_equal(reads[i].rows, want[i].rows);
	}
	assert_int_equal(mb_map_plan(&m, 1, &a, &reads, &count), HUB_OK);
	assert_int_equal(count, 1);
	arena_fini(&a);
}

static void wrong_maps_name_their_row(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"[]",
		"{\"registers\":[]}",
		"{\"registers\":[{\"address\":1,\"quantity\":\"voltage\",\"unit\":\"V\"}]}",
		"{\"registers\":[{\"address\":70000,\"type\":\"u16\",\"quantity\":\"voltage\",\"unit\":\"V\"}]}",
		"{\"registers\":[{\"address\":1,\"type\":\"u16\",\"quantity\":\"voltage\",\"unit\":\"V\","
		"\"multiplier\":\"0\"}]}",
		"{\"registers\":[{\"address\":65535,\"type\":\"u32\",\"quantity\":\"voltage\",\"unit\":\"V\"}]}",
		"{\"registers\":[{\"address\":1,\"type\":\"u16\",\"quantity\":\"voltage\",\"unit\":\"V\",\"group\":"
		"\"none\"}]}",
		"{\"controls\":[{\"kind\":\"switch\",\"function\":7,\"address\":1}]}",
		"{\"groups\":{\"a\":0},\"registers\":[]}",
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		arena a;
		mb_map m;
		hub_fault fault = { 0 };
		arena_init(&a, 0);
		assert_int_equal(mb_map_parse(wrong[i], strlen(wrong[i]), "test", &a, &m, &fault), HUB_REJECT);
		assert_string_equal(fault.code, "modbus.map");
		arena_fini(&a);
	}
}

/* The raw number 1 (and, where the type has it, -1) must be the list's scale in the list's unit. */
static void register_holds(const mb_map *m, const json_t *listed)
{
	const char *unit = json_string_value(json_object_get(listed, "unit"));
	json_int_t address = json_integer_value(json_object_get(listed, "address"));
	double scale = json_number_value(json_object_get(listed, "scale"));
	double in_kilo = unit[0] == 'W' ? 0.001 : 1;
	for (size_t i = 0; i < m->row_count; i++) {
		const mb_row *r = &m->rows[i];
		hub_value v;
		hub_fault fault;
		char text[DECIMAL_TEXT];
		if (r->address != address)
			continue;
		assert_int_equal(r->words, strstr(json_string_value(json_object_get(listed, "type")), "32") ? 2 : 1);
		uint8_t bytes[4] = { 0 };
		bytes[r->words * 2 - 1] = 1;
		assert_int_equal(mb_value_read(&r->layout, mb_raw(&r->layout, bytes), &v, &fault), HUB_OK);
		assert_true(atof(hub_value_text(v, text)) == scale * in_kilo);
		memset(bytes, 0xff, sizeof bytes);
		assert_int_equal(mb_value_read(&r->layout, mb_raw(&r->layout, bytes), &v, &fault), HUB_OK);
		assert_int_equal(v.digits < 0, json_string_value(json_object_get(listed, "type"))[0] == 'i');
		return;
	}
	fail_msg("register %lld is not in the map", (long long)address);
}

static void maps_are_the_public_lists(void **state)
{
	(void)state;
	const char *data = getenv("HUB_REFERENCE_DATA");
	char pattern[4096];
	glob_t found;
	snprintf(pattern, sizeof pattern, "%s/data/vectors/modbus/*.json", data ? data : "../shared");
	if (glob(pattern, 0, NULL, &found) != 0)
		skip();
	for (size_t i = 0; i < found.gl_pathc; i++) {
		json_t *list = json_load_file(found.gl_pathv[i], 0, NULL), *one;
		arena a;
		mb_map m;
		hub_fault fault;
		size_t k;
		arena_init(&a, 0);
		assert_non_null(list);
		char name[64] = "acrel_adw300";
		assert_non_null(strstr(json_string_value(json_object_get(list, "device")), "ADW300"));
		assert_int_equal(mb_map_load(name, &a, &m, &fault), HUB_OK);
		json_array_foreach (json_object_get(list, "registers"), k, one)
			register_holds(&m, one);
		assert_int_equal(m.row_count, json_array_size(json_object_get(list, "registers")));
		arena_fini(&a);
		json_decref(list);
	}
	globfree(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_exact),
		cmocka_unit_test(what_does_not_fit_is_not_written),
		cmocka_unit_test(neighbours_are_read_together),
		cmocka_unit_test(wrong_maps_name_their_row),
		cmocka_unit_test(maps_are_the_public_lists),
	};
	return cmocka_run_group_tests_name("modbus values", tests, NULL, NULL);
}
