/* hubctl city make: the simulated city, from nothing to a year of bills. */
#include "ctl/city_beside.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/policy_load.h"
#include "ctl/words.h"

enum { MONTHS_MAX = 36, FINE_DAYS = 14, LEAK_DAYS = 40 };

static const char plan_file[] = "city.json";

void city_say(const city *t, const char *fmt, ...)
{
	va_list args;
	flockfile(stderr);
	fprintf(stderr, "%6lld s  ", (long long)((clock_monotonic() - t->begun) / 1000000));
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	funlockfile(stderr);
}

hub_time city_month(const city *t, unsigned i)
{
	zone_civil c = zone_to_civil(t->zone, t->plan.from);
	hub_time ret;
	c.month += (int)i;
	c.year += (c.month - 1) / 12;
	c.month = (c.month - 1) % 12 + 1;
	zone_from_civil(t->zone, c, &ret, NULL);
	return ret;
}

int32_t city_cycle(const city *t, unsigned i)
{
	zone_civil c = zone_to_civil(t->zone, city_month(t, i));
	return c.year * 100 + c.month;
}

static const char *const fault_names[] = {
	[CITY_FINE] = "fine",	      [CITY_SILENT] = "silent",	     [CITY_SPIKE] = "spike",
	[CITY_ROLLOVER] = "rollover", [CITY_EXCHANGED] = "exchange", [CITY_FAST] = "clock_drift",
	[CITY_TWICE] = "twice",	      [CITY_LATE] = "late",	     [CITY_UNIT] = "unit",
	[CITY_UNKNOWN] = "unknown",
};
enum { FAULTS = sizeof fault_names / sizeof *fault_names, FIRST_ODD = 3 };

const char *city_fault_name(city_fault f)
{
	return fault_names[f];
}

bool city_fault_named(const char *name, city_fault *ret)
{
	for (int i = CITY_FINE; i < FAULTS; i++)
		if (!strcmp(fault_names[i], name)) {
			*ret = (city_fault)i;
			return true;
		}
	return false;
}

/* Homes 3 to 11 have one of each kind, in that order, so that there is always something to see. */
city_fault city_fault_of(const city *t, uint32_t home)
{
	for (size_t i = t->plan.ordered_count; i-- > 0;)
		if (t->plan.ordered[i].home == home)
			return t->plan.ordered[i].fault;
	return home >= FIRST_ODD && home < FIRST_ODD + FAULTS - 1 ? (city_fault)(home - FIRST_ODD + 1) : CITY_FINE;
}

hub_time city_exchange(const city *t)
{
	hub_time middle = t->plan.from + (t->plan.until - t->plan.from) / 2;
	return zone_floor(t->zone, middle, ZONE_DAY) + 10 * CITY_HOUR;
}

static hub_status plan_write(const city *t, const char *folder, mode_t mode, hub_fault *fault)
{
	buf text = { 0 };
	buf_printf(
	    &text,
	    "{\"seed\":%llu,\"homes\":%u,\"months\":%u,\"from\":%lld,\"until\":%lld,\"leaks\":%lld,\"faults\":\"",
	    (unsigned long long)t->plan.sim.seed, t->plan.sim.homes, t->plan.months, (long long)t->plan.from,
	    (long long)t->plan.until, (long long)t->plan.leaks);
	for (size_t i = 0; i < t->plan.ordered_count; i++)
		buf_printf(&text, "%s%u:%s", i ? "," : "", t->plan.ordered[i].home,
			   city_fault_name(t->plan.ordered[i].fault));
	buf_text(&text, "\"}\n");
	hub_status st = city_file_write(t->c, folder, plan_file, &text, mode, fault);
	buf_fini(&text);
	return st;
}

/* "40:spike,55:late", in the order of orders. */
static hub_status order_faults(city *t, const char *text, hub_fault *fault)
{
	char name[16];
	unsigned home;
	for (int used = 0; *text; text += used + (text[used] == ',')) {
		city_fault f;
		used = 0;
		if (sscanf(text, "%u:%15[a-z_]%n", &home, name, &used) < 2 || !used ||
		    (text[used] && text[used] != ',') || !city_fault_named(name, &f) ||
		    t->plan.ordered_count == CITY_ORDERED)
			return hub_fault_set(fault, "city.fault", "fault",
					     "'%.60s' is no list of at most %d faults such as 40:spike,55:late", text,
					     CITY_ORDERED);
		t->plan.ordered[t->plan.ordered_count].home = home;
		t->plan.ordered[t->plan.ordered_count++].fault = f;
	}
	return HUB_OK;
}

static void derive(city *t)
{
	t->plan.fine = zone_floor(t->zone, t->plan.until - FINE_DAYS * CITY_DAY, ZONE_DAY);
	t->plan.leaks = zone_floor(t->zone, t->plan.until - LEAK_DAYS * CITY_DAY, ZONE_DAY);
}

/* HUB_MISSING: there is none yet. */
static hub_status plan_read(city *t, hub_fault *fault)
{
	buf text = { 0 };
	hub_status st = city_file_read(t->c, "core/city.json", &text, fault);
	json_t *o = st == HUB_OK ? json_loadb((const char *)text.bytes, text.len, 0, NULL) : NULL;
	json_int_t seed, homes, months, from, until;
	if (st == HUB_OK && json_unpack(o, "{s:I,s:I,s:I,s:I,s:I}", "seed", &seed, "homes", &homes, "months", &months,
					"from", &from, "until", &until))
		st = hub_fault_set(fault, "city.plan", "", "%s/core/city.json is not what hubctl city make wrote", t->c->data);
	if (st == HUB_OK) {
		t->plan.sim = sim_city_of((uint64_t)seed, (uint32_t)homes);
		t->plan.months = (unsigned)months;
		t->plan.from = from;
		t->plan.until = until;
		derive(t);
		t->plan.ordered_count = 0;
		const char *faults = json_string_value(json_object_get(o, "faults"));
		st = order_faults(t, faults ? faults : "", fault);
	}
	json_decref(o);
	buf_fini(&text);
	return st;
}

hub_status city_plan_of(ctl *c, city_plan *ret, hub_fault *fault)
{
	city t = { .c = c, .fault = fault };
	hub_status st = zone_load(CITY_ZONE, &t.zone);
	if (st == HUB_OK && (st = plan_read(&t, fault)) == HUB_MISSING)
		st = hub_fault_set(fault, "city.missing", "", "there is no city yet; hubctl city make makes one");
	*ret = t.plan;
	zone_free(t.zone);
	return st;
}

static hub_status plan_make(city *t, uint64_t seed, uint64_t homes, uint64_t months, hub_fault *fault)
{
	if (homes < SIM_HOMES_MIN || homes > SIM_HOMES_MAX)
		return hub_fault_set(fault, "city.homes", "homes", "%d to %d homes", SIM_HOMES_MIN, SIM_HOMES_MAX);
	if (months < 1 || months > MONTHS_MAX || seed > INT64_MAX)
		return hub_fault_set(fault, "city.months", "months", "1 to %d months, and a seed below 2^63",
				     MONTHS_MAX);
	t->plan.sim = sim_city_of(seed, (uint32_t)homes);
	t->plan.months = (unsigned)months;
	t->plan.until = zone_floor(t->zone, clock_now(), ZONE_HOUR);
	zone_civil c = zone_to_civil(t->zone, zone_floor(t->zone, t->plan.until, ZONE_MONTH));
	int month = c.year * 12 + c.month - 1 - (int)months;
	c.year = month / 12;
	c.month = month % 12 + 1;
	zone_from_civil(t->zone, c, &t->plan.from, NULL);
	derive(t);
	return plan_write(t, "core", 0600, fault);
}

/* The people's file is written last. */
static bool made(const city *t)
{
	char *path = ctl_path(t->c, "core/city-logins.txt");
	bool there = path && !access(path, F_OK);
	free(path);
	return there;
}

static hub_status publish(city *t, void *user)
{
	(void)user;
	return city_publish(t);
}

/* Neither looks at what the other makes. */
static hub_status charge_and_bill(city *t)
{
	city_beside sums = { 0 };
	hub_status st = city_beside_begin(&sums, t, publish, NULL);
	if (st == HUB_OK)
		st = city_charge(t);
	if (st == HUB_OK)
		st = city_bill(t);
	return city_beside_end(&sums, st, t->fault);
}

static hub_status make(city *t, const char *const words[4], hub_fault *fault)
{
	static hub_status (*const steps[])(city *) = { city_register, city_contract, city_fill, charge_and_bill,
						       city_people };
	uint64_t homes, seed, months;
	if (made(t)) {
		city_say(t, "the city is there; its logins stand in %s/core/city-logins.txt", t->c->data);
		return HUB_OK;
	}
	hub_status st = word_number(words[0], 300, &homes, fault);
	if (st == HUB_OK)
		st = word_number(words[1], 1, &seed, fault);
	if (st == HUB_OK)
		st = word_number(words[2], 13, &months, fault);
	if (st == HUB_OK)
		st = zone_load(CITY_ZONE, &t->zone);
	if (st == HUB_OK)
		st = order_faults(t, words[3] ? words[3] : "", fault);
	if (st == HUB_OK && (st = plan_read(t, fault)) == HUB_MISSING)
		st = plan_make(t, seed, homes, months, fault);
	if (st == HUB_OK)
		st = policy_current(t->c, &t->policies, fault);
	/* What a power cut would take is made again by the next run. */
	if (st == HUB_OK)
		st = store_relax(t->c->db);
	for (size_t i = 0; st == HUB_OK && i < sizeof steps / sizeof *steps; i++)
		st = steps[i](t);
	/* The simulated devices wait for it. */
	return st == HUB_OK ? plan_write(t, CITY_STATE, 0640, fault) : st;
}

int ctl_city_make(ctl *c, int argc, char **argv)
{
	int bad = 0;
	hub_fault fault = { 0 };
	city t = { .c = c, .begun = clock_monotonic(), .fault = &fault };
	const char *words[] = { ctl_take(&argc, argv, "homes", 1, &bad), ctl_take(&argc, argv, "seed", 1, &bad),
				ctl_take(&argc, argv, "months", 1, &bad), ctl_take(&argc, argv, "faults", 1, &bad) };
	if (bad || ctl_leftover("city make", argc, argv) || argc != 1)
		return ctl_usage("city make");
	hub_status st = make(&t, words, &fault);
	inforce_free(t.policies);
	zone_free(t.zone);
	return st == HUB_OK ? CTL_OK : ctl_fail("city make", st, &fault);
}
