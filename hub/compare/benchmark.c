#include "compare/benchmark.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "compare/stand.h"

static int by_use(const void *a, const void *b)
{
	return strcmp((*(benchmark *const *)a)->use, (*(benchmark *const *)b)->use);
}

/* All of one use; values is as long. */
static void rank_all(benchmark **list, size_t count, int64_t *values)
{
	for (size_t i = 0; i < count; i++)
		values[i] = list[i]->per_area;
	for (size_t i = 0; i < count; i++)
		list[i]->stand = compare_stand(values, count, list[i]->per_area);
}

hub_status benchmark_all(benchmark *list, size_t count)
{
	benchmark **known = fail_calloc(count + 1, sizeof *known);
	int64_t *values = fail_calloc(count + 1, sizeof *values);
	hub_status st = known && values ? HUB_OK : HUB_NOMEM;
	size_t n = 0;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		list[i].stand = (compare_result) { 0 };
		if (list[i].per_area != COMPARE_UNKNOWN)
			known[n++] = &list[i];
	}
	if (n)
		qsort(known, n, sizeof *known, by_use);
	for (size_t from = 0, to; from < n; from = to) {
		for (to = from + 1; to < n && !strcmp(known[to]->use, known[from]->use);)
			to++;
		if (to - from >= BENCHMARK_MIN)
			rank_all(known + from, to - from, values);
	}
	free(known);
	free(values);
	return st;
}
