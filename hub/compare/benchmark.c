#include "compare/benchmark.h"

#include <stdlib.h>
#include <string.h>

static int by_use(const void *a, const void *b)
{
	const benchmark *x = *(benchmark *const *)a, *y = *(benchmark *const *)b;
	int order = strcmp(x->use, y->use);
	return order ? order : (x->per_area > y->per_area) - (x->per_area < y->per_area);
}

/* Of halves that may be as large as each other's type. */
static int64_t lower_mean(int64_t low, int64_t high)
{
	return low + (high - low) / 2;
}

/* All of one use, the least first. */
static void rank_all(benchmark **list, size_t count)
{
	int64_t median = count % 2 ? list[count / 2]->per_area : lower_mean(list[count / 2 - 1]->per_area, list[count / 2]->per_area);
	int64_t efficient = list[(count + 4) / 5 - 1]->per_area;
	uint32_t rank = 1;
	for (size_t i = 0; i < count; i++) {
		if (i && list[i]->per_area != list[i - 1]->per_area)
			rank = (uint32_t)i + 1;
		list[i]->of = (uint32_t)count;
		list[i]->rank = rank;
		list[i]->median = median;
		list[i]->efficient = efficient;
	}
}

hub_status benchmark_all(benchmark *list, size_t count)
{
	benchmark **known = calloc(count + 1, sizeof *known);
	size_t n = 0;
	if (!known)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++) {
		list[i].of = list[i].rank = 0;
		list[i].median = list[i].efficient = 0;
		if (list[i].per_area != BENCHMARK_UNKNOWN)
			known[n++] = &list[i];
	}
	qsort(known, n, sizeof *known, by_use);
	for (size_t from = 0, to; from < n; from = to) {
		for (to = from + 1; to < n && !strcmp(known[to]->use, known[from]->use);)
			to++;
		if (to - from >= BENCHMARK_MIN)
			rank_all(known + from, to - from);
	}
	free(known);
	return HUB_OK;
}
