/* Selections against every alternative where there are few, against the linear programme where there are many. */
#include "unit.h"

#include "base/fail.h"
#include "demand/bound.h"
#include "demand/select.h"

#include <stdbool.h>
#include <string.h>

enum { MANY = 4000, FEEDERS = 40 };

static uint64_t state;

static int64_t rnd(int64_t below)
{
	return (int64_t)(unit_random(&state) % (uint64_t)below);
}

static demand_resource whole(int64_t watts, int64_t cost)
{
	return (demand_resource){ watts, watts, cost, DEMAND_RATE_ONE, DEMAND_NO_FEEDER };
}

static void the_cheapest_are_called_and_no_more_than_needed(void **unused)
{
	(void)unused;
	const demand_resource list[] = { whole(2000, 30000), whole(3000, 10000), whole(1000, 20000), whole(9000, 90000) };
	int64_t orders[4];
	demand_selection got;
	assert_int_equal(demand_select(list, 4, NULL, 0, 4000, orders, &got), HUB_OK);
	assert_int_equal(orders[0], 0);
	assert_int_equal(orders[1], 3000);
	assert_int_equal(orders[2], 1000);
	assert_int_equal(orders[3], 0);
	assert_int_equal(got.expected, 4000);
	assert_int_equal(got.cost, 50000);
	assert_int_equal(got.called, 2);
	/* One watt more than the cheap ones have. */
	assert_int_equal(demand_select(list, 4, NULL, 0, 4001, orders, &got), HUB_OK);
	assert_true(got.expected >= 4001);
	assert_int_equal(orders[3], 0);
	assert_int_equal(demand_select(list, 4, NULL, 0, 15000, orders, &got), HUB_OK);
	assert_int_equal(got.called, 4);
	assert_int_equal(demand_select(list, 4, NULL, 0, 15001, orders, &got), HUB_RANGE);
	assert_int_equal(got.expected, 15000);
	assert_int_equal(demand_select(list, 4, NULL, 0, 0, orders, &got), HUB_OK);
	assert_int_equal(got.called, 0);
}

static void what_is_learned_counts_and_the_order_bounds_the_feeder(void **unused)
{
	(void)unused;
	const int64_t caps[] = { 5000 };
	const demand_resource list[] = {
		{ 0, 4000, 10000, DEMAND_RATE_ONE / 2, 0 }, /* delivers half */
		{ 0, 4000, 20000, DEMAND_RATE_ONE, 0 },
		{ 0, 4000, 90000, DEMAND_RATE_ONE, DEMAND_NO_FEEDER },
	};
	int64_t orders[3];
	demand_selection got;
	assert_int_equal(demand_select(list, 3, caps, 1, 4500, orders, &got), HUB_OK);
	assert_true(orders[0] + orders[1] <= 5000);
	assert_true(got.expected >= 4500);
	/* All that the feeder lets through, then the dear one. */
	assert_int_equal(demand_select(list, 3, caps, 1, 8500, orders, &got), HUB_OK);
	assert_int_equal(orders[1], 4000);
	assert_int_equal(orders[0], 1000);
	assert_int_equal(orders[2], 4000);
	assert_int_equal(demand_select(list, 3, caps, 1, 8501, orders, &got), HUB_RANGE);
}

static void the_protected_and_the_undelivering_are_never_called(void **unused)
{
	(void)unused;
	const demand_resource list[] = { { 0, 0, 0, DEMAND_RATE_ONE, DEMAND_NO_FEEDER },
					 { 0, 5000, 0, 0, DEMAND_NO_FEEDER },
					 { 500, 5000, 70000, DEMAND_RATE_ONE, DEMAND_NO_FEEDER } };
	int64_t orders[3];
	demand_selection got;
	assert_int_equal(demand_select(list, 3, NULL, 0, 100, orders, &got), HUB_OK);
	assert_int_equal(orders[0], 0);
	assert_int_equal(orders[1], 0);
	assert_int_equal(orders[2], 500); /* its least */
}

static void values_out_of_range_are_refused(void **unused)
{
	(void)unused;
	const demand_resource wrong[] = { { -1, 5, 1, 1, DEMAND_NO_FEEDER }, { 6, 5, 1, 1, DEMAND_NO_FEEDER },
					  { 0, 5, -1, 1, DEMAND_NO_FEEDER }, { 0, 5, 1, DEMAND_RATE_ONE + 1, DEMAND_NO_FEEDER },
					  { 0, 5, 1, 1, 0 }, { 0, DEMAND_POWER_MAX + 1, 1, 1, DEMAND_NO_FEEDER } };
	int64_t order;
	demand_selection got;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(demand_select(&wrong[i], 1, NULL, 0, 1, &order, &got), HUB_REJECT);
	assert_int_equal(demand_select(NULL, 0, NULL, 0, -1, NULL, &got), HUB_REJECT);
	assert_int_equal(demand_select(NULL, 0, NULL, 0, 1, NULL, &got), HUB_RANGE);
}

/* Every subset of whole resources; the best cost, or -1. */
static int64_t brute(const demand_resource *list, size_t n, const int64_t *caps, size_t feeders, int64_t target)
{
	int64_t best = -1;
	for (unsigned set = 0; set < 1u << n; set++) {
		int64_t got = 0, cost = 0, on[4] = { 0 };
		bool fits = true;
		for (size_t i = 0; i < n; i++)
			if (set >> i & 1) {
				got += list[i].max * list[i].rate / DEMAND_RATE_ONE;
				cost += list[i].max * list[i].rate / DEMAND_RATE_ONE * list[i].cost / 1000;
				on[list[i].feeder] += list[i].max;
			}
		for (size_t f = 0; f < feeders; f++)
			fits = fits && on[f] <= caps[f];
		if (fits && got >= target && (best < 0 || cost < best))
			best = cost;
	}
	return best;
}

static void no_rule_is_ever_broken(void **unused)
{
	(void)unused;
	int64_t caps[FEEDERS], on[FEEDERS];
	static demand_resource list[MANY];
	static int64_t orders[MANY];
	for (state = 1; state < 200; state += 3) {
		uint64_t seed = state;
		size_t n = 1 + (size_t)rnd(300), feeders = 1 + (size_t)rnd(FEEDERS);
		int64_t possible = 0;
		for (size_t f = 0; f < feeders; f++)
			caps[f] = rnd(60000);
		for (size_t i = 0; i < n; i++) {
			int64_t max = rnd(12000);
			list[i] = (demand_resource){ rnd(3) ? 0 : rnd(max + 1), max, rnd(100) * 1000, (uint32_t)rnd(DEMAND_RATE_ONE + 1),
						     rnd(4) ? (uint32_t)rnd((int64_t)feeders) : DEMAND_NO_FEEDER };
			possible += max;
		}
		int64_t target = rnd(possible + 1) / 2;
		demand_selection got;
		hub_status st = demand_select(list, n, caps, feeders, target, orders, &got);
		memset(on, 0, sizeof on);
		for (size_t i = 0; i < n; i++) {
			assert_true(orders[i] == 0 || (orders[i] >= list[i].min && orders[i] <= list[i].max));
			if (list[i].feeder != DEMAND_NO_FEEDER)
				on[list[i].feeder] += orders[i];
		}
		for (size_t f = 0; f < feeders; f++)
			assert_true(on[f] <= caps[f]);
		assert_true(st == HUB_RANGE || got.expected >= target);
		state = seed;
	}
}

static void few_whole_ones_come_near_the_best_of_all_subsets(void **unused)
{
	(void)unused;
	int64_t caps[3] = { 9000, 7000, 30000 }, orders[12];
	demand_resource list[12];
	int64_t paid = 0, best = 0;
	for (int round = 0; round < 60; round++) {
		state = 77 + (uint64_t)round;
		for (size_t i = 0; i < 12; i++)
			list[i] = (demand_resource){ 0, 0, 1000 * rnd(90), DEMAND_RATE_ONE, (uint32_t)rnd(3) };
		for (size_t i = 0; i < 12; i++)
			list[i].min = list[i].max = 1000 * (1 + rnd(4));
		int64_t least = brute(list, 12, caps, 3, 12000);
		demand_selection got;
		if (least < 0 || demand_select(list, 12, caps, 3, 12000, orders, &got) != HUB_OK)
			continue;
		assert_true(got.cost >= least);
		paid += got.cost;
		best += least;
	}
	/* A dozen coarse blocks are the worst case; a city's thousands come within 0.1 %. */
	assert_true(best > 0 && paid * 100 <= best * 135);
}

static void many_come_within_a_thousandth_of_the_linear_programme(void **unused)
{
	(void)unused;
	int64_t caps[FEEDERS], possible = 0;
	static demand_resource list[MANY];
	static int64_t orders[MANY];
	state = 4711;
	for (size_t f = 0; f < FEEDERS; f++)
		caps[f] = 150000 + rnd(300000);
	for (size_t i = 0; i < MANY; i++) {
		list[i] = (demand_resource){ 0, 1000 + rnd(10000), rnd(100000), (uint32_t)(600000 + rnd(400001)), (uint32_t)rnd(FEEDERS) };
		if (rnd(3) == 0)
			list[i].min = list[i].max;
		possible += list[i].max;
	}
	demand_selection got;
	double least = 0;
	assert_int_equal(demand_select(list, MANY, caps, FEEDERS, possible / 4, orders, &got), HUB_OK);
	assert_int_equal(demand_bound(list, MANY, caps, FEEDERS, possible / 4, &least), HUB_OK);
	assert_true(got.expected >= possible / 4);
	assert_true((double)got.cost >= least * 0.999999);
	assert_true((double)got.cost <= least * 1.001);
	assert_int_equal(demand_bound(list, MANY, caps, FEEDERS, possible, &least), HUB_RANGE);
}

static void failing_memory_is_told(void **unused)
{
	(void)unused;
	const demand_resource list[] = { whole(2000, 30000), whole(3000, 10000) };
	int64_t orders[2];
	demand_selection got;
	for (long k = 0;; k++) {
		fail_after(k);
		hub_status st = demand_select(list, 2, NULL, 0, 4000, orders, &got);
		bool hit = fail_was_hit();
		fail_after(-1);
		if (!hit) {
			assert_int_equal(st, HUB_OK);
			break;
		}
		assert_int_equal(st, HUB_NOMEM);
	}
}

static void a_vehicle_gives_only_what_its_departure_spares(void **unused)
{
	(void)unused;
	/* 7 kW, needs 14 kWh, leaves in 4 h: the event of the first hour may pause it. */
	demand_vehicle v = { .power = 7000, .min_power = 0, .max_power = 7000, .need = 14000, .departure = 4 * 3600 };
	assert_int_equal(demand_vehicle_slack(&v, 0, 3600), 7000);
	/* Three hours of event leave one hour: 7 kWh are missing, so 2334 W must stay (rounded up). */
	assert_int_equal(demand_vehicle_slack(&v, 0, 3 * 3600), 7000 - 2334);
	v.min_power = 4140; /* a station that cannot go below 6 A a phase */
	assert_int_equal(demand_vehicle_slack(&v, 0, 3600), 7000 - 4140);
	v.departure = 3600;
	v.need = 7000;
	assert_int_equal(demand_vehicle_slack(&v, 0, 3600), 0);
	/* Gone before it begins, or over already. */
	assert_int_equal(demand_vehicle_slack(&v, 3600, 7200), 0);
	assert_int_equal(demand_vehicle_slack(&v, -7200, -3600), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_cheapest_are_called_and_no_more_than_needed),
		cmocka_unit_test(what_is_learned_counts_and_the_order_bounds_the_feeder),
		cmocka_unit_test(the_protected_and_the_undelivering_are_never_called),
		cmocka_unit_test(values_out_of_range_are_refused),
		cmocka_unit_test(no_rule_is_ever_broken),
		cmocka_unit_test(few_whole_ones_come_near_the_best_of_all_subsets),
		cmocka_unit_test(many_come_within_a_thousandth_of_the_linear_programme),
		cmocka_unit_test(failing_memory_is_told),
		cmocka_unit_test(a_vehicle_gives_only_what_its_departure_spares),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
