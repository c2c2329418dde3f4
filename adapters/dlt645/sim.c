/*
 * sim_dlt645: simulated DL/T 645 meters behind one line.
 *   sim_dlt645 (--connect HOST:PORT | --listen PORT | --pty) [--count N] [--first ADDRESS] [--1997]
 *              [--power W | --city FILE] [--speed N] [--fault NAME] [--fault-every N] [--journal FILE] [--seconds N]
 * --listen 0 takes a free port; the address or the pseudo-terminal's name goes to standard output.
 * With --speed the registers run N times as fast. Every N-th meter has the fault. Every command received is a
 * line of --journal: address, control code, data. With --city the meter of address N is that of the N-th home of the
 * simulated city, whose history it goes on with.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dlt645/device.h"
#include "sim/living.h"
#include "sim/serve.h"

typedef struct simulation {
	device_meter *meters;
	living_meter *places;
	size_t count;
	living city;
	FILE *journal;
} simulation;

static bool count_up(void *user, device_meter *m)
{
	living_meter *place = user;
	sim_shown shown;
	int64_t now = time(NULL);
	if (!living_shown(place, LIVING_POWER, now, &shown))
		return false;
	m->fault = living_fault(place->of, "home", place->number) == LIVING_TWICE ? DEVICE_DUPLICATE : DEVICE_FINE;
	/* Never below what the history ended with, which has the Wh. */
	m->start_energy = (uint64_t)(shown.import + 9) / 10 % 100000000; /* its eight digits */
	m->export_energy = (uint64_t)(shown.export + 9) / 10;
	m->power = shown.now > 0 ? (uint32_t)shown.now : 0;
	return true;
}

static void meters_make(simulation *s, int argc, char **argv)
{
	static const char *const names[] = { "none",   "silent", "checksum", "duplicate", "cut",
					     "refuse", "noise",	 "stuck",    "deaf" };
	const char *fault = sim_option(argc, argv, "--fault", "none");
	unsigned long every = strtoul(sim_option(argc, argv, "--fault-every", "1"), NULL, 10);
	unsigned long long first = strtoull(sim_option(argc, argv, "--first", "1"), NULL, 10);
	device_fault f = DEVICE_FINE;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		f = strcmp(names[i], fault) ? f : (device_fault)i;
	for (size_t i = 0; i < s->count; i++) {
		char text[24];
		device_meter *m = &s->meters[i];
		snprintf(text, sizeof text, "%012llu", (first + i) % 1000000000000ull);
		device_address(text, m->address);
		m->is_1997 = sim_option(argc, argv, "--1997", NULL) != NULL;
		m->power = (uint32_t)strtoul(sim_option(argc, argv, "--power", "1200"), NULL, 10);
		m->start_energy = 100000 + 1237 * i % 900000;
		m->fault = every && (i + 1) % every == 0 ? f : DEVICE_FINE;
		s->places[i] = (living_meter) { .of = &s->city, .number = (uint32_t)(first + i) };
		m->count_up = s->city.path ? count_up : NULL;
		m->user = &s->places[i];
	}
}

static void journal_write(const simulation *s, const uint8_t *f)
{
	if (!s->journal || (f[8] != 0x08 && f[8] != 0x14 && f[8] != 0x1c))
		return;
	for (int i = 6; i > 0; i--)
		fprintf(s->journal, "%02X", f[i]);
	fprintf(s->journal, " %02X ", f[8]);
	for (int i = 0; i < f[9]; i++)
		fprintf(s->journal, "%02X", (uint8_t)(f[10 + i] - 0x33));
	fprintf(s->journal, "\n");
	fflush(s->journal);
}

static size_t on_request(void *user, const uint8_t *request, size_t len, int64_t seconds, uint8_t *out)
{
	simulation *s = user;
	journal_write(s, request);
	return device_answer(s->meters, s->count, request, len, seconds, out);
}

int main(int argc, char **argv)
{
	simulation s = { .count = strtoul(sim_option(argc, argv, "--count", "1"), NULL, 10),
			 .city = { .path = sim_option(argc, argv, "--city", NULL) } };
	const char *journal = sim_option(argc, argv, "--journal", NULL);
	s.meters = calloc(s.count ? s.count : 1, sizeof *s.meters);
	s.places = calloc(s.count ? s.count : 1, sizeof *s.places);
	if (!s.meters || !s.places)
		return 1;
	meters_make(&s, argc, argv);
	s.journal = journal ? fopen(journal, "a") : NULL;
	int rc = sim_serve(argc, argv, &(sim_device) { device_request, on_request, &s });
	if (rc)
		fprintf(stderr, "usage: sim_dlt645 (--connect HOST:PORT | --listen PORT | --pty) [--count N] "
				"[--first ADDRESS] [--1997] [--power W | --city FILE] [--speed N] [--fault NAME] "
				"[--fault-every N] [--journal FILE] [--seconds N]\n");
	if (s.journal)
		fclose(s.journal);
	free(s.meters);
	free(s.places);
	return rc;
}
