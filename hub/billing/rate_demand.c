#include <string.h>

#include "billing/rating_parts.h"

#define HOUR_MICROS 3600000000LL

typedef struct peaks {
	decimal by_period[CALENDAR_PERIODS_MAX];
	decimal all;
	hub_time at;
	size_t readings;
	bool found;
} peaks;

static void take(peaks *k, size_t period, decimal kw, hub_time at)
{
	if (decimal_cmp(kw, k->by_period[period]) > 0)
		k->by_period[period] = kw;
	if (decimal_cmp(kw, k->all) > 0) {
		k->all = kw;
		k->at = at;
	}
}

static const usage_series *demand_series(const rating *r, const tariff_charge *c, size_t i)
{
	const usage_series *s = &r->u->series[i];
	if (strcmp(s->quantity, c->quantity) || (c->meter && strcmp(c->meter, s->meter)))
		return NULL;
	return r->net.ready && !strcmp(s->quantity, r->net.import.quantity) ? &r->net.import : s;
}

/* Power of a window is what was used in it over its length; a series of powers is taken as it is. */
static hub_status window_power(const rating *r, const tariff_charge *c, hub_time at, int64_t window, decimal *ret)
{
	usage_sum sum = { 0 };
	hub_status st = HUB_OK;
	bool power = false;
	for (size_t i = 0; i < r->u->series_count && st == HUB_OK; i++) {
		const usage_series *s = demand_series(r, c, i);
		if (!s)
			continue;
		power |= s->instant;
		st = usage_amount(s, at, at + window, &sum);
	}
	*ret = sum.amount;
	if (st == HUB_OK && !power && window != HOUR_MICROS) {
		st = decimal_mul(sum.amount, decimal_of(HOUR_MICROS, 0), ret);
		if (st == HUB_OK)
			st = decimal_div(*ret, decimal_of(window, 0), sum.amount.scale + 6, DECIMAL_HALF_UP, ret);
	}
	return st;
}

static hub_status series_peaks(rating *r, const tariff_charge *c, peaks *k)
{
	int64_t window = 0;
	hub_time first = r->cycle_to, last = r->cycle_from; /* where there are values at all */
	for (size_t i = 0; i < r->u->series_count; i++) {
		const usage_series *s = demand_series(r, c, i);
		if (!s)
			continue;
		k->found = true;
		if (!s->step || (c->window && (s->step > c->window || c->window % s->step)))
			return hub_fault_set(r->fault, "usage.demand.step", "series",
					     "charge '%.40s' needs %.40s at a step that divides its window", c->code,
					     c->quantity);
		window = c->window ? c->window : s->step > window ? s->step : window;
		hub_time end = s->start + (int64_t)s->count * s->step;
		first = s->start < first ? s->start : first;
		last = end > last ? end : last;
	}
	if (first > r->cycle_from && k->found)
		first = r->cycle_from + (first - r->cycle_from) / window * window;
	else
		first = r->cycle_from;
	last = last < r->cycle_to ? last : r->cycle_to;
	hub_status st = HUB_OK;
	for (hub_time at = first; k->found && at < last && st == HUB_OK; at += window) {
		decimal kw;
		st = window_power(r, c, at, window, &kw);
		size_t period = r->edges.edges[calendar_find(&r->edges, at)].period;
		k->readings++;
		if (st == HUB_OK && (c->periods >> period & 1))
			take(k, period, kw, at);
	}
	return st;
}

/* The highest of the actual power, the shares of earlier peaks, and the least that is billed. */
static hub_status ratchet(rating *r, const tariff_charge *c, decimal actual, decimal *ret)
{
	usage_state *s = r->bill->state;
	decimal best = actual, floor = c->minimum;
	hub_time oldest = local_months(r->zone, r->cycle_from, -c->ratchet.months, 0);
	hub_status st = HUB_OK;
	for (size_t i = 0; i < s->peak_count && c->ratchet.months && st == HUB_OK; i++) {
		const state_peak *p = &s->peaks[i];
		if ((p->code && strcmp(p->code, c->code)) || p->at < oldest || p->at >= r->cycle_from)
			continue;
		decimal part;
		st = decimal_mul(p->value, c->ratchet.percent[zone_to_civil(r->zone, p->at).month - 1], &part);
		if (st == HUB_OK)
			st = decimal_mul(part, decimal_of(1, 2), &part);
		if (st == HUB_OK && decimal_cmp(part, best) > 0)
			best = part;
	}
	if (st == HUB_OK && decimal_sign(c->minimum_share)) {
		decimal least;
		st = rating_fact(r, c->contract, &least);
		if (st == HUB_OK)
			st = decimal_mul(least, c->minimum_share, &least);
		if (st == HUB_OK && decimal_cmp(least, floor) > 0)
			floor = least;
	}
	*ret = decimal_cmp(best, floor) < 0 ? floor : best;
	return st;
}

static void remember(rating *r, const tariff_charge *c, decimal peak)
{
	usage_state *s = r->bill->state;
	if (!c->ratchet.months)
		return;
	if (s->peak_count == STATE_PEAKS_MAX)
		memmove(s->peaks, s->peaks + 1, (--s->peak_count) * sizeof *s->peaks);
	s->peaks[s->peak_count++] = (state_peak) { c->code, r->cycle_from, peak };
}

static hub_status demand_lines(rating *r, const tariff_charge *c, decimal kw, int period, const peaks *k)
{
	rating_line line = { .charge = c,
			     .form = RATING_PEAK,
			     .block = -1,
			     .period = period,
			     .unit = c->unit,
			     .start = r->cycle_from,
			     .end = r->cycle_to,
			     .readings = k->readings };
	size_t p = period < 0 ? 0 : (size_t)period;
	decimal fills[TARIFF_BLOCKS_MAX], limits[TARIFF_BLOCKS_MAX], over = decimal_of(0, 0);
	hub_status st = HUB_OK;
	if (c->has_ladder) {
		st = ladder_limits(r, &c->ladder, r->cycle_from, r->cycle_to, limits);
		if (st == HUB_OK)
			st = ladder_fill(limits, c->ladder.count, c->ladder.volume, over, kw, fills);
		for (size_t i = 0; i < c->ladder.count && st == HUB_OK; i++) {
			line.block = (int)i;
			line.quantity = fills[i];
			line.price = tariff_price_of(&c->ladder.blocks[i].price, p);
			if (decimal_sign(fills[i]))
				st = rating_add(r, line);
		}
		return st;
	}
	line.price = tariff_price_of(&c->price, p);
	line.quantity = kw;
	if (decimal_sign(c->over_times)) {
		decimal limit;
		st = rating_fact(r, c->contract, &limit);
		if (st == HUB_OK)
			st = decimal_mul(limit, c->over, &limit);
		if (st == HUB_OK && decimal_cmp(kw, limit) > 0)
			st = decimal_sub(kw, limit, &over);
		if (st == HUB_OK)
			st = decimal_sub(kw, over, &line.quantity);
	}
	if (st == HUB_OK && decimal_sign(line.price) && decimal_sign(line.quantity))
		st = rating_add(r, line);
	if (st == HUB_OK && decimal_sign(over)) {
		line.quantity = over;
		st = decimal_mul(line.price, c->over_times, &line.price);
		if (st == HUB_OK)
			st = rating_add(r, line);
	}
	return st;
}

static bool prices_by_period(const tariff_charge *c)
{
	bool by = c->price.by_period;
	for (size_t i = 0; c->has_ladder && i < c->ladder.count; i++)
		by |= c->ladder.blocks[i].price.by_period != NULL;
	return by;
}

static bool period_costs(const tariff_charge *c, size_t p)
{
	bool costs = !c->has_ladder && decimal_sign(tariff_price_of(&c->price, p));
	for (size_t i = 0; c->has_ladder && i < c->ladder.count; i++)
		costs |= decimal_sign(tariff_price_of(&c->ladder.blocks[i].price, p)) != 0;
	return costs;
}

/* A fact does not say when it was: it is of the only period that costs anything. */
static hub_status fact_period(const rating *r, const tariff_charge *c, int *ret)
{
	*ret = -1;
	if (!prices_by_period(c))
		return HUB_OK;
	for (size_t p = 0; p < r->cal->period_count; p++) {
		if (!(c->periods >> p & 1) || (*ret >= 0 && !period_costs(c, p)))
			continue;
		if (*ret >= 0 && period_costs(c, (size_t)*ret))
			return hub_fault_set(
			    r->fault, "usage.fact.period", c->quantity,
			    "charge '%.40s' has prices for several periods and a fact does not say when it was; give "
			    "'%.40s' as a series",
			    c->code, c->quantity);
		*ret = (int)p;
	}
	return HUB_OK;
}

hub_status rate_demand(rating *r, const tariff_charge *c)
{
	peaks *k = arena_alloc(r->a, sizeof *k);
	if (!k)
		return HUB_NOMEM;
	hub_status st = series_peaks(r, c, k);
	if (st == HUB_OK && !k->found)
		st = rating_fact(r, c->quantity, &k->all);
	decimal billed;
	if (st == HUB_OK)
		st = ratchet(r, c, k->all, &billed);
	if (st != HUB_OK)
		return st;
	if (c->billing)
		r->demand = billed;
	if (!r->piece_last)
		return HUB_OK;
	remember(r, c, k->all);
	if (!prices_by_period(c) || !k->found) {
		int period = -1;
		st = fact_period(r, c, &period);
		return st == HUB_OK ? demand_lines(r, c, billed, period, k) : st;
	}
	for (size_t p = 0; p < r->cal->period_count && st == HUB_OK; p++) {
		if (!(c->periods >> p & 1) || !decimal_sign(k->by_period[p]))
			continue;
		st = ratchet(r, c, k->by_period[p], &billed);
		if (st == HUB_OK)
			st = demand_lines(r, c, billed, (int)p, k);
	}
	return st;
}
