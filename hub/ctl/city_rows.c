#include "ctl/city_rows.h"

#include <stdio.h>

#define MINUTE INT64_C(60000000)

enum { METER = 24, SECOND = 1000000 };

typedef struct feed {
	const city *t;
	const sim_home *home;
	city_fault fault;
	hub_time day;	 /* the last whole one's midnight */
	int64_t sums[2]; /* what the register shows, of a meter with which nothing is wrong */
	char meter[METER];
	city_row row;
	city_take take;
	void *user;
} feed;

static hub_status tell(feed *f, hub_time start, hub_time time, int64_t digits)
{
	city_row *r = &f->row;
	bool today = start >= f->day && time <= f->day + CITY_DAY;
	r->meter = f->meter;
	r->start = start;
	r->time = time;
	r->value = (hub_value) { digits, 3 };
	r->received = time + 5 * MINUTE;
	if (f->fault == CITY_LATE && today)
		r->received = time + 4 * CITY_DAY;
	if (f->fault == CITY_FAST && today)
		r->received = time > f->day + 23 * CITY_HOUR ? time - 20 * MINUTE : time - MINUTE * 3 / 2;
	hub_status st = f->take(f->user, r);
	return st == HUB_OK && f->fault == CITY_TWICE && today ? f->take(f->user, r) : st;
}

/* What the live meters go on from: where the intervals end, the register says so. */
static hub_status tell_register(feed *f, hub_time time, int64_t digits)
{
	f->row.kind = HUB_REGISTER;
	hub_status st = tell(f, 0, time, digits);
	f->row.kind = HUB_INTERVAL;
	return st;
}

static hub_status power_row(feed *f, hub_time start, hub_time time)
{
	const city_plan *p = &f->t->plan;
	int64_t import = 0, export = 0;
	if (f->fault == CITY_SILENT && start >= f->day - 30 * CITY_DAY && start < f->day - 26 * CITY_DAY)
		return HUB_OK;
	for (hub_time at = start; at < time; at += 15 * MINUTE) {
		const sim_power w = sim_home_power(&p->sim, f->home, at / (15 * MINUTE));
		import += w.import;
		export += w.export;
	}
	f->sums[0] += import;
	f->sums[1] += export;
	if (f->fault == CITY_SPIKE && start == f->day - 9 * CITY_DAY + 12 * CITY_HOUR)
		import *= 1000;
	if (f->fault == CITY_EXCHANGED)
		snprintf(f->meter, METER, start >= city_exchange(f->t) ? "9%011u" : "%012u", f->home->number);
	f->row.quantity = "active_energy_import";
	hub_status st = tell(f, start, time, import);
	f->row.quantity = "active_energy_export";
	return st == HUB_OK && f->home->pv ? tell(f, start, time, export) : st;
}

static hub_status power(feed *f)
{
	const city_plan *p = &f->t->plan;
	hub_status st = HUB_OK;
	snprintf(f->meter, METER, "%012u", f->home->number);
	f->row.unit = "kWh";
	for (hub_time at = p->from, step; st == HUB_OK && at < p->until; at += step) {
		step = at < p->fine ? CITY_HOUR : 15 * MINUTE;
		st = power_row(f, at, at + step);
	}
	/* The new meter's began in between. */
	if (st != HUB_OK || f->fault == CITY_EXCHANGED)
		return st;
	f->row.quantity = "active_energy_import";
	st = tell_register(f, p->until, f->sums[0]);
	f->row.quantity = "active_energy_export";
	return st == HUB_OK && f->home->pv ? tell_register(f, p->until, f->sums[1]) : st;
}

static int64_t litres(const feed *f, hub_time start, hub_time time)
{
	int64_t sum = 0;
	for (hub_time at = start; at < time; at += CITY_HOUR)
		sum += sim_home_water(&f->t->plan.sim, f->home, at / CITY_HOUR, f->t->plan.leaks / CITY_HOUR);
	return sum;
}

/* A register of 1,000 m³ that begins anew in the middle of the time. */
static hub_status water_register(feed *f)
{
	const city_plan *p = &f->t->plan;
	int64_t standing =
	    sim_home_water_rolling(&p->sim, f->home, p->from / SECOND, p->until / SECOND, p->leaks / CITY_HOUR);
	hub_status st = HUB_OK;
	f->row.kind = HUB_REGISTER;
	for (hub_time at = p->from; st == HUB_OK && at <= p->until; at += CITY_DAY) {
		st = tell(f, 0, at, standing % SIM_ROLLING);
		standing += litres(f, at, at + CITY_DAY);
	}
	f->row.kind = HUB_INTERVAL;
	return st;
}

static hub_status water(feed *f)
{
	const city_plan *p = &f->t->plan;
	int64_t sum = 0;
	hub_status st = HUB_OK;
	snprintf(f->meter, METER, "%014u", 10000000 + f->home->number);
	f->row.quantity = "water_volume";
	f->row.unit = "m3";
	if (f->fault == CITY_ROLLOVER)
		return water_register(f);
	for (hub_time at = p->from, step; st == HUB_OK && at < p->until; at += step) {
		step = at < p->fine ? CITY_DAY : CITY_HOUR;
		const int64_t used = litres(f, at, at + step);
		f->row.unit = f->fault == CITY_UNIT && at >= f->day && at < f->day + CITY_DAY ? "kWh" : "m3";
		st = tell(f, at, at + step, used);
		sum += used;
	}
	f->row.unit = "m3";
	return st == HUB_OK ? tell_register(f, p->until, sum) : st;
}

static hub_status gas(feed *f)
{
	const city_plan *p = &f->t->plan;
	hub_status st = HUB_OK;
	hub_time at = p->from;
	int64_t shown = 0;
	f->row.quantity = "gas_volume";
	f->row.unit = "m3";
	for (; st == HUB_OK && at + CITY_DAY <= p->until; at += CITY_DAY) {
		int64_t sum = 0;
		for (int64_t hour = at / CITY_HOUR; hour < at / CITY_HOUR + 24; hour++)
			sum += sim_home_gas(&p->sim, f->home, hour);
		/* Somebody mounted another meter and told nobody. */
		bool strange = f->fault == CITY_UNKNOWN && at >= f->day - 2 * CITY_DAY;
		snprintf(f->meter, METER, "%014u", (strange ? 70000000 : 30000000) + f->home->number);
		st = tell(f, at, at + CITY_DAY, sum);
		shown += sum;
	}
	return st == HUB_OK && f->fault != CITY_UNKNOWN ? tell_register(f, at, shown) : st;
}

hub_status city_rows_of_home(const city *t, uint32_t home, city_take take, void *user)
{
	const sim_home h = sim_home_of(&t->plan.sim, home);
	feed f = { .t = t,
		   .home = &h,
		   .fault = city_fault_of(t, home),
		   .take = take,
		   .user = user,
		   .day = zone_floor(t->zone, t->plan.until - CITY_DAY, ZONE_DAY),
		   .row = { .kind = HUB_INTERVAL } };
	f.row.odd = f.fault != CITY_FINE;
	hub_status st = power(&f);
	if (st == HUB_OK)
		st = water(&f);
	return st == HUB_OK ? gas(&f) : st;
}

hub_status city_rows_of_building(const city *t, uint32_t building, city_take take, void *user)
{
	const sim_building b = sim_building_of(&t->plan.sim, building);
	char meter[METER];
	int64_t shown = 0;
	hub_status st = HUB_OK;
	snprintf(meter, METER, "BLD%03u", building);
	for (hub_time at = t->plan.from, step; st == HUB_OK && at < t->plan.until; at += step) {
		int64_t sum = 0;
		step = at < t->plan.fine ? CITY_HOUR : 15 * MINUTE;
		for (hub_time q = at; q < at + step; q += 15 * MINUTE)
			sum += sim_building_power(&t->plan.sim, &b, q / (15 * MINUTE));
		const city_row r = { meter,	"active_energy_import", "kWh", HUB_INTERVAL, { sum, 3 }, at,
				     at + step, at + step + 5 * MINUTE, false };
		st = take(user, &r);
		shown += sum;
	}
	const city_row r = { meter,	    "active_energy_import",	"kWh", HUB_REGISTER, { shown, 3 }, 0,
			     t->plan.until, t->plan.until + 5 * MINUTE, false };
	return st == HUB_OK ? take(user, &r) : st;
}

uint64_t city_rows_expected(const city *t)
{
	const city_plan *p = &t->plan;
	uint64_t coarse = (uint64_t)((p->fine - p->from) / CITY_HOUR),
		 fine = (uint64_t)((p->until - p->fine) / CITY_HOUR);
	uint64_t power = coarse + fine * 4, home = power + coarse / 24 + fine + (coarse + fine) / 24 + 3;
	return home * p->sim.homes + power * p->sim.buildings + 1;
}
