#include "sim/standing.h"

enum { QUARTER = 900, HOUR = 3600 };

typedef struct counted {
	const sim_city *city;
	const void *thing;
	int64_t leaks_from;
} counted;

/* What is used in the step that begins at so many steps since 1970. */
typedef sim_power (*use_of)(const counted *k, int64_t step);

static sim_shown shown(const counted *k, use_of use, int64_t length, int64_t from, int64_t second, sim_standing *s)
{
	int64_t first = from / length, whole = (second - from) / length, rest = (second - from) % length;
	if (second <= from)
		return (sim_shown) { 0 };
	if (whole < s->steps)
		*s = (sim_standing) { 0 };
	for (; s->steps < whole; s->steps++) {
		const sim_power p = use(k, first + s->steps);
		s->sums[0] += p.import;
		s->sums[1] += p.export;
	}
	const sim_power now = use(k, first + whole);
	return (sim_shown) { s->sums[0] + now.import * rest / length, s->sums[1] + now.export * rest / length,
			     (int32_t)((now.import - now.export) * (HOUR / length)) };
}

static sim_power home_power(const counted *k, int64_t step)
{
	return sim_home_power(k->city, k->thing, step);
}

static sim_power home_water(const counted *k, int64_t step)
{
	return (sim_power) { sim_home_water(k->city, k->thing, step, k->leaks_from), 0 };
}

static sim_power home_gas(const counted *k, int64_t step)
{
	return (sim_power) { sim_home_gas(k->city, k->thing, step), 0 };
}

static sim_power building_power(const counted *k, int64_t step)
{
	return (sim_power) { sim_building_power(k->city, k->thing, step), 0 };
}

sim_shown sim_home_power_shown(const sim_city *c, const sim_home *h, int64_t from, int64_t second, sim_standing *s)
{
	return shown(&(counted) { c, h, 0 }, home_power, QUARTER, from, second, s);
}

sim_shown sim_home_water_shown(const sim_city *c, const sim_home *h, int64_t from, int64_t leaks_from, int64_t second,
			       sim_standing *s)
{
	return shown(&(counted) { c, h, leaks_from }, home_water, HOUR, from, second, s);
}

int64_t sim_home_water_rolling(const sim_city *c, const sim_home *h, int64_t from, int64_t until, int64_t leaks_from)
{
	sim_standing s = { 0 };
	return SIM_ROLLING -
	       sim_home_water_shown(c, h, from, leaks_from, from + (until - from) / 2, &s).import % SIM_ROLLING;
}

sim_shown sim_home_gas_shown(const sim_city *c, const sim_home *h, int64_t from, int64_t second, sim_standing *s)
{
	return shown(&(counted) { c, h, 0 }, home_gas, HOUR, from, second, s);
}

sim_shown sim_building_shown(const sim_city *c, const sim_building *b, int64_t from, int64_t second, sim_standing *s)
{
	return shown(&(counted) { c, b, 0 }, building_power, QUARTER, from, second, s);
}

int64_t sim_charger_shown(const sim_city *c, const sim_charger *k, int64_t from, int64_t second)
{
	enum { ZONE = 8 * HOUR, DAY = 24 * HOUR };
	int64_t sum = 1000000 + 1000 * (int64_t)k->number;
	for (int64_t day = (from + ZONE) / DAY; day <= (second + ZONE) / DAY; day++)
		for (unsigned n = 0; n < SIM_SESSIONS; n++) {
			const sim_session s = sim_charger_session(c, k, day, n);
			if (!s.seconds || s.start < from || s.start >= second)
				continue;
			int64_t gone = second - s.start < s.seconds ? second - s.start : s.seconds;
			sum += (int64_t)s.wh * gone / s.seconds;
		}
	return sum;
}
