/*
 * A register that passes its digits' end while the city lives. It stands far from there, so its fitter puts a new
 * counter into the meter, one that stands just before its end, and the registry is told both standings as at any
 * exchange. The simulated device finds what was done in a file beside the city's.
 */
#include <stdio.h>

#include "base/clock.h"
#include "base/zone.h"
#include "ctl/city.h"
#include "ctl/words.h"
#include "model/quantity.h"
#include "store/device.h"

/* From the order to the new counter, so that the device knows in time; the last digit of the coarsest register. */
enum { AHEAD = 3, LAST_DIGIT = 10, FIRST_LIVE = 13, WITHIN = 90, WITHIN_MAX = 86400 };

static const char rolled_file[] = "city.json.rolled", rolled_path[] = CITY_STATE "/city.json.rolled";

typedef struct rollover {
	uint32_t number;    /* of its home */
	int64_t second;	    /* s since 1970, of the new counter */
	int64_t end, start; /* Wh: what the old one showed at last, and the new one at first */
	int64_t modulus;    /* Wh */
	device meter;
	int64_t point;
} rollover;

static int64_t shown(const city_plan *p, const rollover *r, int64_t second)
{
	sim_standing s = { 0 };
	const sim_home h = sim_home_of(&p->sim, r->number);
	return sim_home_power_shown(&p->sim, &h, p->from / 1000000, second, &s).import;
}

/* Its meter and point, as hubctl city make named them. */
static hub_status find(ctl *c, const city_plan *p, rollover *r, arena *a, hub_fault *fault)
{
	char meter[24], name[24];
	int64_t party;
	if (r->number < FIRST_LIVE || r->number > p->sim.homes)
		return hub_fault_set(fault, "city.rollover", "number",
				     "the registers of homes %d to %u live, not of %u", FIRST_LIVE, p->sim.homes,
				     r->number);
	snprintf(meter, sizeof meter, "%012u", r->number);
	snprintf(name, sizeof name, "e-%05u", r->number);
	hub_status st = word_party(c->db, "power", a, &party, fault);
	if (st == HUB_OK)
		st = word_point(c->db, name, a, &r->point, fault);
	if (st == HUB_OK && (st = device_by_meter(c->db, party, meter, a, &r->meter)) == HUB_MISSING)
		st =
		    hub_fault_set(fault, "city.missing", "", "there is no meter %s; hubctl city make makes one", meter);
	return st;
}

static hub_status exchange(ctl *c, const rollover *r, hub_fault *fault)
{
	const quantity *q = quantity_find("active_energy_import");
	if (!q)
		return HUB_FAILED;
	const installation_register end = { .quantity = q->number, .has_end = true, .end = { r->end, 3 } };
	const installation_register start = { .quantity = q->number, .has_start = true, .start = { r->start, 3 } };
	const installation next = { .device = r->meter.id,
				    .channel = "",
				    .point = r->point,
				    .valid_from = r->second * 1000000,
				    .registers = &start,
				    .register_count = 1 };
	int64_t id;
	hub_status st = store_begin(c->db);
	if (st == HUB_OK)
		st = device_exchange(c->db, &next, &end, 1, &id, fault);
	if (st == HUB_OK)
		return store_commit(c->db);
	store_rollback(c->db);
	return st;
}

/* A line a counter; the last one of a home holds. */
static hub_status tell_device(ctl *c, const rollover *r, hub_fault *fault)
{
	buf text = { 0 };
	hub_status st = city_file_read(c, rolled_path, &text, fault);
	buf_printf(&text, "home %u %lld %lld %lld\n", r->number, (long long)r->second, (long long)r->start,
		   (long long)r->modulus);
	if (st == HUB_OK || st == HUB_MISSING)
		st = city_file_write(c, CITY_STATE, rolled_file, &text, 0640, fault);
	buf_fini(&text);
	return st;
}

hub_status city_rollover(ctl *c, uint64_t number, const char *within, hub_fault *fault)
{
	city_plan p;
	arena a;
	uint64_t seconds;
	rollover r = { .number = number > UINT32_MAX ? 0 : (uint32_t)number };
	arena_init(&a, 0);
	hub_status st = city_plan_of(c, &p, fault);
	if (st == HUB_OK)
		st = find(c, &p, &r, &a, fault);
	if (st == HUB_OK)
		st = word_number(within, WITHIN, &seconds, fault);
	if (st == HUB_OK && (seconds > WITHIN_MAX || r.meter.modulus.digits <= 0 || r.meter.modulus.scale))
		st = hub_fault_set(fault, "city.rollover", "within", "at most %d s, and a meter whose digits are known",
				   WITHIN_MAX);
	if (st == HUB_OK) {
		r.second = clock_now() / 1000000 + AHEAD;
		r.end = shown(&p, &r, r.second);
		r.modulus = r.meter.modulus.digits * 1000;
		/* A device shows the digit that it has begun, so it is past its end when less than one is left. */
		r.start = r.modulus - LAST_DIGIT - (shown(&p, &r, r.second + (int64_t)seconds) - r.end) - 3;
		st = tell_device(c, &r, fault);
	}
	if (st == HUB_OK)
		st = exchange(c, &r, fault);
	arena_fini(&a);
	return st;
}
