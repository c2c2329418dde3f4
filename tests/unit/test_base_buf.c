#include "base/buf.h"

#include "base/fail.h"
#include "base/utf8.h"
#include "unit.h"

#include <hub/reader.h>
#include <string.h>

static void what_is_written_is_read(void **state)
{
	(void)state;
	buf b = { 0 };
	uint64_t seed = 10;
	for (int i = 0; i < 2000; i++) {
		uint64_t v = unit_random(&seed) >> (unit_random(&seed) % 64);
		unsigned width = 1 + (unsigned)(unit_random(&seed) % 8);
		uint64_t cut = width == 8 ? v : v & (((uint64_t)1 << (8 * width)) - 1);
		buf_clear(&b);
		buf_u8(&b, (uint8_t)v);
		buf_le(&b, v, width);
		buf_be(&b, v, width);
		buf_varint(&b, v);
		buf_zigzag(&b, (int64_t)v);
		buf_zigzag(&b, -(int64_t)(v >> 1));
		hub_reader r = hub_reader_of(b.bytes, b.len);
		assert_int_equal(hub_reader_u8(&r), (uint8_t)v);
		assert_true(hub_reader_le(&r, width) == cut);
		assert_true(hub_reader_be(&r, width) == cut);
		assert_true(hub_reader_varint(&r) == v);
		assert_true(hub_reader_zigzag(&r) == (int64_t)v);
		assert_true(hub_reader_zigzag(&r) == -(int64_t)(v >> 1));
		assert_false(r.bad);
		assert_int_equal(hub_reader_left(&r), 0);
	}
	buf_fini(&b);
}

static void encodings_are_the_documented_ones(void **state)
{
	(void)state;
	buf b = { 0 };
	buf_le(&b, 0x010203, 3);
	buf_be(&b, 0x010203, 3);
	buf_varint(&b, 300);
	buf_zigzag(&b, -1);
	buf_zigzag(&b, INT64_MIN);
	buf_str(&b, "ab");
	buf_str(&b, NULL);
	assert_int_equal(b.len, 3 + 3 + 2 + 1 + 10 + 3 + 1);
	assert_memory_equal(b.bytes,
			    "\3\2\1\1\2\3\xac\2\1\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\2"
			    "ab\0",
			    b.len);
	buf_fini(&b);
}

static void a_reader_stays_bad(void **state)
{
	(void)state;
	hub_reader r = hub_reader_of("\1\2\3", 3);
	assert_int_equal(hub_reader_u16be(&r), 0x0102);
	assert_int_equal(hub_reader_u16be(&r), 0);
	assert_true(r.bad);
	assert_int_equal(hub_reader_u8(&r), 0);
	assert_int_equal(hub_reader_left(&r), 1);
	assert_null(hub_reader_bytes(&r, 0));
	r = hub_reader_of(NULL, 0);
	assert_int_equal(hub_reader_left(&r), 0);
	assert_int_equal(hub_reader_u32le(&r), 0);
	assert_true(r.bad);
}

static void varints_that_do_not_fit_are_bad(void **state)
{
	static const char *const bad[] = { "\x80", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",
					   "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01" };
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		hub_reader r = hub_reader_of(bad[i], strlen(bad[i]));
		assert_int_equal(hub_reader_varint(&r), 0);
		assert_true(r.bad);
	}
	hub_reader r = hub_reader_of("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10);
	assert_true(hub_reader_varint(&r) == UINT64_MAX && !r.bad);
}

static void text_grows_and_drains(void **state)
{
	(void)state;
	buf b = { 0 };
	assert_string_equal(buf_cstr(&b), "");
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%d,", i);
	buf_text(&b, "end");
	assert_string_equal(buf_cstr(&b) + b.len - 7, "999,end");
	buf_drop(&b, b.len - 3);
	assert_string_equal(buf_cstr(&b), "end");
	buf_drop(&b, 99);
	assert_int_equal(b.len, 0);
	buf_fini(&b);
	buf_fini(&b);
}

static void lost_memory_is_sticky(void **state)
{
	(void)state;
	buf b = { 0 };
	buf_text(&b, "x");
	fail_after(0);
	assert_null(buf_room(&b, 1000));
	fail_after(-1);
	assert_true(b.bad);
	buf_text(&b, "y");
	buf_printf(&b, "%d", 1);
	assert_int_equal(b.len, 1);
	assert_string_equal(buf_cstr(&b), "");
	buf_clear(&b);
	assert_null(buf_room(&b, SIZE_MAX));
	buf_clear(&b);
	buf_text(&b, "z");
	assert_string_equal(buf_cstr(&b), "z");
	buf_fini(&b);
}

static void utf8_is_rfc_3629(void **state)
{
	static const char *const good[] = {
		"", "a", "é", "水表", "\xf0\x9f\x92\xa7", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"
	};
	static const char *const bad[] = { "\x80",
					   "\xc0\x80",
					   "\xc1\xbf",
					   "\xe0\x80\x80",
					   "\xed\xa0\x80",
					   "\xf0\x80\x80\x80",
					   "\xf4\x90\x80\x80",
					   "\xf5\x80\x80\x80",
					   "\xe6\xb0",
					   "\xc3(",
					   "\xff" };
	char out[8];
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(utf8_valid(good[i], strlen(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(utf8_valid(bad[i], strlen(bad[i])));
	assert_string_equal(utf8_clean("a\xff水表", out, sizeof out), "a?水");
	assert_string_equal(utf8_clean("abcdefg", out, sizeof out), "abcdefg");
	assert_string_equal(utf8_clean("水", out, 3), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read), cmocka_unit_test(encodings_are_the_documented_ones),
		cmocka_unit_test(a_reader_stays_bad),	   cmocka_unit_test(varints_that_do_not_fit_are_bad),
		cmocka_unit_test(text_grows_and_drains),   cmocka_unit_test(lost_memory_is_sticky),
		cmocka_unit_test(utf8_is_rfc_3629),
	};
	return cmocka_run_group_tests_name("base_buf", tests, NULL, NULL);
}
