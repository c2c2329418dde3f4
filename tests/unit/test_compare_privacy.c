/*
 * Two residents who put together all that they are told cannot compute a third home's use: for every third home there
 * is another city in which its use is at least 5 % away, everybody else's numbers are such as they might be, and these
 * two are told exactly the same. docs/decisions/0115-comparison.md gives the argument; this looks for the cities.
 */
#include "compare/normal.h"
#include "compare/peers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { HOMES = 90, TOWNS = 12, PAIRS = 25 };

static uint64_t state = 88172645463325252u;

static uint64_t rnd(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

/* All that a resident is told (show.c). */
typedef struct told {
	uint32_t peers, rank;
	bool best_fifth;
	char median[DECIMAL_TEXT], efficient[DECIMAL_TEXT];
} told;

static void round_to(int64_t normal, char *ret)
{
	decimal d;
	assert_int_equal(compare_amount(normal, INT64_C(31000000), &d), HUB_OK);
	decimal_text(compare_rounded(d), ret);
}

static told tell(const compare_home *homes, size_t at, compare_scratch *s)
{
	compare_city *city;
	compare_result got[COMPARE_COMMODITIES];
	told t;
	memset(&t, 0, sizeof t);
	assert_int_equal(compare_city_new(homes, HOMES, &city), HUB_OK);
	assert_int_equal(compare_home_results(city, at, s, got), HUB_OK);
	compare_city_free(city);
	t.peers = got[0].peers;
	t.rank = got[0].rank;
	t.best_fifth = homes[at].use[0] <= got[0].efficient;
	round_to(got[0].median, t.median);
	round_to(got[0].efficient, t.efficient);
	return t;
}

static bool same(const compare_home *homes, size_t a, size_t b, const told was[2], compare_scratch *s)
{
	told x = tell(homes, a, s);
	if (memcmp(&x, &was[0], sizeof x) != 0)
		return false;
	x = tell(homes, b, s);
	return memcmp(&x, &was[1], sizeof x) == 0;
}

static bool far(int64_t x, int64_t y)
{
	return llabs((long long)(x - y)) * 20 >= y;
}

/* Another city: the third moved by itself, or its use exchanged with another's. */
static bool another_city(compare_home *homes, size_t a, size_t b, size_t third, const told was[2], compare_scratch *s)
{
	static const int moves[] = { 95, 105, 110, 90, 130, 70, 160, 40 };
	int64_t *mine = &homes[third].use[0], true_use = *mine;
	bool found = false;
	for (size_t i = 0; !found && i < sizeof moves / sizeof *moves; i++) {
		*mine = true_use * moves[i] / 100 - (moves[i] < 100) + (moves[i] > 100);
		found = same(homes, a, b, was, s);
	}
	*mine = true_use;
	for (size_t u = 0; !found && u < HOMES; u++) {
		int64_t *other = &homes[u].use[0], its = *other;
		if (u == a || u == b || u == third || !far(its, true_use))
			continue;
		*mine = its;
		*other = true_use;
		found = same(homes, a, b, was, s);
		*mine = true_use;
		*other = its;
	}
	return found;
}

/* crowd: metres that the homes are spread over; the smaller a town, the more peers any two have in common. */
static void make_town(compare_home *homes, int crowd)
{
	memset(homes, 0, HOMES * sizeof *homes);
	for (size_t i = 0; i < HOMES; i++) {
		homes[i] = (compare_home) { .id = (int64_t)i + 1,
					    .x = (int32_t)rnd((uint64_t)crowd),
					    .y = (int32_t)rnd((uint64_t)crowd),
					    .area = (uint32_t)(7000 + rnd(4000)),
					    .occupied = true };
		homes[i].use[0] = (int64_t)(2000000000 + rnd(9000000000));
		for (int c = 1; c < COMPARE_COMMODITIES; c++)
			homes[i].use[c] = COMPARE_UNKNOWN;
	}
}

static void two_together_cannot_compute_a_third(void **unused)
{
	(void)unused;
	static compare_home homes[HOMES];
	compare_scratch *s = compare_scratch_new();
	size_t asked = 0;
	for (int town = 0; town < TOWNS; town++) {
		make_town(homes, town % 2 ? 3000 : 60);
		for (int pair = 0; pair < PAIRS; pair++) {
			size_t a = rnd(HOMES), b = rnd(HOMES), third = rnd(HOMES);
			if (a == b || third == a || third == b)
				continue;
			const told was[2] = { tell(homes, a, s), tell(homes, b, s) };
			if (!was[0].peers && !was[1].peers)
				continue;
			asked++;
			if (!another_city(homes, a, b, third, was, s))
				fail_msg("town %d: homes %zu and %zu know the use of %zu", town, a, b, third);
		}
	}
	compare_scratch_free(s);
	assert_true(asked > 150);
}

/* The hardest third: the home whose use is the very median of one and the fifth of the other. */
static void nor_the_home_that_is_the_median(void **unused)
{
	(void)unused;
	static compare_home homes[HOMES];
	compare_scratch *s = compare_scratch_new();
	size_t asked = 0;
	for (int town = 0; town < 4 * TOWNS; town++) {
		make_town(homes, town % 2 ? 3000 : 60);
		size_t a = rnd(HOMES), b = rnd(HOMES);
		compare_city *city;
		compare_result got[COMPARE_COMMODITIES];
		assert_int_equal(compare_city_new(homes, HOMES, &city), HUB_OK);
		assert_int_equal(compare_home_results(city, a, s, got), HUB_OK);
		compare_city_free(city);
		for (size_t third = 0; got[0].peers && a != b && third < HOMES; third++) {
			if (third == a || third == b ||
			    (homes[third].use[0] != got[0].median && homes[third].use[0] != got[0].efficient))
				continue;
			const told was[2] = { tell(homes, a, s), tell(homes, b, s) };
			asked++;
			if (!another_city(homes, a, b, third, was, s))
				fail_msg("town %d: homes %zu and %zu know the use of %zu", town, a, b, third);
		}
	}
	compare_scratch_free(s);
	assert_true(asked > 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_together_cannot_compute_a_third),
		cmocka_unit_test(nor_the_home_that_is_the_median),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
