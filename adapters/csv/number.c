#include "number.h"

#include <ctype.h>

#include "base/decimal.h"

static bool put_digit(int64_t *v, char c)
{
	return !__builtin_mul_overflow(*v, 10, v) && !__builtin_add_overflow(*v, c - '0', v);
}

/* Moves the point by the exponent; trailing zeros of the fraction stay. */
static hub_status scaled(int64_t digits, int scale, bool negative, hub_value *ret)
{
	for (; scale < 0; scale++)
		if (__builtin_mul_overflow(digits, 10, &digits))
			return HUB_RANGE;
	for (; scale > HUB_VALUE_SCALE_MAX; scale--) {
		if (digits % 10)
			return HUB_RANGE;
		digits /= 10;
	}
	*ret = (hub_value){ negative ? -digits : digits, (uint8_t)scale };
	return HUB_OK;
}

static bool exponent(const char **p, int *ret)
{
	int sign = **p == '-' ? -1 : 1, v = 0, n = 0;
	*p += **p == '-' || **p == '+';
	for (; isdigit((unsigned char)**p) && n < 3; n++)
		v = v * 10 + *(*p)++ - '0';
	*ret = sign * v;
	return n > 0;
}

hub_status number_parse(const char *text, char mark, char thousands, hub_value *ret)
{
	const char *p = text;
	while (*p == ' ' || *p == '\t')
		p++;
	bool negative = *p == '-', fits = true;
	p += *p == '-' || *p == '+';
	int64_t v = 0;
	int scale = 0, exp = 0, count = 0;
	for (; isdigit((unsigned char)*p) || (count && thousands && *p == thousands && isdigit((unsigned char)p[1])); p++)
		if (*p != thousands || isdigit((unsigned char)*p)) {
			fits = fits && put_digit(&v, *p);
			count++;
		}
	if (*p == mark)
		for (p++; isdigit((unsigned char)*p); p++, count++, scale++)
			fits = fits && put_digit(&v, *p);
	if (count && (*p == 'e' || *p == 'E') && (p++, !exponent(&p, &exp)))
		return HUB_REJECT;
	while (*p == ' ' || *p == '\t')
		p++;
	if (!count || *p)
		return HUB_REJECT;
	return fits ? scaled(v, scale - exp, negative, ret) : HUB_RANGE;
}

hub_status number_times(hub_value a, hub_value b, hub_value *ret)
{
	decimal product;
	hub_status st = decimal_mul(decimal_of_value(a), decimal_of_value(b), &product);
	if (st != HUB_OK)
		return HUB_RANGE;
	st = decimal_to_value(product, ret);
	return st == HUB_OK ? st : decimal_to_value(decimal_trim(product), ret);
}

hub_status number_minus(hub_value a, hub_value b, hub_value *ret)
{
	decimal difference;
	hub_status st = decimal_sub(decimal_of_value(a), decimal_of_value(b), &difference);
	return st == HUB_OK ? decimal_to_value(difference, ret) : HUB_RANGE;
}
