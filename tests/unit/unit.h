/* What every unit test includes: cmocka, and pseudo-random numbers that are the same on every run. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* splitmix64 */
static inline uint64_t unit_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* -bound … bound */
static inline int64_t unit_between(uint64_t *state, int64_t bound)
{
	return (int64_t)(unit_random(state) % (2 * (uint64_t)bound + 1)) - bound;
}

#endif
