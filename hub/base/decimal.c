#include "base/decimal.h"

#include "base/wide.h"

#include <assert.h>
#include <string.h>

static const wide_half MAGNITUDE_MAX = ((wide_half)1 << 127) - 1;

static wide_half magnitude(decimal d)
{
	return d.digits < 0 ? -(wide_half)d.digits : (wide_half)d.digits;
}

static hub_status signed_of(bool negative, wide m, uint8_t scale, decimal *ret)
{
	if (!wide_is_half(m) || wide_low(m) > MAGNITUDE_MAX)
		return HUB_RANGE;
	__int128 v = (__int128)wide_low(m);
	*ret = (decimal) { negative ? -v : v, scale };
	return HUB_OK;
}

hub_status decimal_parse(const char *text, size_t len, decimal *ret)
{
	const char *p = text, *end = text + len, *point = NULL;
	bool negative = p < end && *p == '-';
	if (p < end && (*p == '-' || *p == '+'))
		p++;
	if (p == end || *p == '.' || end[-1] == '.')
		return HUB_REJECT;
	wide_half m = 0;
	bool range = false;
	for (; p < end; p++) {
		if (*p == '.' && !point) {
			point = p;
			continue;
		}
		if (*p < '0' || *p > '9')
			return HUB_REJECT;
		unsigned digit = (unsigned)(*p - '0');
		range = range || m > (MAGNITUDE_MAX - digit) / 10;
		if (!range)
			m = m * 10 + digit;
	}
	size_t scale = point ? (size_t)(end - point - 1) : 0;
	if (range || scale > DECIMAL_SCALE_MAX)
		return HUB_RANGE;
	return signed_of(negative, wide_of(m), (uint8_t)scale, ret);
}

const char *decimal_text(decimal d, char out[DECIMAL_TEXT])
{
	assert(d.scale <= DECIMAL_SCALE_MAX);
	char *p = out + DECIMAL_TEXT - 1;
	wide_half m = magnitude(d);
	*p = 0;
	for (unsigned n = 0; m || n <= d.scale; n++, m /= 10) {
		if (n == d.scale && n)
			*--p = '.';
		*--p = (char)('0' + (int)(m % 10));
	}
	if (d.digits < 0)
		*--p = '-';
	memmove(out, p, (size_t)(out + DECIMAL_TEXT - p));
	return out;
}

hub_status hub_value_parse(const char *text, size_t len, hub_value *ret)
{
	decimal d;
	hub_status st = decimal_parse(text, len, &d);
	if (st != HUB_OK)
		return st;
	if (d.scale > HUB_VALUE_SCALE_MAX || d.digits < INT64_MIN || d.digits > INT64_MAX)
		return HUB_RANGE;
	*ret = (hub_value) { (int64_t)d.digits, d.scale };
	return HUB_OK;
}

const char *hub_value_text(hub_value v, char out[DECIMAL_TEXT])
{
	return decimal_text(decimal_of_value(v), out);
}

static bool value_fits(decimal d)
{
	return d.scale <= HUB_VALUE_SCALE_MAX && d.digits >= INT64_MIN && d.digits <= INT64_MAX;
}

hub_status decimal_to_value(decimal d, hub_value *ret)
{
	while (!value_fits(d) && d.scale && d.digits % 10 == 0) {
		d.digits /= 10;
		d.scale--;
	}
	if (!value_fits(d))
		return HUB_RANGE;
	*ret = (hub_value) { (int64_t)d.digits, d.scale };
	return HUB_OK;
}

/* Adds trailing fraction zeros. */
static bool widen(decimal *d, uint8_t scale)
{
	wide m = wide_of(magnitude(*d));
	return wide_scale(&m, (unsigned)(scale - d->scale)) && signed_of(d->digits < 0, m, scale, d) == HUB_OK;
}

static bool same_scale(decimal *a, decimal *b)
{
	uint8_t scale = a->scale > b->scale ? a->scale : b->scale;
	return widen(a, scale) && widen(b, scale);
}

static hub_status add(decimal a, decimal b, decimal *ret)
{
	decimal sum;
	if (!same_scale(&a, &b) || __builtin_add_overflow(a.digits, b.digits, &sum.digits) ||
	    magnitude(sum) > MAGNITUDE_MAX)
		return HUB_RANGE;
	sum.scale = a.scale;
	*ret = sum;
	return HUB_OK;
}

static hub_status mul(decimal a, decimal b, decimal *ret)
{
	decimal product = { 0, 0 };
	if (a.scale + b.scale > DECIMAL_SCALE_MAX || __builtin_mul_overflow(a.digits, b.digits, &product.digits) ||
	    magnitude(product) > MAGNITUDE_MAX)
		return HUB_RANGE;
	product.scale = (uint8_t)(a.scale + b.scale);
	*ret = product;
	return HUB_OK;
}

hub_status decimal_add(decimal a, decimal b, decimal *ret)
{
	hub_status st = add(a, b, ret);
	return st == HUB_RANGE ? add(decimal_trim(a), decimal_trim(b), ret) : st;
}

hub_status decimal_sub(decimal a, decimal b, decimal *ret)
{
	return decimal_add(a, decimal_neg(b), ret);
}

hub_status decimal_mul(decimal a, decimal b, decimal *ret)
{
	hub_status st = mul(a, b, ret);
	return st == HUB_RANGE ? mul(decimal_trim(a), decimal_trim(b), ret) : st;
}

/* Whether the magnitude of a quotient goes up by one, given what is left of the division. */
static bool rounds_up(decimal_mode mode, bool negative, wide quotient, wide rest, wide divisor)
{
	if (wide_cmp(rest, (wide) { { 0 } }) == 0)
		return false;
	int half = wide_cmp(rest, wide_sub(divisor, rest));
	switch (mode) {
	case DECIMAL_HALF_UP:
		return half >= 0;
	case DECIMAL_HALF_EVEN:
		return half > 0 || (half == 0 && (quotient.limb[0] & 1));
	case DECIMAL_DOWN:
		return false;
	case DECIMAL_UP:
		return true;
	case DECIMAL_FLOOR:
		return negative;
	case DECIMAL_CEILING:
		return !negative;
	}
	assert(!"a decimal_mode");
	return false;
}

static hub_status divide(bool negative, wide a, wide b, uint8_t scale, decimal_mode mode, decimal *ret)
{
	wide rest, q = wide_div(a, b, &rest);
	if (!wide_is_half(q) || wide_low(q) > MAGNITUDE_MAX)
		return HUB_RANGE;
	if (rounds_up(mode, negative, q, rest, b))
		q = wide_of(wide_low(q) + 1);
	return signed_of(negative && wide_low(q), q, scale, ret);
}

hub_status decimal_div(decimal a, decimal b, uint8_t scale, decimal_mode mode, decimal *ret)
{
	if (!b.digits)
		return HUB_REJECT;
	if (scale > DECIMAL_SCALE_MAX)
		return HUB_RANGE;
	if (!a.digits) {
		*ret = (decimal) { 0, scale };
		return HUB_OK;
	}
	wide x = wide_of(magnitude(a)), y = wide_of(magnitude(b));
	int power = scale + b.scale - a.scale;
	if (!wide_scale(power < 0 ? &y : &x, (unsigned)(power < 0 ? -power : power)))
		return HUB_RANGE;
	return divide((a.digits < 0) != (b.digits < 0), x, y, scale, mode, ret);
}

hub_status decimal_round(decimal d, uint8_t scale, decimal_mode mode, decimal *ret)
{
	return decimal_div(d, decimal_of(1, 0), scale, mode, ret);
}

hub_status decimal_round_unit(decimal d, decimal unit, decimal_mode mode, decimal *ret)
{
	if (unit.digits <= 0)
		return HUB_REJECT;
	decimal units;
	hub_status st = decimal_div(d, unit, 0, mode, &units);
	return st == HUB_OK ? decimal_mul(units, unit, ret) : st;
}

hub_status decimal_to_int64(decimal d, uint8_t scale, decimal_mode mode, int64_t *ret)
{
	decimal r;
	hub_status st = decimal_round(d, scale, mode, &r);
	if (st != HUB_OK)
		return st;
	if (r.digits < INT64_MIN || r.digits > INT64_MAX)
		return HUB_RANGE;
	*ret = (int64_t)r.digits;
	return HUB_OK;
}

int decimal_sign(decimal d)
{
	return (d.digits > 0) - (d.digits < 0);
}

int decimal_cmp(decimal a, decimal b)
{
	if (decimal_sign(a) != decimal_sign(b))
		return decimal_sign(a) < decimal_sign(b) ? -1 : 1;
	uint8_t scale = a.scale > b.scale ? a.scale : b.scale;
	wide x = wide_of(magnitude(a)), y = wide_of(magnitude(b));
	/* 2^127 × 10^30 < 2^227 */
	bool fits = wide_scale(&x, (unsigned)(scale - a.scale)) && wide_scale(&y, (unsigned)(scale - b.scale));
	assert(fits);
	(void)fits;
	return decimal_sign(a) * wide_cmp(x, y);
}

decimal decimal_neg(decimal d)
{
	assert(magnitude(d) <= MAGNITUDE_MAX);
	d.digits = -d.digits;
	return d;
}

decimal decimal_trim(decimal d)
{
	while (d.scale && d.digits % 10 == 0) {
		d.digits /= 10;
		d.scale--;
	}
	return d;
}

bool decimal_mode_parse(const char *text, decimal_mode *ret)
{
	static const char *const names[] = { "half_up", "half_even", "down", "up", "floor", "ceiling" };
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(text, names[i]) == 0) {
			*ret = (decimal_mode)i;
			return true;
		}
	return false;
}
