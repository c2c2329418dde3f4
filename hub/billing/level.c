#include "billing/level.h"

#define DAY INT64_C(86400000000)
enum { DAYS = 70, WINDOW = 7, LEAST = 3, FACTOR = 12 };

/* Sums of the first n days, the days before the period in front. */
static size_t sums_of(const usage_series *s, hub_time start, hub_time end, decimal before, __int128 sums[DAYS + 1])
{
	size_t days = (size_t)((end - start) / DAY), first = 0;
	int64_t mean;
	__int128 amounts[DAYS] = { 0 };
	if (decimal_sign(before) > 0 && decimal_to_int64(before, s->scale, DECIMAL_HALF_UP, &mean) == HUB_OK && mean > 0)
		for (; first < WINDOW; first++)
			amounts[first] = mean;
	days = days > DAYS - WINDOW ? DAYS - WINDOW : days;
	for (size_t i = 0; i < s->count; i++) {
		hub_time at = s->step ? s->start + (int64_t)i * s->step : s->spans[i].start;
		if (at >= start && (size_t)((at - start) / DAY) < days)
			amounts[first + (size_t)((at - start) / DAY)] += s->step ? s->values[i] : s->spans[i].amount;
	}
	sums[0] = 0;
	for (size_t i = 0; i < first + days; i++)
		sums[i + 1] = sums[i] + amounts[i];
	return first + days;
}

bool level_breaks(const usage_series *s, hub_time start, hub_time end, decimal before)
{
	__int128 sums[DAYS + 1];
	/* Readings further apart than a day show no days. */
	for (size_t i = 0; !s->step && i < s->count; i++)
		if (s->spans[i].end - s->spans[i].start > DAY + DAY / 4)
			return false;
	size_t count = s->step > DAY + DAY / 4 ? 0 : sums_of(s, start, end, before, sums);
	for (size_t k = LEAST; k + LEAST <= count; k++) {
		size_t left = k < WINDOW ? k : WINDOW, right = count - k < WINDOW ? count - k : WINDOW;
		__int128 a = (sums[k] - sums[k - left]) * (__int128)right, b = (sums[k + right] - sums[k]) * (__int128)left;
		if (a > 0 && b > 0 && (a >= FACTOR * b || b >= FACTOR * a))
			return true;
	}
	return false;
}
