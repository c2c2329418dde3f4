#include <string.h>

#include "billing/rating_parts.h"

/* Periods that begin within [from, to). */
static int64_t begun(const zone *z, hub_time from, hub_time to, int months, int day)
{
	int64_t n = 0;
	zone_civil c = zone_to_civil(z, from);
	hub_time at = local_months(z, from, 0, day);
	if (months > 1) {
		/* Aligned to January, so that cycles of any cut agree. */
		int back = (c.month - 1) % months;
		at = local_months(z, from, -back, day);
	}
	for (; at < to; at = local_months(z, at, months, day))
		n += at >= from;
	return n;
}

static hub_status count_of(const rating *r, const tariff_charge *c, hub_time from, hub_time to, decimal *ret)
{
	switch (c->per) {
	case TARIFF_PER_DAY:
		*ret = decimal_of(local_days(r->zone, from, to), 0);
		return HUB_OK;
	case TARIFF_PER_MONTHS:
		if (c->advance) {
			hub_time as_of = r->u->as_of ? r->u->as_of : to;
			hub_time end = local_cycle_end(r->zone, from, as_of, c->per_months, c->per_day);
			return local_cycles(r->zone, from, end < to ? end : to, c->per_months, c->per_day, ret);
		}
		if (c->prorate)
			return local_cycles(r->zone, from, to, c->per_months, c->per_day, ret);
		*ret = decimal_of(begun(r->zone, from, to, c->per_months, c->per_day), 0);
		return HUB_OK;
	case TARIFF_PER_CYCLE:
		break;
	}
	/* Of a cycle that an earlier rating began it was counted there. */
	if (rating_cut(r, c)) {
		*ret = decimal_of(0, 0);
		return HUB_OK;
	}
	*ret = decimal_of(1, 0);
	int64_t days = local_days(r->zone, from, to), whole = local_days(r->zone, r->cycle_from, r->cycle_to);
	/* In a cycle of two versions each counts for its days; the last takes what is left. */
	if (days == whole || whole == 0)
		return HUB_OK;
	if (!r->changed && !c->prorate)
		return HUB_OK;
	int64_t before = local_days(r->zone, r->cycle_from, from);
	decimal a, b;
	hub_status st = decimal_div(decimal_of(before, 0), decimal_of(whole, 0), 12, DECIMAL_HALF_EVEN, &a);
	if (st == HUB_OK)
		st = decimal_div(decimal_of(before + days, 0), decimal_of(whole, 0), 12, DECIMAL_HALF_EVEN, &b);
	return st == HUB_OK ? decimal_sub(b, a, ret) : st;
}

hub_status rate_fixed(rating *r, const tariff_charge *c)
{
	hub_time from = c->from > r->from ? c->from : r->from;
	hub_time to = c->to && c->to < r->to ? c->to : r->to;
	if (from >= to)
		return HUB_OK;
	decimal n, price = c->price.all;
	hub_status st = count_of(r, c, from, to, &n);
	if (st == HUB_OK && c->per == TARIFF_PER_CYCLE)
		st = rating_cut_keep(r, c, decimal_of(1, 0), 0);
	if (st == HUB_OK && c->times) {
		decimal by;
		st = rating_fact(r, c->times, &by);
		if (st == HUB_OK)
			st = decimal_mul(price, by, &price);
	}
	if (st != HUB_OK || !decimal_sign(n) || !decimal_sign(price))
		return st;
	static const char *const units[] = { "cycle", "day", "period" };
	return rating_add(r, (rating_line) {
				 .charge = c,
				 .form = RATING_AMOUNT,
				 .block = -1,
				 .period = -1,
				 .unit = units[c->per],
				 .quantity = n,
				 .price = price,
				 .start = from,
				 .end = to,
			     });
}
