/* 256-bit unsigned magnitudes: the exact middle results of decimal.c, and of nothing else. */
#ifndef BASE_WIDE_H
#define BASE_WIDE_H

#include <stdbool.h>
#include <stdint.h>

typedef unsigned __int128 wide_half;

typedef struct wide {
	uint64_t limb[4]; /* least significant first */
} wide;

static inline wide wide_of(wide_half v)
{
	return (wide){ { (uint64_t)v, (uint64_t)(v >> 64), 0, 0 } };
}

static inline bool wide_is_half(wide a)
{
	return !a.limb[2] && !a.limb[3];
}

static inline wide_half wide_low(wide a)
{
	return (wide_half)a.limb[1] << 64 | a.limb[0];
}

static inline int wide_cmp(wide a, wide b)
{
	for (int i = 3; i >= 0; i--)
		if (a.limb[i] != b.limb[i])
			return a.limb[i] < b.limb[i] ? -1 : 1;
	return 0;
}

/* b <= a */
static inline wide wide_sub(wide a, wide b)
{
	uint64_t borrow = 0;
	for (int i = 0; i < 4; i++) {
		wide_half d = (wide_half)a.limb[i] - b.limb[i] - borrow;
		a.limb[i] = (uint64_t)d;
		borrow = d >> 64 ? 1 : 0;
	}
	return a;
}

/* *a × m; false, and *a undefined, past 256 bits. */
static inline bool wide_mul(wide *a, uint64_t m)
{
	wide_half carry = 0;
	for (int i = 0; i < 4; i++) {
		carry += (wide_half)a->limb[i] * m;
		a->limb[i] = (uint64_t)carry;
		carry >>= 64;
	}
	return !carry;
}

/* *a × 10^power */
static inline bool wide_scale(wide *a, unsigned power)
{
	for (; power >= 19; power -= 19)
		if (!wide_mul(a, 10000000000000000000u))
			return false;
	uint64_t m = 1;
	while (power--)
		m *= 10;
	return wide_mul(a, m);
}

/* Quotient of a / b (b > 0), the rest in *ret_rest. */
static inline wide wide_div(wide a, wide b, wide *ret_rest)
{
	if (wide_is_half(a) && wide_is_half(b)) {
		*ret_rest = wide_of(wide_low(a) % wide_low(b));
		return wide_of(wide_low(a) / wide_low(b));
	}
	wide q = { { 0 } }, r = { { 0 } };
	for (int bit = 255; bit >= 0; bit--) {
		bool top = r.limb[3] >> 63;
		for (int i = 3; i > 0; i--)
			r.limb[i] = r.limb[i] << 1 | r.limb[i - 1] >> 63;
		r.limb[0] = r.limb[0] << 1 | (a.limb[bit / 64] >> (bit % 64) & 1);
		if (top || wide_cmp(r, b) >= 0) {
			r = wide_sub(r, b);
			q.limb[bit / 64] |= (uint64_t)1 << (bit % 64);
		}
	}
	*ret_rest = r;
	return q;
}

#endif
