#include "billing/whatif.h"

#include <string.h>

#define DAY_MICROS 86400000000LL
#define HOUR_MICROS 3600000000LL

static hub_status copy_usage(const usage *u, const char *quantity, arena *a, usage *ret, usage_series **ret_series,
			     hub_fault *fault)
{
	*ret = *u;
	ret->owned = NULL;
	ret->series = arena_memdup(a, u->series, u->series_count * sizeof *u->series);
	if (!ret->series)
		return HUB_NOMEM;
	for (size_t i = 0; i < ret->series_count; i++) {
		if (!strcmp(ret->series[i].quantity, quantity) && ret->series[i].step && ret->series[i].count) {
			*ret_series = &ret->series[i];
			return HUB_OK;
		}
	}
	return hub_fault_set(fault, "whatif.series", "series", "%.60s has no interval values to go by", quantity);
}

/* A copy with digits behind the last one, so that means and parts of whole numbers are not cut off. */
static hub_status finer(const usage_series *s, int64_t *values, uint8_t *ret_scale)
{
	enum { DIGITS = 3, SCALE_MOST = 9 };
	int64_t by = 1;
	*ret_scale = s->scale;
	for (int i = 0; i < DIGITS && *ret_scale < SCALE_MOST; i++, by *= 10)
		++*ret_scale;
	for (size_t i = 0; i < s->count; i++)
		if (__builtin_mul_overflow(s->values[i], by, &values[i]))
			return HUB_RANGE;
	return HUB_OK;
}

hub_status whatif_forecast(const usage *u, const char *quantity, arena *a, usage *ret, hub_fault *fault)
{
	enum { DAYS_MOST = 28 };
	usage made;
	usage_series *s = NULL;
	hub_status st = copy_usage(u, quantity, a, &made, &s, fault);
	if (st != HUB_OK)
		return st;
	size_t per_day = (size_t)(DAY_MICROS / s->step), days = per_day ? s->count / per_day : 0;
	if (!days || DAY_MICROS % s->step)
		return hub_fault_set(fault, "whatif.forecast", "series",
				     "a forecast goes by at least one whole day of values");
	if (days > DAYS_MOST)
		days = DAYS_MOST;
	hub_time end = s->start + (int64_t)s->count * s->step;
	size_t more = u->end > end ? (size_t)((u->end - end + s->step - 1) / s->step) : 0;
	int64_t *values = arena_array(a, s->count + more, sizeof *values);
	uint8_t *marks = arena_alloc(a, s->count + more);
	if (!values || !marks)
		return HUB_NOMEM;
	st = finer(s, values, &s->scale);
	if (st != HUB_OK)
		return st;
	if (s->estimated)
		memcpy(marks, s->estimated, s->count);
	for (size_t i = 0; i < more; i++) {
		__int128 sum = 0;
		size_t at = s->count + i % per_day; /* of the days that were read, none of the prolonged */
		for (size_t d = 1; d <= days; d++)
			sum += values[at - d * per_day];
		values[s->count + i] = (int64_t)(sum / (__int128)days);
		marks[s->count + i] = 1;
	}
	s->values = values;
	s->estimated = marks;
	s->count += more;
	*ret = made;
	return HUB_OK;
}

typedef struct shift {
	const usage_series *s;
	const calendar_edges *edges;
	int64_t *values;
	size_t from, to; /* periods */
	decimal part;
} shift;

static size_t period_at(const shift *h, size_t i)
{
	return h->edges->edges[calendar_find(h->edges, h->s->start + (int64_t)i * h->s->step)].period;
}

/* Within the values of one local day. */
static hub_status shift_day(const shift *h, size_t first, size_t last)
{
	int64_t moved = 0;
	size_t takers = 0;
	hub_status st = HUB_OK;
	for (size_t i = first; i < last; i++)
		takers += period_at(h, i) == h->to;
	for (size_t i = first; i < last && takers && st == HUB_OK; i++) {
		if (period_at(h, i) != h->from)
			continue;
		decimal d;
		int64_t out;
		st = decimal_mul(decimal_of(h->values[i], 0), h->part, &d);
		if (st == HUB_OK)
			st = decimal_to_int64(d, 0, DECIMAL_DOWN, &out);
		if (st == HUB_OK) {
			h->values[i] -= out;
			moved += out;
		}
	}
	for (size_t i = first, k = 0; i < last && takers && st == HUB_OK; i++) {
		if (period_at(h, i) != h->to)
			continue;
		int64_t give = moved / (int64_t)(takers - k++);
		h->values[i] += give;
		moved -= give;
	}
	return st;
}

hub_status whatif_shift(const tariff *t, const usage *u, const char *quantity, const char *from, const char *to,
			decimal part, arena *a, usage *ret, hub_fault *fault)
{
	usage made;
	usage_series *s = NULL;
	const zone *z = t->zone ? t->zone : u->zone;
	const tariff_version *v = tariff_at(t, u->start);
	int p = v ? calendar_period(v->calendars[0], from) : -1, q = v ? calendar_period(v->calendars[0], to) : -1;
	if (p < 0 || q < 0 || decimal_sign(part) < 0 || decimal_cmp(part, decimal_of(1, 0)) > 0)
		return hub_fault_set(fault, "whatif.shift", "period",
				     "two periods of the tariff and a part from 0 to 1 are wanted");
	hub_status st = copy_usage(u, quantity, a, &made, &s, fault);
	if (st != HUB_OK)
		return st;
	hub_time end = s->start + (int64_t)s->count * s->step;
	calendar_edges edges;
	st = calendar_between(v->calendars[0], z, s->start, end, a, &edges);
	int64_t *values = arena_array(a, s->count, sizeof *values);
	if (st == HUB_OK)
		st = values ? finer(s, values, &s->scale) : HUB_NOMEM;
	shift h = { s, &edges, values, (size_t)p, (size_t)q, part };
	for (size_t first = 0, last; st == HUB_OK && first < s->count; first = last) {
		hub_time next = zone_next(z, s->start + (int64_t)first * s->step, ZONE_DAY);
		last = (size_t)((next - s->start + s->step - 1) / s->step);
		if (last > s->count)
			last = s->count;
		st = shift_day(&h, first, last);
	}
	if (st != HUB_OK)
		return st;
	s->values = values;
	*ret = made;
	return HUB_OK;
}

hub_status whatif_rate_of_spend(const tariff *t, const usage *u, const char *quantity, decimal power, arena *a,
				decimal *ret, hub_fault *fault)
{
	usage with = *u, without = *u;
	with.owned = without.owned = NULL;
	without.end = with.end = u->end + HOUR_MICROS;
	with.series = arena_array(a, u->series_count + 1, sizeof *with.series);
	int64_t *value = arena_alloc(a, sizeof *value);
	if (!with.series || !value)
		return HUB_NOMEM;
	if (u->series_count)
		memcpy(with.series, u->series, u->series_count * sizeof *with.series);
	const usage_series *like = usage_series_find(u, quantity, NULL);
	hub_status st = decimal_to_int64(power, power.scale, DECIMAL_DOWN, value);
	with.series[with.series_count++] = (usage_series) {
		.quantity = quantity,
		.unit = like ? like->unit : "kWh",
		.meter = like ? like->meter : "",
		.scale = power.scale,
		.start = u->end,
		.step = HOUR_MICROS,
		.values = value,
		.count = 1,
	};
	rating_bill more, less;
	if (st == HUB_OK)
		st = rating_rate(t, &with, a, &more, fault);
	if (st == HUB_OK)
		st = rating_rate(t, &without, a, &less, fault);
	return st == HUB_OK ? decimal_sub(more.total, less.total, ret) : st;
}
