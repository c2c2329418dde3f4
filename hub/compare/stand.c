#include "compare/stand.h"

/* Moves what is below the pivot to the front of v[low, high) and says where it ends. */
static size_t partition(int64_t *v, size_t low, size_t high, int64_t pivot, bool or_equal)
{
	size_t split = low;
	for (size_t i = low; i < high; i++) {
		int64_t x = v[i];
		v[i] = v[split];
		v[split] = x;
		split += (x < pivot) | (or_equal & (x == pivot));
	}
	return split;
}

/* The k-th smallest (from 0); [0, k) is not above it afterwards, [k, n) not below. */
static int64_t kth(int64_t *v, size_t n, size_t k)
{
	size_t low = 0, high = n;
	while (high - low > 1) {
		int64_t pivot = v[low + (high - low) / 2];
		size_t split = partition(v, low, high, pivot, false);
		if (k < split) {
			high = split;
			continue;
		}
		low = partition(v, split, high, pivot, true);
		if (k < low)
			return pivot;
	}
	return v[k];
}

static int64_t mean_down(int64_t a, int64_t b)
{
	return (a & b) + ((a ^ b) >> 1);
}

compare_result compare_stand(int64_t *v, size_t n, int64_t mine)
{
	compare_result r = { .peers = (uint32_t)n, .rank = 1 };
	for (size_t i = 0; i < n; i++)
		r.rank += v[i] < mine;
	r.median = kth(v, n, n / 2);
	if (n % 2 == 0) {
		int64_t below = v[0];
		for (size_t i = 1; i < n / 2; i++)
			below = v[i] > below ? v[i] : below;
		r.median = mean_down(below, r.median);
	}
	r.efficient = kth(v, n / 2, (n + 4) / 5 - 1);
	return r;
}
