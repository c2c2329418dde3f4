#include "sim/living.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

bool living_there(living *l, int64_t now)
{
	char text[512];
	int64_t seed, homes, from, leaks;
	if (l->there || !l->path || now == l->looked)
		return l->there;
	l->looked = now;
	FILE *f = fopen(l->path, "r");
	size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
	if (f)
		fclose(f);
	text[n] = '\0';
	if (!number(text, "seed", &seed) || !number(text, "homes", &homes) || !number(text, "from", &from) ||
	    !number(text, "leaks", &leaks) || homes < SIM_HOMES_MIN || homes > SIM_HOMES_MAX)
		return false;
	l->city = sim_city_of((uint64_t)seed, (uint32_t)homes);
	l->from = from / 1000000;
	l->leaks = leaks / 1000000 / 3600;
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
	return m->known = true;
}

bool living_shown(living_meter *m, living_kind kind, int64_t second, sim_shown *ret)
{
	const living *l = m->of;
	if (!living_there(m->of, second) || (!m->known && !know(m, kind)))
		return false;
	switch (kind) {
	case LIVING_POWER:
		*ret = sim_home_power_shown(&l->city, &m->home, l->from, second, &m->standing);
		break;
	case LIVING_WATER:
		*ret = sim_home_water_shown(&l->city, &m->home, l->from, l->leaks, second, &m->standing);
		break;
	case LIVING_GAS:
		*ret = sim_home_gas_shown(&l->city, &m->home, l->from, second, &m->standing);
		break;
	case LIVING_BUILDING:
		*ret = sim_building_shown(&l->city, &m->building, l->from, second, &m->standing);
		break;
	}
	return true;
}
