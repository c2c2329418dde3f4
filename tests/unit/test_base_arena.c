#include "base/arena.h"

#include "base/fail.h"
#include "unit.h"

#include <string.h>

static void pieces_are_apart_aligned_and_zero(void **state)
{
	(void)state;
	arena a;
	uint8_t *seen[500];
	size_t sizes[500];
	uint64_t seed = 9;
	arena_init(&a, 0);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < 500; i++) {
			sizes[i] = unit_random(&seed) % 3000;
			seen[i] = arena_alloc(&a, sizes[i]);
			assert_non_null(seen[i]);
			assert_int_equal((uintptr_t)seen[i] % _Alignof(max_align_t), 0);
			for (size_t k = 0; k < sizes[i]; k++)
				assert_int_equal(seen[i][k], 0);
			memset(seen[i], (int)(i & 0xff), sizes[i]);
		}
		for (size_t i = 0; i < 500; i++)
			for (size_t k = 0; k < sizes[i]; k++)
				assert_int_equal(seen[i][k], i & 0xff);
		arena_reset(&a);
		assert_int_equal(a.used, 0);
	}
	arena_fini(&a);
	assert_int_equal(a.total, 0);
}

static void the_limit_is_never_passed(void **state)
{
	(void)state;
	arena a;
	arena_init(&a, 100000);
	size_t got = 0;
	while (arena_alloc(&a, 1000))
		got++;
	assert_in_range(got, 80, 100);
	assert_true(a.total <= 100000);
	assert_null(arena_alloc(&a, 200000));
	arena_reset(&a);
	assert_non_null(arena_alloc(&a, 1000));
	arena_fini(&a);
}

static void sizes_do_not_wrap(void **state)
{
	(void)state;
	arena a;
	arena_init(&a, 1 << 20);
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_null(arena_alloc(&a, SIZE_MAX - 15));
	assert_null(arena_array(&a, SIZE_MAX / 8 + 1, 16));
	assert_null(arena_strndup(&a, "x", SIZE_MAX));
	assert_non_null(arena_array(&a, 0, 16));
	assert_non_null(arena_array(&a, 16, 0));
	arena_fini(&a);
}

static void texts_are_copied(void **state)
{
	(void)state;
	arena a;
	char text[] = "水表 0001";
	arena_init(&a, 0);
	char *copy = arena_strdup(&a, text);
	text[0] = 'x';
	assert_string_equal(copy, "水表 0001");
	assert_string_equal(arena_strdup(&a, NULL), "");
	assert_string_equal(arena_strndup(&a, "abc", 2), "ab");
	assert_string_equal(arena_printf(&a, "%s-%05d", "m", 42), "m-00042");
	assert_memory_equal(arena_memdup(&a, "a\0b", 3), "a\0b", 3);
	arena_fini(&a);
}

static void lost_allocations_are_told(void **state)
{
	(void)state;
	arena a;
	arena_init(&a, 0);
	fail_after(0);
	assert_null(arena_alloc(&a, 10));
	assert_true(fail_was_hit());
	assert_non_null(arena_alloc(&a, 10));
	fail_after(0);
	assert_non_null(arena_alloc(&a, 10)); /* from the block it has */
	assert_null(arena_printf(&a, "%0100000d", 1));
	fail_after(-1);
	arena_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_apart_aligned_and_zero),
		cmocka_unit_test(the_limit_is_never_passed),
		cmocka_unit_test(sizes_do_not_wrap),
		cmocka_unit_test(texts_are_copied),
		cmocka_unit_test(lost_allocations_are_told),
	};
	return cmocka_run_group_tests_name("base_arena", tests, NULL, NULL);
}
