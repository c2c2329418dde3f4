#include "billing/usage.h"

#include <string.h>

/* Digits kept when a value is divided by time. */
enum { DIVIDED_DIGITS = 9 };

const usage_fact *usage_fact_find(const usage *u, const char *name)
{
	for (size_t i = 0; i < u->fact_count; i++) {
		if (!strcmp(u->facts[i].name, name))
			return &u->facts[i];
	}
	return NULL;
}

const usage_series *usage_series_find(const usage *u, const char *quantity, const char *meter)
{
	for (size_t i = 0; i < u->series_count; i++) {
		const usage_series *s = &u->series[i];
		if (!strcmp(s->quantity, quantity) && (!meter || !strcmp(s->meter, meter)))
			return s;
	}
	return NULL;
}

/* Of an amount that belongs to [start, end): what falls before t. Differences of it add up exactly. */
static hub_status before(int64_t amount, uint8_t scale, hub_time start, hub_time end, hub_time t, decimal *ret)
{
	if (t <= start) {
		*ret = decimal_of(0, scale);
		return HUB_OK;
	}
	if (t >= end) {
		*ret = decimal_of(amount, scale);
		return HUB_OK;
	}
	decimal part;
	hub_status st = decimal_mul(decimal_of(amount, scale), decimal_of(t - start, 0), &part);
	if (st != HUB_OK)
		return st;
	uint8_t digits = scale + DIVIDED_DIGITS;
	return decimal_div(part, decimal_of(end - start, 0), digits, DECIMAL_HALF_EVEN, ret);
}

static hub_status add_part(usage_sum *sum, int64_t amount, uint8_t scale, bool estimated, hub_time start, hub_time end,
			   hub_time from, hub_time to)
{
	decimal a, b, part;
	hub_status st = before(amount, scale, start, end, from, &a);
	if (st == HUB_OK)
		st = before(amount, scale, start, end, to, &b);
	if (st == HUB_OK)
		st = decimal_sub(b, a, &part);
	if (st == HUB_OK)
		st = decimal_add(sum->amount, part, &sum->amount);
	if (st == HUB_OK && estimated)
		st = decimal_add(sum->estimated, part, &sum->estimated);
	sum->readings++;
	return st;
}

static hub_status add_whole(const usage_series *s, size_t from, size_t to, usage_sum *sum)
{
	__int128 total = 0;
	for (size_t i = from; i < to; i++)
		total += s->values[i];
	hub_status st = decimal_add(sum->amount, (decimal) { total, s->scale }, &sum->amount);
	sum->readings += to - from;
	for (size_t i = from; s->estimated && i < to && st == HUB_OK; i++) {
		if (s->estimated[i])
			st = decimal_add(sum->estimated, decimal_of(s->values[i], s->scale), &sum->estimated);
	}
	return st;
}

/* Regular values over one run [from, to) within the series. */
static hub_status run_values(const usage_series *s, hub_time from, hub_time to, usage_sum *sum)
{
	hub_time end = s->start + (int64_t)s->count * s->step;
	if (from < s->start)
		from = s->start;
	if (to > end)
		to = end;
	if (from >= to)
		return HUB_OK;
	size_t first = (size_t)((from - s->start) / s->step);
	hub_time at = s->start + (int64_t)first * s->step;
	hub_status st = HUB_OK;
	if (at < from) {
		hub_time next = at + s->step;
		st = add_part(sum, s->values[first], s->scale, s->estimated && s->estimated[first], at, next, from,
			      to < next ? to : next);
		first++;
	}
	size_t last = (size_t)((to - s->start) / s->step);
	if (st == HUB_OK && last > first)
		st = add_whole(s, first, last, sum);
	at = s->start + (int64_t)last * s->step;
	if (st == HUB_OK && last >= first && at < to)
		st = add_part(sum, s->values[last], s->scale, s->estimated && s->estimated[last], at, at + s->step, at,
			      to);
	return st;
}

static hub_status run_spans(const usage_series *s, hub_time from, hub_time to, usage_sum *sum)
{
	hub_status st = HUB_OK;
	for (size_t i = 0; i < s->count && st == HUB_OK; i++) {
		const usage_span *p = &s->spans[i];
		if (p->end <= from || p->start >= to)
			continue;
		st = add_part(sum, p->amount, s->scale, p->estimated, p->start, p->end,
			      from < p->start ? p->start : from, to > p->end ? p->end : to);
	}
	return st;
}

hub_status usage_amount(const usage_series *s, hub_time from, hub_time to, usage_sum *ret)
{
	return s->step ? run_values(s, from, to, ret) : run_spans(s, from, to, ret);
}

static hub_status spans_divisible(const usage_series *s, const calendar_edges *e, hub_time from, hub_time to,
				  hub_fault *fault)
{
	for (size_t i = 0; i < s->count && s->registers; i++) {
		const usage_span *p = &s->spans[i];
		if (p->end <= from || p->start >= to || p->end - p->start <= 86400000000LL)
			continue;
		size_t first = calendar_find(e, p->start), last = calendar_find(e, p->end - 1);
		if (first != last)
			return hub_fault_set(
			    fault, "usage.register.periods", "registers",
			    "%.60s: standings further apart than a day cannot be divided over price periods; give "
			    "interval values or the meter's tariff registers",
			    s->quantity);
	}
	return HUB_OK;
}

/* Whether no edge cuts a value: then sums are integer additions, which is what makes a bill cheap. */
static bool values_whole(const usage_series *s, hub_time from, hub_time to, const calendar_edges *e)
{
	if (!s->step || s->estimated || from < s->start || to > s->start + (int64_t)s->count * s->step ||
	    (from - s->start) % s->step || (to - s->start) % s->step)
		return false;
	for (size_t i = calendar_find(e, from) + 1; i < e->count && e->edges[i].at < to; i++) {
		if ((e->edges[i].at - s->start) % s->step)
			return false;
	}
	return true;
}

static hub_status sums_whole(const usage_series *s, hub_time from, hub_time to, const calendar_edges *e,
			     usage_sum *sums)
{
	__int128 totals[CALENDAR_PERIODS_MAX];
	uint64_t seen = 0;
	size_t v = (size_t)((from - s->start) / s->step), i = calendar_find(e, from);
	hub_time at = from;
	while (at < to) {
		hub_time end = i + 1 < e->count && e->edges[i + 1].at < to ? e->edges[i + 1].at : to;
		uint8_t period = e->edges[i++].period;
		__int128 sum = seen >> period & 1 ? totals[period] : 0;
		size_t first = v;
		for (; at < end; at += s->step)
			sum += s->values[v++];
		seen |= 1ull << period;
		totals[period] = sum;
		sums[period].readings += v - first;
	}
	hub_status st = HUB_OK;
	for (size_t p = 0; seen >> p && st == HUB_OK; p++) {
		if (seen >> p & 1)
			st = decimal_add(sums[p].amount, (decimal) { totals[p], s->scale }, &sums[p].amount);
		if (p == CALENDAR_PERIODS_MAX - 1)
			break;
	}
	return st;
}

hub_status usage_sums(const usage_series *s, hub_time from, hub_time to, const calendar_edges *e, usage_sum *sums,
		      hub_fault *fault)
{
	if (from < to && values_whole(s, from, to, e))
		return sums_whole(s, from, to, e, sums);
	hub_status st = e->count > 1 ? spans_divisible(s, e, from, to, fault) : HUB_OK;
	size_t i = calendar_find(e, from);
	while (st == HUB_OK && from < to) {
		hub_time end = i + 1 < e->count && e->edges[i + 1].at < to ? e->edges[i + 1].at : to;
		st = usage_amount(s, from, end, &sums[e->edges[i].period]);
		from = end;
		i++;
	}
	return st;
}

int64_t usage_covered(const usage_series *s, hub_time from, hub_time to)
{
	int64_t sum = 0;
	if (s->step) {
		hub_time end = s->start + (int64_t)s->count * s->step;
		hub_time a = from > s->start ? from : s->start, b = to < end ? to : end;
		return b > a ? b - a : 0;
	}
	for (size_t i = 0; i < s->count; i++) {
		hub_time a = from > s->spans[i].start ? from : s->spans[i].start;
		hub_time b = to < s->spans[i].end ? to : s->spans[i].end;
		sum += b > a ? b - a : 0;
	}
	return sum;
}
