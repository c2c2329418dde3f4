#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "registry/csv.h"

static arena mem;
static hub_fault fault;

/* The next row as its cells joined by '|', or the fault's code, or "end". */
static const char *next(csv *c)
{
	const char **cells;
	size_t count;
	hub_status st = csv_next(c, &mem, &cells, &count, &fault);
	if (st != HUB_OK)
		return st == HUB_MISSING ? "end" : fault.code;
	const char *text = "";
	for (size_t i = 0; i < count; i++)
		text = arena_printf(&mem, "%s%s%s", text, i ? "|" : "", cells[i]);
	return text;
}

static csv of(const char *text)
{
	return csv_of(text, strlen(text));
}

static void rows_end_with_either_line_end(void **state)
{
	(void)state;
	csv c = of("\xef\xbb\xbf" "a,b\r\n1, 2 \n\n \r\n,\n3");
	assert_string_equal(next(&c), "a|b");
	assert_string_equal(next(&c), "1|2");
	assert_int_equal(c.line, 2);
	assert_string_equal(next(&c), "|");
	assert_int_equal(c.line, 5);
	assert_string_equal(next(&c), "3");
	assert_string_equal(next(&c), "end");
	assert_string_equal(next(&c), "end");
}

static void quotes_hold_commas_lines_and_themselves(void **state)
{
	(void)state;
	csv c = of("\"a,\"\"b\"\"\", \"two\nlines \" ,x\ny");
	assert_string_equal(next(&c), "a,\"b\"|two\nlines |x");
	assert_int_equal(c.line, 1);
	assert_string_equal(next(&c), "y");
	assert_int_equal(c.line, 3);
}

static void a_broken_row_leaves_its_neighbours(void **state)
{
	(void)state;
	csv c = of("a\n\"b\"c,d\n\xff\xfe\nok\n\"open\nto the end");
	assert_string_equal(next(&c), "a");
	assert_string_equal(next(&c), "load.quote");
	assert_string_equal(next(&c), "load.utf8");
	assert_int_equal(c.line, 3);
	assert_string_equal(next(&c), "ok");
	assert_string_equal(next(&c), "load.quote");
	assert_string_equal(next(&c), "end");
}

static void too_many_cells_are_refused(void **state)
{
	(void)state;
	char text[CSV_CELLS_MAX * 2 + 8];
	memset(text, ',', CSV_CELLS_MAX);
	strcpy(text + CSV_CELLS_MAX, "\nok");
	csv c = of(text);
	assert_string_equal(next(&c), "load.width");
	assert_string_equal(next(&c), "ok");
	c = of(text + 1);
	assert_int_equal(strlen(next(&c)), CSV_CELLS_MAX - 1);
}

static int begin(void **state)
{
	(void)state;
	arena_init(&mem, 0);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_fini(&mem);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_end_with_either_line_end),
		cmocka_unit_test(quotes_hold_commas_lines_and_themselves),
		cmocka_unit_test(a_broken_row_leaves_its_neighbours),
		cmocka_unit_test(too_many_cells_are_refused),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
