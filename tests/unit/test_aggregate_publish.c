#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "aggregate/publish.h"

enum { AREAS = 12, USES = 400, HOURS = 3 };

static arena a;

static int by_customer(const void *x, const void *y)
{
	int64_t l = ((const aggregate_use *)x)->customer, r = ((const aggregate_use *)y)->customer;
	return (l > r) - (l < r);
}

static bool lies_in(const aggregate_area *areas, int area, int top)
{
	for (; area >= 0; area = areas[area].parent)
		if (area == top)
			return true;
	return false;
}

/* The rules said once more, without cleverness: over a set of uses, in one cell (hour -1: the day). */
static bool passes(const aggregate_use *uses, const bool *in, size_t n, int hour)
{
	int64_t total = 0, customers = 0, most = 0;
	for (size_t i = 0; i < n;) {
		int64_t own = 0;
		bool seen = false;
		size_t k = i;
		for (; k < n && uses[k].customer == uses[i].customer; k++)
			if (in[k] && (hour < 0 || uses[k].known & 1u << hour)) {
				own += hour < 0 ? uses[k].day : uses[k].hours[hour];
				seen = true;
			}
		customers += seen;
		total += own;
		most = own > most ? own : most;
		i = k;
	}
	return customers >= 15 && most * 100 <= total * 15;
}

typedef struct city {
	aggregate_area areas[AREAS];
	aggregate_use uses[USES];
	size_t area_count, use_count;
	aggregate_sum sums[AREAS];
} city;

static void build(city *c, uint64_t *seed)
{
	c->area_count = 1 + unit_random(seed) % AREAS;
	c->use_count = unit_random(seed) % USES;
	for (size_t i = 0; i < c->area_count; i++)
		c->areas[i].parent = i ? (int)(unit_random(seed) % i) : -1;
	bool some_by_day = unit_random(seed) % 4 == 0, giants = unit_random(seed) % 2;
	for (size_t i = 0; i < c->use_count; i++) {
		aggregate_use *u = &c->uses[i];
		*u = (aggregate_use){ .area = (int)(unit_random(seed) % c->area_count), .customer = (int64_t)(unit_random(seed) % 300) };
		bool giant = giants && unit_random(seed) % 60 == 0;
		if (some_by_day && unit_random(seed) % 40 == 0) {
			u->day = (int64_t)(unit_random(seed) % 300);
			continue;
		}
		for (int h = 0; h < HOURS; h++) {
			u->hours[h] = (int64_t)(unit_random(seed) % 100) + (giant ? 800 : 0);
			if (unit_random(seed) % 50)
				u->known |= 1u << h;
			else
				u->hours[h] = 0;
			u->day += u->hours[h];
		}
		u->known |= 1;
	}
	qsort(c->uses, c->use_count, sizeof c->uses[0], by_customer);
}

/* What remains of an area without the published ones in it must be nothing, or pass. */
static void no_atom_breaks_a_rule(const city *c, bool hourly)
{
	for (size_t k = 0; k < c->area_count; k++) {
		bool in[USES], any = false;
		if ((hourly ? c->sums[k].hourly : c->sums[k].day) != AGGREGATE_PUBLISHED)
			continue;
		for (size_t i = 0; i < c->use_count; i++) {
			in[i] = lies_in(c->areas, c->uses[i].area, (int)k);
			for (size_t j = 0; j < c->area_count; j++)
				if (j != k && (hourly ? c->sums[j].hourly : c->sums[j].day) == AGGREGATE_PUBLISHED &&
				    lies_in(c->areas, (int)j, (int)k) && lies_in(c->areas, c->uses[i].area, (int)j))
					in[i] = false;
			any |= in[i];
			assert_true(!hourly || !in[i] || c->uses[i].known);
		}
		for (int h = hourly ? 0 : -1; any && h < (hourly ? HOURS : 0); h++)
			assert_true(passes(c->uses, in, c->use_count, h));
	}
}

static void each_area_says_why(const city *c)
{
	for (size_t k = 0; k < c->area_count; k++) {
		const aggregate_sum *s = &c->sums[k];
		bool in[USES];
		int64_t sum = 0, hours[HOURS] = { 0 };
		size_t n = 0;
		for (size_t i = 0; i < c->use_count; i++) {
			in[i] = lies_in(c->areas, c->uses[i].area, (int)k);
			n += in[i];
			sum += in[i] ? c->uses[i].day : 0;
			for (int h = 0; in[i] && h < HOURS; h++)
				hours[h] += c->uses[i].hours[h];
		}
		if (!n)
			assert_int_equal(s->day, AGGREGATE_NONE);
		else if (s->day == AGGREGATE_FEW || s->day == AGGREGATE_DOMINANT)
			assert_false(passes(c->uses, in, c->use_count, -1));
		else
			assert_true(passes(c->uses, in, c->use_count, -1));
		assert_int_equal(s->sum, s->day == AGGREGATE_PUBLISHED ? sum : 0);
		for (int h = 0; h < HOURS; h++)
			assert_int_equal(s->hours[h], s->hourly == AGGREGATE_PUBLISHED ? hours[h] : 0);
		assert_true(s->hourly != AGGREGATE_PUBLISHED || s->day == AGGREGATE_PUBLISHED);
	}
}

static void nothing_that_can_be_computed_tells_of_one_customer(void **state)
{
	(void)state;
	uint64_t seed = 7;
	size_t published = 0, differences = 0, hours = 0;
	for (int round = 0; round < 400; round++) {
		static city c;
		memset(&c, 0, sizeof c);
		build(&c, &seed);
		arena_reset(&a);
		assert_int_equal(aggregate_publish(c.areas, c.area_count, c.uses, c.use_count, HOURS, &a, c.sums), HUB_OK);
		no_atom_breaks_a_rule(&c, false);
		no_atom_breaks_a_rule(&c, true);
		each_area_says_why(&c);
		for (size_t i = 0; i < c.area_count; i++) {
			published += c.sums[i].day == AGGREGATE_PUBLISHED;
			hours += c.sums[i].hourly == AGGREGATE_PUBLISHED;
			differences += c.sums[i].day == AGGREGATE_DIFFERENCE;
		}
	}
	/* The rounds were about something. */
	assert_true(published > 400 && hours > 100 && differences > 20);
}

static void homes(aggregate_use *uses, size_t n, int area, int64_t first)
{
	for (size_t i = 0; i < n; i++)
		uses[i] = (aggregate_use){ .area = area, .customer = first + (int64_t)i, .day = 10, .known = 1, .hours = { 10 } };
}

static void the_neighbour_of_a_small_area_is_withheld_too(void **state)
{
	(void)state;
	/* A city of three districts: 40, 30 and 5 homes. Of the city and two of them the third would follow. */
	const aggregate_area areas[] = { { -1 }, { 0 }, { 0 }, { 0 } };
	aggregate_use uses[75];
	aggregate_sum sums[4];
	homes(uses, 40, 1, 100);
	homes(uses + 40, 30, 2, 200);
	homes(uses + 70, 5, 3, 300);
	assert_int_equal(aggregate_publish(areas, 4, uses, 75, 1, &a, sums), HUB_OK);
	assert_int_equal(sums[0].day, AGGREGATE_PUBLISHED);
	assert_int_equal(sums[0].sum, 750);
	assert_int_equal(sums[0].customers, 75);
	assert_int_equal(sums[1].day, AGGREGATE_PUBLISHED);
	assert_int_equal(sums[2].day, AGGREGATE_DIFFERENCE);
	assert_int_equal(sums[3].day, AGGREGATE_FEW);
}

static void a_factory_hides_its_district_and_no_more(void **state)
{
	(void)state;
	const aggregate_area areas[] = { { -1 }, { 0 }, { 0 } };
	aggregate_use uses[141];
	aggregate_sum sums[3];
	homes(uses, 60, 1, 100);
	homes(uses + 60, 80, 2, 200);
	homes(uses + 140, 1, 1, 999);
	uses[140].day = uses[140].hours[0] = 200; /* of 800 in its district, of 1,600 in the city */
	assert_int_equal(aggregate_publish(areas, 3, uses, 141, 1, &a, sums), HUB_OK);
	assert_int_equal(sums[0].day, AGGREGATE_PUBLISHED);
	assert_int_equal(sums[1].day, AGGREGATE_DOMINANT);
	/* The city without the other district would be this one. */
	assert_int_equal(sums[2].day, AGGREGATE_DIFFERENCE);
}

static void exactly_fifteen_of_exactly_the_share_are_enough(void **state)
{
	(void)state;
	const aggregate_area areas[] = { { -1 } };
	aggregate_use uses[15];
	aggregate_sum sum;
	homes(uses, 15, 0, 1);
	uses[0].day = 15; /* of 85 + 15: the others share the rest */
	for (size_t i = 1; i < 15; i++)
		uses[i].day = i == 1 ? 7 : 6;
	assert_int_equal(aggregate_publish(areas, 1, uses, 15, 1, &a, &sum), HUB_OK);
	assert_int_equal(sum.day, AGGREGATE_PUBLISHED);
	uses[0].day = 16;
	assert_int_equal(aggregate_publish(areas, 1, uses, 15, 1, &a, &sum), HUB_OK);
	assert_int_equal(sum.day, AGGREGATE_DOMINANT);
	assert_int_equal(aggregate_publish(areas, 1, uses + 1, 14, 1, &a, &sum), HUB_OK);
	assert_int_equal(sum.day, AGGREGATE_FEW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_that_can_be_computed_tells_of_one_customer),
		cmocka_unit_test(the_neighbour_of_a_small_area_is_withheld_too),
		cmocka_unit_test(a_factory_hides_its_district_and_no_more),
		cmocka_unit_test(exactly_fifteen_of_exactly_the_share_are_enough),
	};
	arena_init(&a, 0);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_fini(&a);
	return failed;
}
