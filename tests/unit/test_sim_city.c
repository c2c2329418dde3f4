/* The simulated city: the same each time, plausible sums, two districts too small to publish. */
#include "sim/invoice.h"
#include "sim/standing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* 2025-01-01T00:00+08:00, in hours */
#define NEW_YEAR INT64_C(482128)

static void same_again(void **state)
{
	(void)state;
	const sim_city a = sim_city_of(7, 1200), b = sim_city_of(7, 1200), other = sim_city_of(8, 1200);
	unsigned differs = 0;
	for (uint32_t n = 1; n <= a.homes; n++) {
		const sim_home x = sim_home_of(&a, n), y = sim_home_of(&b, n), z = sim_home_of(&other, n);
		assert_int_equal(x.area, y.area);
		assert_int_equal(x.at.lon_e7, y.at.lon_e7);
		assert_int_equal(x.vacant, y.vacant);
		differs += x.area != z.area;
		int64_t quarter = (NEW_YEAR + n * 11) * 4;
		assert_int_equal(sim_home_power(&a, &x, quarter).import, sim_home_power(&b, &y, quarter).import);
		assert_int_equal(sim_home_water(&a, &x, quarter / 4, 0), sim_home_water(&b, &y, quarter / 4, 0));
	}
	assert_true(differs > 600);
}

/* Registers are the sums of what is used, at whatever moments they are asked for, and never run backwards. */
static void registers_are_sums(void **state)
{
	(void)state;
	const sim_city c = sim_city_of(7, 300);
	const int64_t from = NEW_YEAR * 3600;
	for (uint32_t n = 1; n <= 300; n += 13) {
		const sim_home h = sim_home_of(&c, n);
		sim_standing kept = { 0 }, water = { 0 };
		int64_t sum = 0, litres = 0, before = 0;
		for (int64_t quarter = 0; quarter < 4 * 24 * 20; quarter++)
			sum += sim_home_power(&c, &h, NEW_YEAR * 4 + quarter).import;
		for (int64_t hour = 0; hour < 24 * 20; hour++)
			litres += sim_home_water(&c, &h, NEW_YEAR + hour, NEW_YEAR);
		for (int64_t second = from; second <= from + 20 * 86400; second += 7001) {
			sim_standing fresh = { 0 };
			const sim_shown once = sim_home_power_shown(&c, &h, from, second, &fresh),
					again = sim_home_power_shown(&c, &h, from, second, &kept);
			assert_int_equal(once.import, again.import);
			assert_int_equal(once.export, again.export);
			assert_true(once.import >= before);
			before = once.import;
		}
		assert_int_equal(sim_home_power_shown(&c, &h, from, from + 20 * 86400, &kept).import, sum);
		assert_int_equal(sim_home_water_shown(&c, &h, from, NEW_YEAR, from + 20 * 86400, &water).import,
				 litres);
		/* A clock that goes back is answered as if it had never been there. */
		assert_int_equal(sim_home_power_shown(&c, &h, from, from, &kept).import, 0);
	}
}

static void districts(void **state)
{
	(void)state;
	static const uint32_t sizes[] = { 24, 60, 150, 300, 1200, 5000 };
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		const sim_city c = sim_city_of(3, sizes[i]);
		uint32_t counted[SIM_DISTRICTS + 1] = { 0 }, estates = 0;
		for (uint32_t n = 1; n <= c.homes; n++) {
			const sim_home h = sim_home_of(&c, n);
			assert_in_range(h.district, 1, SIM_DISTRICTS);
			assert_true(h.estate == 0 || h.estate == h.district);
			assert_true(h.tower <= sim_towers(&c, h.district));
			assert_int_equal(h.dwelling == SIM_FLAT, h.tower > 0);
			counted[h.district]++;
			estates += h.estate > 0;
		}
		assert_true(estates > c.homes / 3);
		for (int d = 1; d <= SIM_DISTRICTS; d++) {
			assert_int_equal(counted[d], c.first[d] - c.first[d - 1]);
			assert_true(counted[d] > 0);
			if (sizes[i] >= 150)
				assert_int_equal(counted[d]<15, d> SIM_DISTRICTS - SIM_SMALL);
		}
	}
}

/* kWh, m³ and m³ of a home in a year. */
static void year(const sim_city *c, const sim_home *h, int64_t *ret_power, int64_t *ret_water, int64_t *ret_gas)
{
	int64_t wh = 0, litres = 0, gas = 0;
	for (int64_t hour = NEW_YEAR; hour < NEW_YEAR + 8760; hour++) {
		for (int q = 0; q < 4; q++)
			wh += sim_home_power(c, h, hour * 4 + q).import;
		litres += sim_home_water(c, h, hour, 0);
		gas += sim_home_gas(c, h, hour);
	}
	*ret_power = wh / 1000;
	*ret_water = litres / 1000;
	*ret_gas = gas / 1000;
}

static void plausible(void **state)
{
	(void)state;
	const sim_city c = sim_city_of(1, 1200);
	int64_t power = 0, water = 0, gas = 0;
	unsigned lived = 0, leaks = 0, cars = 0, roofs = 0, empty = 0;
	for (uint32_t n = 1; n <= c.homes; n++) {
		const sim_home h = sim_home_of(&c, n);
		leaks += h.leak > 0;
		cars += h.ev;
		roofs += h.pv;
		empty += h.vacant;
		int64_t p, w, g;
		if (h.vacant || h.leak || n % 8)
			continue;
		year(&c, &h, &p, &w, &g);
		assert_in_range(p, 500, 20000);
		assert_in_range(w, 15, 400);
		assert_in_range(g, 30, 3500);
		power += p;
		water += w;
		gas += g;
		lived++;
	}
	print_message("of %u homes: %lld kWh, %lld m3 water, %lld m3 gas a year\n", lived, (long long)power / lived,
		      (long long)water / lived, (long long)gas / lived);
	assert_in_range(power / lived, 2000, 5000);
	assert_in_range(water / lived, 80, 220);
	assert_in_range(gas / lived, 250, 1400);
	assert_in_range(leaks, 10, 60);
	assert_in_range(cars, 60, 400);
	assert_in_range(roofs, 10, 150);
	assert_in_range(empty, 20, 100);
}

static int64_t gas_of_month(const sim_city *c, const sim_home *h, int64_t from)
{
	int64_t sum = 0;
	for (int64_t hour = from; hour < from + 30 * 24; hour++)
		sum += sim_home_gas(c, h, hour);
	return sum;
}

static void seasons_and_leaks(void **state)
{
	(void)state;
	const sim_city c = sim_city_of(1, 300);
	int64_t january = 0, july = 0, temperature[2] = { 0, 0 };
	for (int64_t hour = 0; hour < 30 * 24; hour++) {
		temperature[0] += sim_temperature(&c, NEW_YEAR + hour);
		temperature[1] += sim_temperature(&c, NEW_YEAR + 181 * 24 + hour);
	}
	assert_in_range(temperature[0] / 720, 0, 100);
	assert_in_range(temperature[1] / 720, 240, 330);
	bool leaks = false;
	for (uint32_t n = 1; n <= c.homes; n++) {
		sim_home h = sim_home_of(&c, n);
		if (h.heating == SIM_HEAT_GAS && !h.vacant) {
			january += gas_of_month(&c, &h, NEW_YEAR);
			july += gas_of_month(&c, &h, NEW_YEAR + 181 * 24);
		}
		if (!h.leak)
			continue;
		leaks = true;
		/* Three in the morning of a week: water runs if and only if the leak has begun. */
		for (int day = 0; day < 7; day++) {
			int64_t hour = NEW_YEAR + day * 24 + 3;
			assert_true(sim_home_water(&c, &h, hour, NEW_YEAR) >= (int32_t)h.leak);
			int32_t before = sim_home_water(&c, &h, hour, hour + 1);
			assert_int_equal(sim_home_water(&c, &h, hour, NEW_YEAR) - before, h.leak);
		}
	}
	assert_true(leaks);
	assert_true(january > july * 3);
}

static void sun_and_cars(void **state)
{
	(void)state;
	const sim_city c = sim_city_of(1, 1200);
	int64_t noon = 0, midnight = 0, with_car = 0, without = 0;
	unsigned cars = 0, others = 0;
	for (uint32_t n = 1; n <= c.homes; n++) {
		const sim_home h = sim_home_of(&c, n);
		for (int64_t day = 150; day < 180; day++) {
			int64_t at = NEW_YEAR + day * 24;
			noon += sim_home_power(&c, &h, (at + 12) * 4).export;
			midnight += sim_home_power(&c, &h, at * 4).export;
			if (!h.vacant)
				*(h.ev ? &with_car : &without) += sim_home_power(&c, &h, at * 4 + 1).import;
		}
		cars += h.ev && !h.vacant;
		others += !h.ev && !h.vacant;
	}
	assert_true(noon > 300000);
	assert_int_equal(midnight, 0);
	assert_true(with_car / cars > 2 * (without / others));
	int64_t sessions = 0, wh = 0;
	for (uint32_t n = 1; n <= c.chargers; n++) {
		const sim_charger k = sim_charger_of(&c, n);
		int64_t ended = 0;
		for (int64_t day = 20000; day < 20030; day++)
			for (unsigned i = 0; i < SIM_SESSIONS; i++) {
				const sim_session s = sim_charger_session(&c, &k, day, i);
				if (!s.seconds)
					continue;
				assert_true(s.start >= ended);
				ended = s.start + s.seconds;
				assert_true((int64_t)s.wh * 3600 / (s.seconds + 1) <= k.watts);
				assert_true(s.home <= c.homes);
				sessions++;
				wh += s.wh;
			}
	}
	assert_in_range(sessions, 60 * 30 / 2, 60 * 30 * 2);
	assert_in_range(wh / sessions, 8000, 40000);
}

static void outlines(void **state)
{
	(void)state;
	const sim_city c = sim_city_of(5, 300);
	sim_place ring[SIM_DISTRICTS + 1][SIM_CORNERS];
	for (uint8_t d = 1; d <= SIM_DISTRICTS; d++) {
		int64_t twice = 0;
		sim_outline(&c, d, ring[d]);
		for (int i = 0; i < SIM_CORNERS; i++) {
			const sim_place *p = &ring[d][i], *q = &ring[d][(i + 1) % SIM_CORNERS];
			twice += (int64_t)(p->lon_e7 - 1220000000) * (q->lat_e7 - 308000000) -
				 (int64_t)(q->lon_e7 - 1220000000) * (p->lat_e7 - 308000000);
		}
		assert_true(twice > 0); /* counter-clockwise */
	}
	/* The east side of the first is the west side of the second. */
	assert_memory_equal(&ring[1][2], &ring[2][0], sizeof(sim_place));
	assert_memory_equal(&ring[1][3], &ring[2][7], sizeof(sim_place));
	assert_memory_equal(&ring[1][4], &ring[2][6], sizeof(sim_place));
}

static void buildings(void **state)
{
	(void)state;
	const sim_city c = sim_city_of(1, 1200);
	assert_int_equal(c.buildings, 20);
	assert_int_equal(c.chargers, 60);
	for (uint32_t n = 1; n <= c.buildings; n++) {
		const sim_building b = sim_building_of(&c, n);
		int64_t wh = 0;
		for (int64_t q = NEW_YEAR * 4; q < NEW_YEAR * 4 + 35040; q++)
			wh += sim_building_power(&c, &b, q);
		assert_in_range(wh / 1000 / b.area, 30, 350); /* kWh/m² a year */
	}
}

/* The gas company bills everybody, the water company one district; a row is what the hub's importer reads. */
static void own_bills(void **state)
{
	(void)state;
	const sim_city c = sim_city_of(3, 300);
	const int64_t from = NEW_YEAR * 3600, to = from + 31 * 86400;
	char row[SIM_INVOICE_ROW + 1];
	unsigned water = 0;
	for (uint32_t n = 1; n <= c.homes; n++) {
		const sim_home h = sim_home_of(&c, n);
		sim_standing s = { 0 };
		assert_true(sim_bills_itself(SIM_BILLER_GAS, &h));
		assert_int_equal(sim_bills_itself(SIM_BILLER_WATER, &h), h.district == SIM_OWN_WATER);
		water += sim_bills_itself(SIM_BILLER_WATER, &h);
		assert_int_equal(sim_billed_volume(&c, SIM_BILLER_WATER, &h, from, to, 0),
				 sim_home_water_shown(&c, &h, from, 0, to, &s).import);
	}
	assert_in_range(water, 50, 80);
	assert_string_equal(sim_invoice_header(row), "account,cycle,point,amount,start,end,quantity,unit,reference\n");
	const sim_invoice w = sim_invoice_of(SIM_BILLER_WATER, 217, 202501, from, to, 12345);
	assert_string_equal(sim_invoice_line(&w, row), "home-00217,2025-01,w-00217,38.89,2024-12-31T16:00:00Z,"
						       "2025-01-31T16:00:00Z,12.345,m3,SW-202501-00217\n");
	const sim_invoice g = sim_invoice_of(SIM_BILLER_GAS, 4, 202501, from, to, 5);
	assert_string_equal(sim_invoice_line(&g, row), "home-00004,2025-01,g-00004,0.02,2024-12-31T16:00:00Z,"
						       "2025-01-31T16:00:00Z,0.005,m3,RQ-202501-00004\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_again),	      cmocka_unit_test(districts),    cmocka_unit_test(plausible),
		cmocka_unit_test(registers_are_sums), cmocka_unit_test(districts),    cmocka_unit_test(plausible),
		cmocka_unit_test(seasons_and_leaks),  cmocka_unit_test(sun_and_cars), cmocka_unit_test(outlines),
		cmocka_unit_test(buildings),	      cmocka_unit_test(own_bills),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
