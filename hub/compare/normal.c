#include "compare/normal.h"

#include <math.h>

static const int64_t day = INT64_C(86400000000);

hub_status compare_normal(compare_per per, const compare_size *size, decimal use, int64_t *ret, int64_t *ret_factor)
{
	/* covered ≤ 2.7 × 10^12 in a month, area ≤ 4 × 10^9, occupants ≤ 10^3, degree-days ≤ 10^6: 10^34 fits. */
	__int128 by = size->covered, unit = day;
	decimal d;
	if (size->covered <= 0 || (per.area && !size->area) || (per.occupants && size->occupants <= 0) ||
	    (per.degree_days && size->degree_days <= 0))
		return HUB_REJECT;
	if (per.area) {
		by *= size->area;
		unit *= 100;
	}
	if (per.occupants)
		by *= size->occupants;
	if (per.degree_days) {
		by *= size->degree_days;
		unit *= 100;
	}
	const decimal above = { unit, 0 }, below = { by, 0 };
	hub_status st = decimal_div(below, above, 6, DECIMAL_HALF_UP, &d);
	if (st == HUB_OK)
		st = decimal_to_int64(d, 6, DECIMAL_HALF_UP, ret_factor);
	if (st == HUB_OK)
		st = decimal_mul(use, above, &d);
	if (st == HUB_OK)
		st = decimal_div(d, below, 9, DECIMAL_HALF_UP, &d);
	return st == HUB_OK ? decimal_to_int64(d, 9, DECIMAL_HALF_UP, ret) : st;
}

hub_status compare_amount(int64_t normal, int64_t factor, decimal *ret)
{
	hub_status st = decimal_mul(decimal_of(normal, 9), decimal_of(factor, 6), ret);
	return st == HUB_OK ? decimal_round(*ret, 3, DECIMAL_HALF_UP, ret) : st;
}

decimal compare_rounded(decimal d)
{
	__int128 v = d.digits < 0 ? -d.digits : d.digits, unit = 1;
	while (v / unit >= 100)
		unit *= 10;
	v = (v + unit / 2) / unit * unit;
	return decimal_trim((decimal) { d.digits < 0 ? -v : v, d.scale });
}

int64_t compare_degrees(int64_t mean)
{
	return mean < COMPARE_HEATING_BASE   ? COMPARE_HEATING_BASE - mean
	       : mean > COMPARE_COOLING_BASE ? mean - COMPARE_COOLING_BASE
					     : 0;
}

void compare_plane(int32_t lat0, int32_t lon, int32_t lat, int32_t *ret_x, int32_t *ret_y)
{
	/* A degree of a meridian is 110,574 m, one of the equator 111,320 m. */
	*ret_x = (int32_t)lround(lon * 1e-7 * 111320 * cos(lat0 * 1e-7 * M_PI / 180));
	*ret_y = (int32_t)lround(lat * 1e-7 * 110574);
}
