#include "sim/load.h"

enum { ZONE_HOURS = 8, OF_DAY = 20, OF_SLOT, OF_WEATHER, OF_NIGHT, OF_WATER, OF_GAS, OF_HABIT, OF_SESSION };

typedef struct moment {
	int64_t day;	     /* since 1970, local */
	int32_t hour, month; /* 0 … 23, 0 … 11 */
	int32_t of_month;
	bool weekend;
} moment;

/* Civil from days, as Howard Hinnant published it; what of it is needed here. */
static moment moment_of(int64_t hour)
{
	int64_t local = hour + ZONE_HOURS, day = local / 24 - (local % 24 < 0), z = day + 719468;
	int64_t era = z / 146097, doe = z - era * 146097, yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	return (moment) { day, (int32_t)(local - day * 24), (int32_t)(mp < 10 ? mp + 2 : mp - 10),
			  (int32_t)(doy - (153 * mp + 2) / 5 + 1), (day + 4) % 7 == 0 || (day + 4) % 7 == 6 };
}

static int32_t noise(const sim_city *c, uint64_t what, uint64_t thing, int64_t when, int32_t below)
{
	return (int32_t)(sim_hash(c->seed, what << 32 | thing, (uint64_t)when) % (uint64_t)below);
}

static int32_t temperature_at(const sim_city *c, const moment *m)
{
	/* 0.1 °C: means of the months at their middle, and the day's course. */
	static const int16_t months[12] = { 48, 66, 105, 160, 212, 245, 288, 286, 248, 196, 137, 72 };
	static const int8_t hours[24] = { -22, -26, -29, -32, -34, -35, -32, -24, -12, 2,  14,	24,
					  31,  36,  38,	 36,  31,  23,	14,  6,	  -1,  -8, -13, -18 };
	int32_t other = m->of_month < 15 ? (m->month + 11) % 12 : (m->month + 1) % 12;
	int32_t away = m->of_month < 15 ? 15 - m->of_month : m->of_month - 15;
	int32_t mean = (months[m->month] * (30 - away) + months[other] * away) / 30;
	/* Warm and cold spells of five days, and the single day. */
	int32_t spell = noise(c, OF_WEATHER, 0, m->day / 5, 81) - 40, day = noise(c, OF_WEATHER, 1, m->day, 41) - 20;
	return mean + hours[m->hour] + spell + day;
}

int32_t sim_temperature(const sim_city *c, int64_t hour)
{
	const moment m = moment_of(hour);
	return temperature_at(c, &m);
}

/* How much of what a home does in a day it does in an hour, in 1/1000. */
static const uint8_t at_work[24] = { 12, 8,  6,	 5,  6,	 14, 42, 68,  52,  24, 18, 24,
				     40, 28, 18, 18, 26, 52, 98, 122, 118, 98, 68, 35 };
static const uint8_t at_home[24] = { 16, 10, 7,	 6,  6,	 9,  20, 38, 54, 56, 52, 58,
				     68, 56, 44, 42, 46, 58, 78, 88, 82, 66, 48, 30 };

/* Some rise early and some late. */
static int32_t habit(const sim_city *c, const sim_home *h, const moment *m)
{
	int32_t hour = (m->hour + noise(c, OF_HABIT, h->number, 0, 3) + 23) % 24;
	return m->weekend ? at_home[hour] : at_work[hour];
}

/* Wh of heating and cooling in a quarter, by the degrees beyond what is comfortable. */
static int32_t climate(const sim_home *h, const moment *m, int32_t temperature)
{
	bool awake = m->hour >= 6 && m->hour < 23;
	int32_t cold = 180 - temperature, hot = temperature - 260, area = (int32_t)h->area, sum = 0;
	if (cold > 0 && h->heating == SIM_HEAT_PUMP)
		sum += cold * area * (awake ? 9 : 5) / 800;
	if (hot > 0)
		sum += hot * area * (awake ? 13 : 8) / 900;
	return sum;
}

/* W that a car takes at home: from 22:00 + of every third day or so until it is full. */
static int32_t car(const sim_city *c, const sim_home *h, const moment *m, int64_t quarter)
{
	int64_t evening = m->hour < 12 ? m->day - 1 : m->day;
	int64_t begin = (evening * 24 + 22 - ZONE_HOURS) * 4 + noise(c, OF_NIGHT, h->number, evening, 8);
	int32_t quarters = 5 + noise(c, OF_NIGHT, h->number, evening + 100000, 8);
	bool plugged = h->ev && noise(c, OF_NIGHT, h->number, evening + 200000, 3) == 0;
	return plugged && quarter >= begin && quarter < begin + quarters ? 7000 : 0;
}

/* Wh of a quarter from a roof of a tenth of the area in square metres, at a fifth of the sun. */
static int32_t sun(const sim_city *c, const sim_home *h, const moment *m)
{
	static const uint16_t noon[12] = { 420, 500, 610, 720, 790, 780, 830, 790, 680, 570, 460, 400 }; /* W/m² */
	static const uint8_t course[24] = { 0,	 0,  0,	 0,  0,	 4,  15, 34, 56, 76, 91, 99,
					    100, 95, 83, 65, 44, 23, 7,	 0,  0,	 0,  0,	 0 };
	int32_t sky = 25 + noise(c, OF_WEATHER, 2, m->day, 76);
	return h->pv ? (int32_t)h->area / 6 * noon[m->month] / 5 * course[m->hour] / 100 * sky / 100 / 4 : 0;
}

sim_power sim_home_power(const sim_city *c, const sim_home *h, int64_t quarter)
{
	int64_t hour = quarter / 4;
	const moment m = moment_of(hour);
	int32_t always = 30 + noise(c, OF_HABIT, h->number, 1, 70) + (int32_t)h->area / 4; /* W */
	int32_t mean = 1600 + 900 * h->occupants, use = always / 4;			   /* Wh a day */
	if (!h->vacant) {
		int32_t day = 75 + noise(c, OF_DAY, h->number, m.day, 51),
			now = 40 + noise(c, OF_SLOT, h->number, quarter, 121);
		use += mean * habit(c, h, &m) / 1000 * day / 100 * now / 400;
		use += climate(h, &m, temperature_at(c, &m)) * (70 + day / 2) / 100;
		use += car(c, h, &m, quarter) / 4;
	}
	int32_t made = sun(c, h, &m);
	return use >= made ? (sim_power) { use - made, 0 } : (sim_power) { 0, made - use };
}

int32_t sim_home_water(const sim_city *c, const sim_home *h, int64_t hour, int64_t leaks_from)
{
	const moment m = moment_of(hour);
	int32_t leak = h->leak && hour >= leaks_from ? (int32_t)h->leak : 0;
	/* Who sleeps uses none, nearly always. */
	if (h->vacant || (m.hour < 5 && noise(c, OF_WATER, h->number, hour, 12)))
		return leak;
	int32_t day = 70 + noise(c, OF_DAY, h->number, m.day + 1000000, 61),
		now = 20 + noise(c, OF_WATER, h->number, hour + 1, 161);
	int32_t warm = temperature_at(c, &m) > 240 ? 115 : 100;
	return leak + 108 * h->occupants * habit(c, h, &m) / 1000 * day / 100 * now / 100 * warm / 100;
}

int32_t sim_home_gas(const sim_city *c, const sim_home *h, int64_t hour)
{
	const moment m = moment_of(hour);
	if (h->vacant)
		return 0;
	int32_t day = 70 + noise(c, OF_GAS, h->number, m.day, 61), temperature = temperature_at(c, &m),
		cold = 160 - temperature;
	int32_t kitchen = (130 + 140 * h->occupants) * habit(c, h, &m) / 1000;
	bool awake = m.hour >= 6 && m.hour < 23;
	int32_t heat = h->heating == SIM_HEAT_GAS && cold > 0 ? cold * (int32_t)h->area * (awake ? 10 : 5) / 320 : 0;
	return (kitchen + heat) * day / 100;
}

int32_t sim_building_power(const sim_city *c, const sim_building *b, int64_t quarter)
{
	/* W/m² × 10: at rest and in full use; open from … to; on weekends too. */
	static const struct {
		uint16_t rest, full;
		uint8_t from, to;
		bool weekend;
	} uses[SIM_USES] = { { 30, 260, 8, 19, false },
			     { 18, 170, 7, 17, false },
			     { 190, 330, 7, 21, true },
			     { 50, 420, 10, 22, true },
			     { 90, 210, 6, 24, true } };
	const moment m = moment_of(quarter / 4);
	bool open = m.hour >= uses[b->use].from && m.hour < uses[b->use].to && (uses[b->use].weekend || !m.weekend);
	int32_t t = temperature_at(c, &m), off = t > 240 ? t - 240 : t < 100 ? (100 - t) / 2 : 0;
	int64_t w = open ? uses[b->use].full : uses[b->use].rest;
	w = w * (100 + off / (open ? 3 : 8)) / 100 *
	    (92 + noise(c, OF_SLOT, (uint64_t)1 << 28 | b->number, quarter, 17)) / 100;
	return (int32_t)(w * b->area / 40);
}

sim_session sim_charger_session(const sim_city *c, const sim_charger *k, int64_t day, unsigned n)
{
	uint64_t h = sim_hash(c->seed, (uint64_t)OF_SESSION << 32 | k->number, (uint64_t)day * SIM_SESSIONS + n);
	sim_session s = { .start = (day * 24 - ZONE_HOURS + (int64_t)n * 8) * 3600 + (int64_t)(h % 10800) };
	/* Two thirds of the fast ones' time and a third of the slow ones' are taken; a car takes 8 to 40 kWh. */
	if ((h >> 16) % 6 >= (k->watts > 7000 ? 4u : 2u))
		return s;
	s.wh = 8000 + (int32_t)((h >> 24) % 24000);
	s.seconds = (int32_t)((int64_t)s.wh * 3600 / k->watts);
	if (s.seconds > 17000) {
		s.seconds = 17000;
		s.wh = (int32_t)((int64_t)k->watts * s.seconds / 3600);
	}
	s.home = (h >> 48) % 3 ? (uint32_t)((h >> 32) % c->homes) + 1 : 0;
	return s;
}
