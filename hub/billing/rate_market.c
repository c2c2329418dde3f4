#include <stdio.h>
#include <string.h>

#include "billing/rating_parts.h"

static hub_status bounded(const tariff_market *m, decimal *price)
{
	hub_status st = decimal_mul(*price, m->times, price);
	if (st == HUB_OK)
		st = decimal_add(*price, m->plus, price);
	if (st == HUB_OK && m->has_floor && decimal_cmp(*price, m->floor) < 0)
		*price = m->floor;
	if (st == HUB_OK && m->has_cap && decimal_cmp(*price, m->cap) > 0)
		*price = m->cap;
	return st;
}

typedef struct market {
	rating *r;
	const tariff_charge *c;
	decimal quantity, amount;
	size_t readings;
} market;

/* Use of [from, to), over which the price stands. */
static hub_status at_price(market *m, decimal price, hub_time from, hub_time to)
{
	rating_sums sums;
	decimal amount;
	hub_status st = rating_sums_of(m->r, m->c, from, to, &sums);
	if (st == HUB_OK)
		st = bounded(&m->c->market, &price);
	if (st == HUB_OK)
		st = decimal_mul(sums.total, price, &amount);
	if (st == HUB_OK)
		st = decimal_add(m->amount, amount, &m->amount);
	if (st == HUB_OK)
		st = decimal_add(m->quantity, sums.total, &m->quantity);
	m->readings += sums.readings;
	return st;
}

static hub_status missing(const rating *r, const tariff_charge *c, hub_time at)
{
	zone_civil t = zone_to_civil(r->zone, at);
	return hub_fault_set(
	    r->fault, "usage.market", "series",
	    "series '%.40s' has no price at %04d-%02d-%02d %02d:%02d local time; a market price is needed for "
	    "every moment of use",
	    c->market.series, t.year, t.month, t.day, t.hour, t.minute);
}

static hub_status prices_check(const rating *r, const tariff_charge *c, const usage_series *s)
{
	if (!s || !s->step)
		return hub_fault_set(r->fault, "usage.market", "series",
				     "charge '%.40s' needs the price series '%.40s' with 'values' and a 'step'",
				     c->code, c->market.series);
	char unit[40];
	snprintf(unit, sizeof unit, "%.3s/%.30s", r->t->currency, c->unit);
	if (strcmp(s->unit, unit))
		return hub_fault_set(r->fault, "usage.market.unit", "unit",
				     "prices of '%.40s' are in %.36s, not %.30s; convert them before", c->market.series,
				     unit, s->unit);
	return HUB_OK;
}

hub_status rate_market(rating *r, const tariff_charge *c, hub_time from, hub_time to)
{
	const usage_series *s = usage_series_find(r->u, c->market.series, NULL);
	hub_status st = prices_check(r, c, s);
	market m = { r, c, decimal_of(0, 0), decimal_of(0, 0), 0 };
	hub_time begin = from;
	while (st == HUB_OK && from < to) {
		if (from < s->start || from >= s->start + (int64_t)s->count * s->step)
			return missing(r, c, from);
		size_t i = (size_t)((from - s->start) / s->step);
		hub_time end = s->start + (int64_t)(i + 1) * s->step;
		if (end > to)
			end = to;
		st = at_price(&m, decimal_of(s->values[i], s->scale), from, end);
		from = end;
	}
	if (st != HUB_OK || !m.readings)
		return st;
	decimal mean = decimal_of(0, 0);
	if (decimal_sign(m.quantity))
		st = decimal_div(m.amount, m.quantity, 6, DECIMAL_HALF_UP, &mean);
	return st != HUB_OK ? st
			    : rating_add(r, (rating_line) {
						.charge = c,
						.form = RATING_MARKET,
						.block = -1,
						.period = -1,
						.unit = c->unit,
						.quantity = m.quantity,
						.price = mean,
						.amount = m.amount,
						.start = begin,
						.end = to,
						.readings = m.readings,
					    });
}
