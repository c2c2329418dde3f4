#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare/benchmark.h"

static uint64_t seed = 20261128;

static uint64_t chance(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return seed >> 33;
}

static int rising(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* Each figure straight from its words, by looking at every other building. */
static void expect(const benchmark *list, size_t count, const benchmark *b)
{
	int64_t same[64];
	uint32_t less = 0;
	size_t n = 0;
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i].use, b->use) && list[i].per_area != COMPARE_UNKNOWN) {
			same[n++] = list[i].per_area;
			less += list[i].per_area < b->per_area;
		}
	if (n < BENCHMARK_MIN || b->per_area == COMPARE_UNKNOWN) {
		assert_int_equal(b->stand.peers, 0);
		assert_int_equal(b->stand.rank, 0);
		return;
	}
	qsort(same, n, sizeof *same, rising);
	assert_int_equal(b->stand.peers, n);
	assert_int_equal(b->stand.rank, less + 1);
	assert_int_equal(b->stand.median, n % 2 ? same[n / 2] : (same[n / 2 - 1] + same[n / 2]) / 2);
	/* the smallest figure that at least a fifth of them do not exceed */
	size_t i = 0;
	while (5 * (i + 1) < n)
		i++;
	assert_int_equal(b->stand.efficient, same[i]);
}

static void it_is_what_every_pair_says(void **state)
{
	(void)state;
	static const char *const uses[] = { "office", "school", "hospital", "" };
	benchmark list[64];
	for (int round = 0; round < 2000; round++) {
		size_t count = chance() % 64;
		for (size_t i = 0; i < count; i++)
			list[i] = (benchmark) { .use = uses[chance() % 4],
						.per_area = chance() % 9 ? (int64_t)(chance() % 40) : COMPARE_UNKNOWN,
						.stand = { .peers = 7 } };
		assert_int_equal(benchmark_all(list, count), HUB_OK);
		for (size_t i = 0; i < count; i++)
			expect(list, count, &list[i]);
	}
}

static void few_are_no_benchmark(void **state)
{
	(void)state;
	benchmark list[] = { { "office", 10 }, { "office", 20 }, { "office", 30 }, { "office", 40 }, { "school", 50 } };
	assert_int_equal(benchmark_all(list, 5), HUB_OK);
	for (int i = 0; i < 5; i++)
		assert_int_equal(list[i].stand.peers, 0);
	list[4].use = "office";
	assert_int_equal(benchmark_all(list, 5), HUB_OK);
	assert_int_equal(list[0].stand.efficient, 10);
	assert_int_equal(list[4].stand.median, 30);
	assert_int_equal(list[4].stand.rank, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_what_every_pair_says),
		cmocka_unit_test(few_are_no_benchmark),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
