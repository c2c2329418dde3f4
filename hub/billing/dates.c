#include "base/clock.h"
#include "billing/rating_parts.h"

/* Each part of a period counts with nine digits, half up, so that a bill can be checked by hand. */
enum { PART_DIGITS = 9 };

static int month_length(int year, int month)
{
	return (int)(clock_days(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1) -
		     clock_days(year, month, 1));
}

static int64_t local_day(const zone *z, hub_time t)
{
	zone_civil c = zone_to_civil(z, t);
	return clock_days(c.year, c.month, c.day);
}

int64_t local_days(const zone *z, hub_time from, hub_time to)
{
	if (to <= from)
		return 0;
	int64_t days = local_day(z, to) - local_day(z, from);
	zone_civil a = zone_to_civil(z, from), b = zone_to_civil(z, to);
	int64_t x = ((a.hour * 60 + a.minute) * 60LL + a.second), y = ((b.hour * 60 + b.minute) * 60LL + b.second);
	return days + (y > x);
}

static hub_time at_date(const zone *z, int year, int month, int day)
{
	int length = month_length(year, month);
	zone_civil c = { .year = year, .month = month, .day = day < length ? day : length };
	hub_time t = 0;
	zone_from_civil(z, c, &t, NULL);
	return t;
}

hub_time local_months(const zone *z, hub_time at, int months, int day)
{
	zone_civil c = zone_to_civil(z, at);
	int index = c.year * 12 + c.month - 1 + months;
	return at_date(z, index / 12, index % 12 + 1, day ? day : c.day);
}

/* `day` in the month of t; where that has passed, one period later. */
static hub_time first_boundary(const zone *z, hub_time t, int months, int day)
{
	hub_time here = local_months(z, t, 0, day);
	return local_day(z, here) >= local_day(z, t) ? here : local_months(z, t, months, day);
}

static hub_status add_fraction(const zone *z, hub_time from, hub_time to, hub_time begin, hub_time end, decimal *sum)
{
	int64_t part = local_day(z, to) - local_day(z, from), whole = local_day(z, end) - local_day(z, begin);
	if (part <= 0)
		return HUB_OK;
	decimal f;
	hub_status st = decimal_div(decimal_of(part, 0), decimal_of(whole, 0), PART_DIGITS, DECIMAL_HALF_UP, &f);
	return st == HUB_OK ? decimal_add(*sum, part == whole ? decimal_of(1, 0) : f, sum) : st;
}

hub_status local_cycles(const zone *z, hub_time from, hub_time to, int months, int day, decimal *ret)
{
	decimal sum = decimal_of(0, 0);
	hub_time at = first_boundary(z, from, months, day);
	hub_status st = HUB_OK;
	/* The leading part belongs to the period that ends at the first boundary. */
	if (at > from)
		st = add_fraction(z, from, at < to ? at : to, local_months(z, at, -months, 0), at, &sum);
	while (st == HUB_OK && at < to) {
		hub_time next = local_months(z, at, months, day);
		st = add_fraction(z, at, next < to ? next : to, at, next, &sum);
		at = next;
	}
	if (st == HUB_OK)
		*ret = decimal_trim(sum);
	return st;
}

hub_time local_cycle_end(const zone *z, hub_time from, hub_time t, int months, int day)
{
	hub_time at = first_boundary(z, from, months, day);
	while (at <= t)
		at = local_months(z, at, months, day);
	return at;
}
