#include "sim/living.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LAST_DIGIT = 10 /* litres */ };

/* A number of the file, which has a flat object of numbers. */
static bool number(const char *text, const char *name, int64_t *ret)
{
	char key[32];
	snprintf(key, sizeof key, "\"%s\":", name);
	const char *at = strstr(text, key);
	if (at)
		*ret = strtoll(at + strlen(key), NULL, 10);
	return at != NULL;
}

/* The faults that were ordered of the history, "40:rollover,41:late"; a later word about a home holds. */
static void rolled_read(living *l, const char *text)
{
	static const char key[] = "\"faults\":\"";
	const char *at = strstr(text, key);
	char name[16];
	unsigned home;
	int used;
	l->rolled_count = 0;
	for (at = at ? at + strlen(key) : ""; sscanf(at, "%u:%15[a-z_]%n", &home, name, &used) == 2;
	     at += used + (at[used] == ',')) {
		size_t kept = 0;
		for (size_t i = 0; i < l->rolled_count; i++)
			if (l->rolled[i] != home)
				l->rolled[kept++] = l->rolled[i];
		if (!strcmp(name, "rollover") && kept < LIVING_FAULTS)
			l->rolled[kept++] = home;
		l->rolled_count = kept;
	}
}

bool living_there(living *l, int64_t now)
{
	char text[2048];
	int64_t seed, homes, from, until, leaks;
	if (l->there || !l->path || now == l->looked)
		return l->there;
	l->looked = now;
	FILE *f = fopen(l->path, "r");
	size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
	if (f)
		fclose(f);
	text[n] = '\0';
	if (!number(text, "seed", &seed) || !number(text, "homes", &homes) || !number(text, "from", &from) ||
	    !number(text, "until", &until) || !number(text, "leaks", &leaks) || homes < SIM_HOMES_MIN ||
	    homes > SIM_HOMES_MAX)
		return false;
	l->city = sim_city_of((uint64_t)seed, (uint32_t)homes);
	l->from = from / 1000000;
	l->until = until / 1000000;
	l->leaks = leaks / 1000000 / 3600;
	rolled_read(l, text);
	l->there = true;
	return true;
}

static bool know(living_meter *m, living_kind kind)
{
	const sim_city *c = &m->of->city;
	if (!m->number || m->number > (kind == LIVING_BUILDING ? c->buildings : c->homes))
		return false;
	if (kind == LIVING_BUILDING)
		m->building = sim_building_of(c, m->number);
	else
		m->home = sim_home_of(c, m->number);
	for (size_t i = 0; kind == LIVING_WATER && i < m->of->rolled_count; i++)
		if (m->of->rolled[i] == m->number)
			m->rolling = sim_home_water_rolling(c, &m->home, m->of->from, m->of->until, m->of->leaks);
	return m->known = true;
}

static const char *const fault_names[] = { "fine",  "silent", "spike", "exchange", "clock_drift",
					   "twice", "late",   "unit",  "stuck" };

/* Whether the file beside the city's is another than the one seen last: who ordered a fault has it with the next word. */
static bool replaced(const char *city, const char *suffix, living_seen *seen)
{
	char path[4096];
	struct stat st;
	snprintf(path, sizeof path, "%s%s", city, suffix);
	living_seen now = { 0 };
	if (!stat(path, &st))
		now = (living_seen) { st.st_ino, st.st_mtim.tv_sec * INT64_C(1000000000) + st.st_mtim.tv_nsec };
	bool ret = now.file != seen->file || now.at != seen->at;
	*seen = now;
	return ret;
}

static void faults_read(living *l)
{
	char path[4096], kind[16];
	living_order o;
	snprintf(path, sizeof path, "%s.faults", l->path);
	l->fault_count = 0;
	FILE *f = fopen(path, "r");
	while (f && l->fault_count < LIVING_FAULTS && fscanf(f, "%11s %u %15s", o.thing, &o.number, kind) == 3) {
		o.kind = LIVING_FINE;
		for (size_t i = 1; i < sizeof fault_names / sizeof *fault_names; i++)
			o.kind = strcmp(fault_names[i], kind) ? o.kind : (living_fault_kind)i;
		l->faults[l->fault_count++] = o;
	}
	if (f)
		fclose(f);
}

static void counters_read(living *l)
{
	char path[4096];
	living_counter k;
	snprintf(path, sizeof path, "%s.rolled", l->path);
	l->counter_count = 0;
	FILE *f = fopen(path, "r");
	while (f && l->counter_count < LIVING_FAULTS &&
	       fscanf(f, "home %u %lld %lld %lld ", &k.number, &k.second, &k.start, &k.modulus) == 4)
		l->counters[l->counter_count++] = k;
	if (f)
		fclose(f);
}

living_fault_kind living_fault(living *l, const char *thing, uint32_t number)
{
	if (l->path && replaced(l->path, ".faults", &l->faults_seen))
		faults_read(l);
	if (l->path && replaced(l->path, ".rolled", &l->counters_seen))
		counters_read(l);
	for (size_t i = 0; i < l->fault_count; i++)
		if (l->faults[i].number == number && !strcmp(l->faults[i].thing, thing))
			return l->faults[i].kind;
	return LIVING_FINE;
}

/* Its history began with what it stood at; with the digit that it has begun, as its device shows it. */
static sim_shown water_shown(const living_meter *m, int64_t second, sim_standing *s)
{
	const living *l = m->of;
	sim_shown ret = sim_home_water_shown(&l->city, &m->home, l->from, l->leaks, second, s);
	if (m->rolling)
		ret.import = (m->rolling + ret.import + LAST_DIGIT - 1) / LAST_DIGIT * LAST_DIGIT % SIM_ROLLING;
	return ret;
}

/* What it shows with nothing wrong, at any second. */
static sim_shown true_shown(const living_meter *m, living_kind kind, int64_t second, sim_standing *s)
{
	const living *l = m->of;
	switch (kind) {
	case LIVING_POWER:
		return sim_home_power_shown(&l->city, &m->home, l->from, second, s);
	case LIVING_WATER:
		return water_shown(m, second, s);
	case LIVING_GAS:
		return sim_home_gas_shown(&l->city, &m->home, l->from, second, s);
	case LIVING_BUILDING:
		return sim_building_shown(&l->city, &m->building, l->from, second, s);
	}
	return (sim_shown) { 0 };
}

/* The last counter that was put in by then; false: its fitter is at it, and it says nothing. */
static bool count_anew(living_meter *m, living_kind kind, int64_t second, sim_shown *s)
{
	const living *l = m->of;
	const living_counter *last = NULL;
	if (kind != LIVING_POWER)
		return true;
	for (size_t i = 0; i < l->counter_count; i++) {
		const living_counter *k = &l->counters[i];
		if (k->number != m->number)
			continue;
		if (second >= k->second - 1 && second <= k->second + 1)
			return false;
		if (second >= k->second && k->modulus > 0)
			last = k;
	}
	if (last && m->counter_second != last->second) {
		sim_standing fresh = { 0 };
		m->counter_second = last->second;
		m->counter_before = true_shown(m, kind, last->second, &fresh).import;
	}
	if (last)
		s->import = (last->start + s->import - m->counter_before) % last->modulus;
	return true;
}

/* The register as the fault has it; false: it says nothing. */
static bool spoil(living_meter *m, living_kind kind, int64_t second, sim_shown *s)
{
	const living_fault_kind f =
	    living_fault(m->of, kind == LIVING_BUILDING ? "building" : "home", m->number);
	if (!count_anew(m, kind, second, s))
		return false;
	if (f == LIVING_SPIKE)
		s->import += 1000000;
	if (f != LIVING_EXCHANGED)
		m->before = 0;
	else if (!m->before)
		m->before = s->import;
	s->import -= m->before;
	return f != LIVING_SILENT;
}

bool living_shown(living_meter *m, living_kind kind, int64_t second, sim_shown *ret)
{
	if (!living_there(m->of, second) || (!m->known && !know(m, kind)))
		return false;
	*ret = true_shown(m, kind, second, &m->standing);
	return spoil(m, kind, second, ret);
}
