#include "billing/why.h"

const char *const why_names[WHY_CAUSES] = {
	[WHY_DAYS] = "days", [WHY_PRICE] = "price", [WHY_TIER] = "tier", [WHY_WEATHER] = "weather",
	[WHY_CHARGING] = "charging", [WHY_ESTIMATE] = "estimate", [WHY_USE] = "use",
};

/* now − was × days now / days then: what changed beyond the length of the period. */
static hub_status beyond_days(const why_input *in, decimal was, decimal now, decimal *ret)
{
	decimal d;
	hub_status st = decimal_mul(was, decimal_of(in->is.days, 0), &d);
	if (st == HUB_OK)
		st = decimal_div(d, decimal_of(in->was.days, 0), 9, DECIMAL_HALF_EVEN, &d);
	return st == HUB_OK ? decimal_sub(now, d, ret) : st;
}

/* A quantity at what a unit cost on the average before. */
static hub_status worth(const why_input *in, decimal quantity, int64_t *ret)
{
	decimal d;
	*ret = 0;
	if (decimal_sign(in->was.quantity) <= 0)
		return HUB_OK;
	hub_status st = decimal_mul(decimal_trim(quantity), decimal_of(in->was.amount, 0), &d);
	if (st == HUB_OK)
		st = decimal_div(d, in->was.quantity, 0, DECIMAL_HALF_EVEN, &d);
	return st == HUB_OK ? decimal_to_int64(d, 0, DECIMAL_HALF_EVEN, ret) : st;
}

static hub_status split_use(const why_input *in, int64_t *ret)
{
	decimal more;
	hub_status st = beyond_days(in, in->was.degrees, in->is.degrees, &more);
	if (st == HUB_OK)
		st = decimal_mul(more, in->slope, &more);
	if (st == HUB_OK)
		st = worth(in, more, &ret[WHY_WEATHER]);
	if (st == HUB_OK)
		st = beyond_days(in, in->was.charging, in->is.charging, &more);
	if (st == HUB_OK)
		st = worth(in, more, &ret[WHY_CHARGING]);
	if (st == HUB_OK)
		st = beyond_days(in, in->was.estimated, in->is.estimated, &more);
	return st == HUB_OK ? worth(in, more, &ret[WHY_ESTIMATE]) : st;
}

hub_status why_split(const why_input *in, int64_t ret[WHY_CAUSES])
{
	for (int i = 0; i < WHY_CAUSES; i++)
		ret[i] = 0;
	int64_t change, rest;
	if (__builtin_sub_overflow(in->is.amount, in->was.amount, &change))
		return HUB_RANGE;
	if (!in->was.days || !in->is.days) {
		ret[in->vehicle ? WHY_CHARGING : WHY_DAYS] = change;
		return HUB_OK;
	}
	__int128 longer = (__int128)in->was.amount * (in->is.days - in->was.days) / in->was.days;
	if (longer > INT64_MAX || longer < INT64_MIN)
		return HUB_RANGE;
	ret[WHY_DAYS] = (int64_t)longer;
	ret[WHY_PRICE] = in->price;
	ret[WHY_TIER] = in->tier;
	hub_status st = split_use(in, ret);
	rest = change;
	for (int i = 0; st == HUB_OK && i < WHY_USE; i++)
		if (__builtin_sub_overflow(rest, ret[i], &rest))
			st = HUB_RANGE;
	ret[WHY_USE] = rest;
	return st;
}

static hub_status add_product(decimal a, decimal b, decimal *sum)
{
	decimal p;
	hub_status st = decimal_mul(a, b, &p);
	return st == HUB_OK ? decimal_add(*sum, p, sum) : st;
}

hub_status why_slope(const decimal *use, const decimal *degrees, size_t days, decimal *ret)
{
	decimal x = decimal_of(0, 0), y = x, xx = x, xy = x, n = decimal_of((int64_t)days, 0), top, low, p;
	hub_status st = HUB_OK;
	*ret = x;
	for (size_t i = 0; st == HUB_OK && i < days; i++) {
		st = decimal_add(x, degrees[i], &x);
		if (st == HUB_OK)
			st = decimal_add(y, use[i], &y);
		if (st == HUB_OK)
			st = add_product(degrees[i], degrees[i], &xx);
		if (st == HUB_OK)
			st = add_product(degrees[i], use[i], &xy);
	}
	/* (n Σxy − Σx Σy) / (n Σx² − (Σx)²) */
	if (st == HUB_OK)
		st = decimal_mul(n, xy, &top);
	if (st == HUB_OK)
		st = decimal_mul(x, y, &p);
	if (st == HUB_OK)
		st = decimal_sub(top, p, &top);
	if (st == HUB_OK)
		st = decimal_mul(n, xx, &low);
	if (st == HUB_OK)
		st = decimal_mul(x, x, &p);
	if (st == HUB_OK)
		st = decimal_sub(low, p, &low);
	if (st != HUB_OK || decimal_sign(low) <= 0 || decimal_sign(top) <= 0)
		return st;
	return decimal_div(top, low, 6, DECIMAL_HALF_EVEN, ret);
}
