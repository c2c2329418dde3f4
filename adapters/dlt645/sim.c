/*
 * sim_dlt645: simulated DL/T 645 meters behind one line.
 *   sim_dlt645 (--connect HOST:PORT | --listen PORT | --pty) [--count N] [--first ADDRESS] [--1997]
 *              [--power W] [--speed N] [--fault NAME] [--fault-every N] [--journal FILE] [--seconds N]
 * --listen 0 takes a free port; the address or the pseudo-terminal's name goes to standard output.
 * With --speed the registers run N times as fast. Every N-th meter has the fault. Every command received is a
 * line of --journal: address, control code, data.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "dlt645/device.h"

enum { CONNECTIONS = 16, BUFFER = 4096 };

typedef struct line {
	int fd;
	size_t len;
	uint8_t bytes[BUFFER];
} line;

typedef struct simulation {
	device_meter *meters;
	size_t count;
	int64_t speed;
	struct timespec start;
	FILE *journal;
	int listener; /* -1: none */
	line lines[CONNECTIONS];
} simulation;

static const char *argument(int argc, char **argv, const char *name, const char *fallback)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return i + 1 < argc ? argv[i + 1] : "";
	return fallback;
}

static int64_t seconds_since(const struct timespec *start)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - start->tv_sec;
}

static int dial(const char *target)
{
	char host[256];
	const char *colon = strrchr(target, ':');
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
	if (!colon || (size_t)(colon - target) >= sizeof host)
		return -1;
	memcpy(host, target, (size_t)(colon - target));
	host[colon - target] = '\0';
	if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
		return -1;
	int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) != 0) {
		close(fd);
		fd = -1;
	}
	freeaddrinfo(found);
	return fd;
}

static int listen_at(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&at, len) != 0 || listen(fd, CONNECTIONS) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) != 0) {
		close(fd);
		return -1;
	}
	printf("127.0.0.1:%u\n", ntohs(at.sin_port));
	fflush(stdout);
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
	fflush(stdout);
	return fd;
}

static void meters_make(simulation *s, int argc, char **argv)
{
	static const char *const names[] = { "none", "silent", "checksum", "duplicate", "cut", "refuse", "noise",
					     "stuck", "deaf" };
	const char *fault = argument(argc, argv, "--fault", "none");
	unsigned long every = strtoul(argument(argc, argv, "--fault-every", "1"), NULL, 10);
	unsigned long long first = strtoull(argument(argc, argv, "--first", "1"), NULL, 10);
	device_fault f = DEVICE_FINE;
	s->count = strtoul(argument(argc, argv, "--count", "1"), NULL, 10);
	s->meters = calloc(s->count ? s->count : 1, sizeof *s->meters);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		f = strcmp(names[i], fault) ? f : (device_fault)i;
	for (size_t i = 0; s->meters && i < s->count; i++) {
		char text[24];
		device_meter *m = &s->meters[i];
		snprintf(text, sizeof text, "%012llu", (first + i) % 1000000000000ull);
		device_address(text, m->address);
		m->is_1997 = argument(argc, argv, "--1997", NULL) != NULL;
		m->power = (uint32_t)strtoul(argument(argc, argv, "--power", "1200"), NULL, 10);
		m->start_energy = 100000 + 1237 * i % 900000;
		m->fault = every && (i + 1) % every == 0 ? f : DEVICE_FINE;
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

static void answer(simulation *s, line *l)
{
	uint8_t out[DEVICE_ANSWER_MAX];
	size_t start, end;
	while ((end = device_request(l->bytes, l->len, &start))) {
		journal_write(s, l->bytes + start);
		size_t n = device_answer(s->meters, s->count, l->bytes + start, end - start,
					 seconds_since(&s->start) * s->speed, out);
		if (n && write(l->fd, out, n) != (ssize_t)n)
			fprintf(stderr, "sim_dlt645: answer lost: %s\n", strerror(errno));
		memmove(l->bytes, l->bytes + end, l->len - end);
		l->len -= end;
	}
	if (l->len == BUFFER)
		l->len = 0;
}

static void line_add(simulation *s, int fd)
{
	for (int i = 0; i < CONNECTIONS; i++)
		if (s->lines[i].fd < 0) {
			s->lines[i] = (line){ .fd = fd };
			return;
		}
	close(fd);
}

/* Serves until the time is over, or until the last dialled line ends. */
static void serve(simulation *s, int64_t seconds)
{
	while (!seconds || seconds_since(&s->start) < seconds) {
		struct pollfd p[CONNECTIONS + 1];
		int open = s->listener >= 0;
		for (int i = 0; i < CONNECTIONS; i++) {
			p[i] = (struct pollfd){ s->lines[i].fd, POLLIN, 0 };
			open |= s->lines[i].fd >= 0;
		}
		p[CONNECTIONS] = (struct pollfd){ s->listener, POLLIN, 0 };
		if (!open || poll(p, CONNECTIONS + 1, 1000) < 0)
			return;
		if (p[CONNECTIONS].revents)
			line_add(s, accept(s->listener, NULL, NULL));
		for (int i = 0; i < CONNECTIONS; i++) {
			line *l = &s->lines[i];
			if (!p[i].revents)
				continue;
			ssize_t n = read(l->fd, l->bytes + l->len, BUFFER - l->len);
			if (n > 0) {
				l->len += (size_t)n;
				answer(s, l);
			} else if (s->listener >= 0 || n == 0) {
				close(l->fd);
				l->fd = -1;
			} else {
				/* A pseudo-terminal nobody holds answers EIO until it is opened. */
				nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
			}
		}
	}
}

int main(int argc, char **argv)
{
	simulation s = { .listener = -1 };
	const char *target = argument(argc, argv, "--connect", NULL), *port = argument(argc, argv, "--listen", NULL);
	int fd = -1;
	signal(SIGPIPE, SIG_IGN);
	clock_gettime(CLOCK_MONOTONIC, &s.start);
	s.speed = strtoll(argument(argc, argv, "--speed", "1"), NULL, 10);
	meters_make(&s, argc, argv);
	const char *journal = argument(argc, argv, "--journal", NULL);
	s.journal = journal ? fopen(journal, "a") : NULL;
	for (int i = 0; i < CONNECTIONS; i++)
		s.lines[i].fd = -1;
	if (port)
		s.listener = listen_at(atoi(port));
	else
		fd = target ? dial(target) : argument(argc, argv, "--pty", NULL) ? terminal() : -1;
	if (!s.meters || (fd < 0 && s.listener < 0)) {
		fprintf(stderr, "usage: sim_dlt645 (--connect HOST:PORT | --listen PORT | --pty) [--count N] "
				"[--first ADDRESS] [--1997] [--power W] [--speed N] [--fault NAME] "
				"[--fault-every N] [--journal FILE] [--seconds N]\n");
		free(s.meters);
		return 2;
	}
	if (fd >= 0)
		line_add(&s, fd);
	serve(&s, strtoll(argument(argc, argv, "--seconds", "0"), NULL, 10));
	free(s.meters);
	return 0;
}
