#include "base/grow.h"

#include "base/fail.h"
#include "unit.h"

#include <stdint.h>
#include <stdlib.h>

enum { MANY = 1000 };

static void a_list_on_the_heap_keeps_its_elements(void **state)
{
	(void)state;
	int *list = NULL;
	size_t cap = 0, moves = 0;
	for (size_t n = 0; n < MANY; n++) {
		size_t was = cap;
		int *more = grow(list, n, &cap, sizeof *list, 3);
		assert_non_null(more);
		assert_true(n < cap);
		moves += cap != was;
		list = more;
		list[n] = (int)n;
	}
	assert_int_equal(cap, 3 * 512); /* 3, doubled nine times */
	assert_int_equal(moves, 10);
	for (size_t n = 0; n < MANY; n++)
		assert_int_equal(list[n], n);
	free(list);
}

static void what_does_not_fit_changes_nothing(void **state)
{
	(void)state;
	size_t cap = 0;
	int *list = grow(NULL, 0, &cap, sizeof *list, 2);
	assert_non_null(list);
	list[0] = list[1] = 7;
	fail_after(0);
	assert_null(grow(list, 2, &cap, sizeof *list, 2));
	assert_true(fail_was_hit());
	fail_after(-1);
	assert_int_equal(cap, 2);
	assert_int_equal(list[1], 7);
	cap = SIZE_MAX / 2 + 1;
	assert_null(grow(list, cap, &cap, 1, 2));
	cap = SIZE_MAX / 8;
	assert_null(grow(list, cap, &cap, 8, 2));
	assert_int_equal(cap, SIZE_MAX / 8);
	free(list);
}

static void a_list_in_an_arena_is_copied_and_zero_behind(void **state)
{
	(void)state;
	arena a;
	arena_init(&a, 4096);
	uint64_t *list = NULL;
	size_t cap = 0, n = 0;
	for (uint64_t *more; (more = arena_grow(&a, list, n, &cap, sizeof *list, 4)); n++) {
		list = more;
		assert_int_equal(list[n], 0);
		list[n] = n + 1;
	}
	assert_true(n >= 64 && n == cap);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(list[i], i + 1);
	arena_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_on_the_heap_keeps_its_elements),
		cmocka_unit_test(what_does_not_fit_changes_nothing),
		cmocka_unit_test(a_list_in_an_arena_is_copied_and_zero_behind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
