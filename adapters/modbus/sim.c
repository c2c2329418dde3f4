/*
 * sim_modbus: simulated Modbus devices.
 *   sim_modbus (--listen PORT [--lines N] | --connect HOST:PORT | --pty) [--units N] [--first UNIT] [--rtu]
 *              [--power W | --city FILE] [--speed N] [--delay MS] [--fault NAME] [--fault-every N] [--journal FILE]
 *              [--seconds N]
 * --listen 0 takes free ports; the addresses or the pseudo-terminal's name go to standard output, one a line.
 * Each line has its own units, all of which think for --delay at once. Every write received is one line of
 * --journal: line, unit, function, address, value. With --city the unit N is the main meter of the simulated city's
 * N-th building, whose history it goes on with.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "modbus/device.h"
#include "sim/living.h"

enum { LINES_MAX = 1000, LINKS_MAX = 2 * LINES_MAX, BUFFER = 2048, WAITING_MAX = 64 };

typedef struct waiting {
	int64_t due; /* ms; 0: free */
	size_t len;
	uint8_t bytes[DEVICE_ANSWER_MAX];
} waiting;

typedef struct connection {
	int fd; /* -1: free */
	size_t line, len;
	uint8_t bytes[BUFFER];
	waiting answers[WAITING_MAX];
} connection;

typedef struct simulation {
	device_meter *meters; /* units of line 0, then of line 1, … */
	living_meter *places; /* of line 0 */
	living city;
	size_t lines, units;
	bool tcp;
	int64_t speed, delay, start;
	uint32_t power;
	FILE *journal;
	int listeners[LINES_MAX];
	connection *links;
} simulation;

static const char *argument(int argc, char **argv, const char *name, const char *fallback)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return i + 1 < argc ? argv[i + 1] : "";
	return fallback;
}

static long number(int argc, char **argv, const char *name, long fallback)
{
	const char *text = argument(argc, argv, name, NULL);
	return text ? strtol(text, NULL, 10) : fallback;
}

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in) { .sin_family = AF_INET,
				      .sin_port = htons((uint16_t)port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

static int dial(const char *target)
{
	const char *colon = strrchr(target, ':');
	struct sockaddr_in at = loopback(colon ? atoi(colon + 1) : 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int listen_at(int port)
{
	struct sockaddr_in at = loopback(port);
	socklen_t len = sizeof at;
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&at, len) != 0 || listen(fd, 16) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) != 0) {
		close(fd);
		return -1;
	}
	printf("127.0.0.1:%u\n", ntohs(at.sin_port));
	return fd;
}

static int terminal(void)
{
	struct termios t;
	int fd = posix_openpt(O_RDWR | O_NOCTTY);
	if (fd < 0 || grantpt(fd) != 0 || unlockpt(fd) != 0)
		return -1;
	if (tcgetattr(fd, &t) == 0) {
		cfmakeraw(&t);
		tcsetattr(fd, TCSANOW, &t);
	}
	printf("%s\n", ptsname(fd));
	return fd;
}

static void link_add(simulation *s, int fd, size_t line)
{
	for (size_t i = 0; i < LINKS_MAX; i++)
		if (s->links[i].fd < 0) {
			s->links[i].fd = fd;
			s->links[i].line = line;
			s->links[i].len = 0;
			for (size_t k = 0; k < WAITING_MAX; k++)
				s->links[i].answers[k].due = 0;
			return;
		}
	close(fd);
}

static void say(const connection *l, const uint8_t *bytes, size_t len)
{
	if (write(l->fd, bytes, len) != (ssize_t)len)
		fprintf(stderr, "sim_modbus: answer lost: %s\n", strerror(errno));
}

static void journal_write(const simulation *s, const connection *l, const uint8_t *frame)
{
	const uint8_t *p = frame + (s->tcp ? 6 : 0);
	if (!s->journal || p[1] < 5)
		return;
	fprintf(s->journal, "%zu %u %u %u %u\n", l->line, p[0], p[1], p[2] << 8 | p[3], p[4] << 8 | p[5]);
	fflush(s->journal);
}

/* A city's meter that is silent, or not there yet, is away. */
static void run(simulation *s, const connection *l, device_meter *mine, int64_t now)
{
	for (size_t i = 0; i < s->units; i++) {
		size_t index = l->line * s->units + i;
		sim_shown shown;
		if (!s->city.path) {
			device_run(&mine[i], (now - s->start) / 1000 * s->speed, s->power, (uint32_t)index);
			continue;
		}
		mine[i].away = !living_shown(&s->places[index], LIVING_BUILDING, time(NULL), &shown);
		if (!mine[i].away)
			device_show(&mine[i], (uint32_t)((shown.import + 9) / 10), (uint32_t)shown.now);
	}
}

static void answer(simulation *s, connection *l, int64_t now)
{
	size_t start, end;
	while ((end = device_request(s->tcp, l->bytes, l->len, &start))) {
		uint8_t out[DEVICE_ANSWER_MAX];
		device_meter *m = NULL, *mine = s->meters + l->line * s->units;
		run(s, l, mine, now);
		size_t n = device_answer(mine, s->units, s->tcp, l->bytes + start, end - start, out, &m);
		if (m)
			journal_write(s, l, l->bytes + start);
		if (n && !s->delay)
			say(l, out, n);
		for (size_t k = 0; n && s->delay && k < WAITING_MAX; k++)
			if (!l->answers[k].due) {
				l->answers[k].due = now + s->delay;
				l->answers[k].len = n;
				memcpy(l->answers[k].bytes, out, n);
				break;
			}
		memmove(l->bytes, l->bytes + end, l->len - end);
		l->len -= end;
	}
	if (l->len == BUFFER)
		l->len = 0;
}

static void hear(simulation *s, connection *l, int64_t now)
{
	ssize_t n = read(l->fd, l->bytes + l->len, BUFFER - l->len);
	if (n > 0) {
		l->len += (size_t)n;
		answer(s, l, now);
	} else if (n == 0 || errno != EIO) {
		close(l->fd);
		l->fd = -1;
	} else {
		/* A pseudo-terminal nobody holds answers EIO until it is opened. */
		nanosleep(&(struct timespec) { .tv_nsec = 50000000 }, NULL);
	}
}

static void tell_due(const simulation *s, int64_t now)
{
	for (size_t i = 0; i < LINKS_MAX; i++)
		for (size_t k = 0; s->links[i].fd >= 0 && k < WAITING_MAX; k++) {
			waiting *w = &s->links[i].answers[k];
			if (w->due && w->due <= now) {
				say(&s->links[i], w->bytes, w->len);
				w->due = 0;
			}
		}
}

static void serve(simulation *s, int64_t seconds)
{
	static struct pollfd p[LINES_MAX + LINKS_MAX];
	while (!seconds || now_ms() - s->start < seconds * 1000) {
		for (size_t i = 0; i < s->lines; i++)
			p[i] = (struct pollfd) { s->listeners[i], POLLIN, 0 };
		for (size_t i = 0; i < LINKS_MAX; i++)
			p[s->lines + i] = (struct pollfd) { s->links[i].fd, POLLIN, 0 };
		if (poll(p, s->lines + LINKS_MAX, s->delay ? 5 : 1000) < 0)
			return;
		int64_t now = now_ms();
		for (size_t i = 0; i < LINKS_MAX; i++)
			if (s->links[i].fd >= 0 && p[s->lines + i].revents)
				hear(s, &s->links[i], now);
		for (size_t i = 0; i < s->lines; i++)
			if (p[i].revents & POLLIN)
				link_add(s, accept(s->listeners[i], NULL, NULL), i);
		tell_due(s, now);
	}
}

static bool meters_make(simulation *s, int argc, char **argv)
{
	static const char *const names[] = { "none", "silent", "exception", "crc", "stuck", "deaf" };
	const char *fault = argument(argc, argv, "--fault", "none");
	long every = number(argc, argv, "--fault-every", 1), first = number(argc, argv, "--first", 1);
	device_fault f = DEVICE_FINE;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		f = strcmp(names[i], fault) ? f : (device_fault)i;
	s->meters = calloc(s->lines * s->units, sizeof *s->meters);
	s->links = calloc(LINKS_MAX, sizeof *s->links);
	s->places = calloc(s->lines * s->units, sizeof *s->places);
	for (size_t i = 0; s->places && s->meters && s->links && i < s->lines * s->units; i++) {
		device_init(&s->meters[i], (uint8_t)(first + (long)(i % s->units)), (uint32_t)i);
		s->meters[i].fault = every && (i + 1) % (size_t)every == 0 ? f : DEVICE_FINE;
		s->places[i] = (living_meter) { .of = &s->city, .number = (uint32_t)i + 1 };
	}
	for (size_t i = 0; s->links && i < LINKS_MAX; i++)
		s->links[i].fd = -1;
	return s->meters && s->links && s->places;
}

static bool lines_open(simulation *s, int argc, char **argv)
{
	const char *target = argument(argc, argv, "--connect", NULL), *port = argument(argc, argv, "--listen", NULL);
	bool good = true;
	for (size_t i = 0; i < s->lines; i++) {
		s->listeners[i] = port ? listen_at(atoi(port) ? atoi(port) + (int)i : 0) : -1;
		good = good && (!port || s->listeners[i] >= 0);
	}
	if (!port) {
		int fd = target ? dial(target) : argument(argc, argv, "--pty", NULL) ? terminal() : -1;
		good = fd >= 0;
		if (good)
			link_add(s, fd, 0);
	}
	fflush(stdout);
	return good;
}

int main(int argc, char **argv)
{
	static simulation s;
	const char *journal = argument(argc, argv, "--journal", NULL);
	const struct rlimit files = { 2 * LINKS_MAX, 2 * LINKS_MAX };
	signal(SIGPIPE, SIG_IGN);
	setrlimit(RLIMIT_NOFILE, &files);
	s.lines = (size_t)number(argc, argv, "--lines", 1);
	s.units = (size_t)number(argc, argv, "--units", 1);
	s.tcp = !argument(argc, argv, "--rtu", NULL) && !argument(argc, argv, "--pty", NULL);
	s.speed = number(argc, argv, "--speed", 1);
	s.delay = number(argc, argv, "--delay", 0);
	s.power = (uint32_t)number(argc, argv, "--power", 1200);
	s.start = now_ms();
	s.city.path = argument(argc, argv, "--city", NULL);
	s.journal = journal ? fopen(journal, "a") : NULL;
	if (!s.lines || s.lines > LINES_MAX || !s.units || s.units > 247 || (journal && !s.journal) ||
	    !meters_make(&s, argc, argv) || !lines_open(&s, argc, argv)) {
		fprintf(stderr,
			"usage: sim_modbus (--listen PORT [--lines N] | --connect HOST:PORT | --pty) [--units N] "
			"[--first UNIT] [--rtu] [--power W | --city FILE] [--speed N] [--delay MS] [--fault NAME] "
			"[--fault-every N] [--journal FILE] [--seconds N]\n");
		return 2;
	}
	serve(&s, number(argc, argv, "--seconds", 0));
	return 0;
}
