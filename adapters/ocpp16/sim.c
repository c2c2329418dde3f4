/*
 * sim_ocpp16: the simulated city's charging stations, each over a WebSocket of its own (OCPP 1.6J, basic
 * authentication). sim_ocpp16 --connect HOST:PORT --city FILE --passwords FILE [--state FILE] [--every SECONDS]
 * [--stuck N]… The stations are those of --passwords, one a line with its password: BHC07 0123abcd…; the number is the
 * city's. While one of the two files is missing it waits. Registers are kept in --state. --stuck: that station says yes
 * to every order and goes on as it was; an order of FILE.faults ("charger 7 stuck") does so too.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ocpp16/pile.h"
#include "sim/serve.h"
#include "sim/websocket.h"

enum { STATIONS = 200, AGAIN = 5 /* s */, KEEP = 10 /* s */, WORD = 64 };

typedef struct station {
	char name[16], password[WORD];
	bool stuck; /* for good */
	int64_t dial_at;
	websocket line;
	pile pile;
} station;

typedef struct fleet {
	const char *target, *passwords;
	living city;
	int state; /* -1: not kept */
	int64_t kept;
	size_t count;
	station *stations;
} fleet;

static void on_say(void *user, const char *text, size_t len)
{
	websocket_say(user, text, len);
}

static void on_heard(void *user, const char *text, size_t len)
{
	pile_hear(user, text, len, time(NULL));
}

static bool is_stuck(int argc, char **argv, uint32_t number)
{
	for (int i = 1; i + 1 < argc; i++)
		if (!strcmp(argv[i], "--stuck") && strtoul(argv[i + 1], NULL, 10) == number)
			return true;
	return false;
}

static void station_make(fleet *f, station *s, uint32_t number, int64_t every)
{
	int64_t kept = 0;
	s->line.fd = -1;
	s->pile = (pile) { .number = number,
			   .messages = { .vendor = "Binhai", .model = "Simulated" },
			   .say = on_say,
			   .user = &s->line,
			   .every = every,
			   .limit_w = -1,
			   .tx_limit_w = -1 };
	if (f->state >= 0 && pread(f->state, &kept, sizeof kept, (off_t)(number * sizeof kept)) == sizeof kept)
		s->pile.watt_seconds = kept;
}

/* False: they are not there yet. */
static bool stations_read(fleet *f, int argc, char **argv)
{
	char name[16], password[WORD];
	FILE *list = fopen(f->passwords, "r");
	int64_t every = strtoll(sim_option(argc, argv, "--every", "60"), NULL, 10);
	while (list && f->count < STATIONS && fscanf(list, "%15s %63s", name, password) == 2) {
		station *s = &f->stations[f->count];
		uint32_t number = (uint32_t)strtoul(name + strcspn(name, "0123456789"), NULL, 10);
		if (!number)
			continue;
		memcpy(s->name, name, sizeof name);
		memcpy(s->password, password, sizeof password);
		s->stuck = is_stuck(argc, argv, number);
		station_make(f, s, number, every);
		f->count++;
	}
	if (list)
		fclose(list);
	return f->count > 0;
}

static void keep(fleet *f, int64_t now)
{
	if (f->state < 0 || now - f->kept < KEEP)
		return;
	f->kept = now;
	for (size_t i = 0; i < f->count; i++) {
		const pile *p = &f->stations[i].pile;
		if (p->known && pwrite(f->state, &p->watt_seconds, sizeof p->watt_seconds,
				       (off_t)(p->number * sizeof p->watt_seconds)) < 0)
			fprintf(stderr, "sim_ocpp16: registers are not kept: %s\n", strerror(errno));
	}
}

/* One station a round, so that they do not all come at once. */
static void dial(fleet *f, int64_t now)
{
	for (size_t i = 0; i < f->count; i++) {
		station *s = &f->stations[i];
		char path[40];
		if (s->line.fd >= 0 || now < s->dial_at)
			continue;
		snprintf(path, sizeof path, "/ocpp/%s", s->name);
		s->dial_at = now + AGAIN;
		if (websocket_dial(&s->line, f->target, path, "ocpp1.6", s->name, s->password))
			pile_join(&s->pile, now);
		return;
	}
}

static void round_of(fleet *f)
{
	struct pollfd p[STATIONS];
	for (size_t i = 0; i < f->count; i++)
		p[i] = (struct pollfd) { f->stations[i].line.fd, POLLIN, 0 };
	poll(p, f->count, 200);
	int64_t now = time(NULL);
	for (size_t i = 0; i < f->count; i++) {
		station *s = &f->stations[i];
		s->pile.stuck = s->stuck || living_fault(&f->city, "charger", s->pile.number) == LIVING_STUCK;
		if (s->line.fd >= 0 && p[i].revents && !websocket_hear(&s->line, on_heard, &s->pile))
			s->pile.booted = false;
		pile_tick(&s->pile, &f->city, now);
	}
	keep(f, now);
	dial(f, now);
}

int main(int argc, char **argv)
{
	const char *state = sim_option(argc, argv, "--state", NULL);
	fleet f = { .target = sim_option(argc, argv, "--connect", NULL),
		    .passwords = sim_option(argc, argv, "--passwords", NULL),
		    .city = { .path = sim_option(argc, argv, "--city", NULL) },
		    .state = -1,
		    .stations = calloc(STATIONS, sizeof *f.stations) };
	signal(SIGPIPE, SIG_IGN);
	if (!f.stations || !f.target || !f.passwords || !f.city.path) {
		fprintf(stderr, "usage: sim_ocpp16 --connect HOST:PORT --city FILE --passwords FILE [--state FILE] "
				"[--every SECONDS] [--stuck N]…\n");
		free(f.stations);
		return 2;
	}
	if (state)
		f.state = open(state, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	while (!living_there(&f.city, time(NULL)) || !stations_read(&f, argc, argv))
		nanosleep(&(struct timespec) { .tv_sec = 1 }, NULL);
	for (;;)
		round_of(&f);
}
