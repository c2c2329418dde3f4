#include "compare/advice.h"

#include <stdlib.h>

static int rising(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

bool advice_always_on(const advice_day *days, size_t count, advice_load *ret)
{
	int64_t least[ADVICE_DAYS], sum = 0;
	size_t n = 0;
	for (size_t d = count > ADVICE_DAYS ? count - ADVICE_DAYS : 0; d < count; d++) {
		int64_t low = INT64_MAX, all = 0;
		for (int h = 0; h < 24; h++) {
			int64_t v = days[d].hour[h];
			low = v < low ? v : low;
			all += v < 0 ? 0 : v;
		}
		if (low < 0)
			continue;
		least[n++] = low;
		sum += all;
	}
	*ret = (advice_load) { .days = n };
	if (n < ADVICE_LEAST_DAYS)
		return false;
	qsort(least, n, sizeof *least, rising);
	ret->always_on = least[(n - 1) / 2];
	ret->mean = sum / (int64_t)n / 24;
	ret->percent = ret->mean ? (int)((__int128)ret->always_on * 100 / ret->mean) : 0;
	ret->act = ret->always_on >= ADVICE_LOAD_LEAST && ret->percent >= ADVICE_LOAD_PERCENT;
	return true;
}

bool advice_night_flow(const advice_day *days, size_t count, advice_flow *ret)
{
	bool known = false, running = true;
	*ret = (advice_flow) { .least = INT64_MAX };
	for (size_t d = count; d-- > 0 && running;) {
		int64_t low = INT64_MAX;
		for (int h = ADVICE_NIGHT_FROM; h < ADVICE_NIGHT_TO; h++)
			low = days[d].hour[h] < low ? days[d].hour[h] : low;
		if (low < 0 && !known)
			continue; /* the newest night may not have come in yet */
		if (low <= 0) {
			known |= low == 0;
			running = false;
			continue;
		}
		known = true;
		ret->nights++;
		ret->least = low < ret->least ? low : ret->least;
	}
	if (!ret->nights)
		ret->least = 0;
	ret->act = ret->nights >= ADVICE_LEAST_NIGHTS;
	return known;
}
