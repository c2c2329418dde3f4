/*
 * sim_cjt188: simulated CJ/T 188 meters behind one line.
 *   sim_cjt188 (--connect HOST:PORT | --listen PORT | --pty) [--count N] [--first ADDRESS] [--type HH] [--2018]
 *              [--litres-per-hour N | --city FILE] [--fault silent|checksum|refuse|stuck] [--fault-every N] [--speed N]
 *              [--seconds N]
 * With --city the meters are those of the simulated city's first homes, whose history they go on with; a type from 30
 * on counts gas.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cjt188/device.h"
#include "sim/living.h"
#include "sim/serve.h"

enum { GAS = 0x30 };

typedef struct line {
	device_meter *meters;
	living_meter *places;
	living city;
	size_t count;
	int64_t epoch; /* of the meters' clocks, which run at +08:00 */
} line;

static size_t on_request(void *user, const uint8_t *request, size_t len, int64_t seconds, uint8_t *out)
{
	line *l = user;
	return device_answer(l->meters, l->count, request, len, seconds, l->epoch, out);
}

static bool count_up(void *user, device_meter *m)
{
	living_meter *place = user;
	sim_shown shown;
	int64_t now = time(NULL);
	if (!living_shown(place, m->type >= GAS ? LIVING_GAS : LIVING_WATER, now, &shown))
		return false;
	m->energy = living_fault(place->of, "home", place->number) == LIVING_UNIT;
	/* Never below what the history ended with, which has the litres. A closed valve stops the register, not the
	 * user. */
	if (!m->closed)
		m->volume = (uint64_t)(shown.import + 9) / 10;
	return true;
}

static void meters_make(line *l, int argc, char **argv)
{
	static const char *const names[] = { "none", "silent", "checksum", "refuse", "stuck" };
	const char *fault = sim_option(argc, argv, "--fault", "none");
	unsigned long every = strtoul(sim_option(argc, argv, "--fault-every", "1"), NULL, 10);
	unsigned long long first = strtoull(sim_option(argc, argv, "--first", "1"), NULL, 10);
	device_fault f = DEVICE_FINE;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		f = strcmp(names[i], fault) ? f : (device_fault)i;
	for (size_t i = 0; i < l->count; i++) {
		char text[24];
		device_meter *m = &l->meters[i];
		snprintf(text, sizeof text, "%014llu", (first + i) % 100000000000000ull);
		device_address(text, m->address);
		m->type = (uint8_t)strtoul(sim_option(argc, argv, "--type", "10"), NULL, 16);
		m->low_first = sim_option(argc, argv, "--2018", NULL) != NULL;
		m->litres_per_hour = (uint32_t)strtoul(sim_option(argc, argv, "--litres-per-hour", "30"), NULL, 10);
		m->volume = 10000 + 137 * i;
		m->fault = every && (i + 1) % every == 0 ? f : DEVICE_FINE;
		l->places[i] = (living_meter) { .of = &l->city, .number = (uint32_t)i + 1 };
		m->count_up = l->city.path ? count_up : NULL;
		m->user = &l->places[i];
	}
}

int main(int argc, char **argv)
{
	line l = { .count = strtoul(sim_option(argc, argv, "--count", "1"), NULL, 10),
		   .epoch = time(NULL) + 8 * 3600,
		   .city = { .path = sim_option(argc, argv, "--city", NULL) } };
	l.meters = calloc(l.count ? l.count : 1, sizeof *l.meters);
	l.places = calloc(l.count ? l.count : 1, sizeof *l.places);
	if (!l.meters || !l.places)
		return 1;
	meters_make(&l, argc, argv);
	int rc = sim_serve(argc, argv, &(sim_device) { device_request, on_request, &l });
	if (rc)
		fprintf(stderr,
			"usage: sim_cjt188 (--connect HOST:PORT | --listen PORT | --pty) [--count N] [--first ADDRESS] "
			"[--type HH] [--2018] [--litres-per-hour N | --city FILE] [--fault NAME] [--fault-every N] "
			"[--speed N] "
			"[--seconds N]\n");
	free(l.meters);
	free(l.places);
	return rc;
}
