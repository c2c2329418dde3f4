#include "serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 16 };

typedef struct line {
	int fd;
	size_t len;
	uint8_t bytes[SIM_BUFFER];
} line;

typedef struct serving {
	const sim_device *device;
	int64_t speed, start; /* s, monotonic */
	int listener;         /* -1: none */
	line lines[CONNECTIONS];
} serving;

const char *sim_option(int argc, char **argv, const char *name, const char *fallback)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return i + 1 < argc ? argv[i + 1] : "";
	return fallback;
}

static int64_t seconds_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
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

static void line_add(serving *s, int fd)
{
	for (int i = 0; fd >= 0 && i < CONNECTIONS; i++)
		if (s->lines[i].fd < 0) {
			s->lines[i] = (line){ .fd = fd };
			return;
		}
	if (fd >= 0)
		close(fd);
}

static void answer(const serving *s, line *l)
{
	uint8_t out[SIM_ANSWER_MAX];
	size_t start, end;
	while ((end = s->device->request(l->bytes, l->len, &start))) {
		size_t n = s->device->answer(s->device->user, l->bytes + start, end - start,
					     (seconds_now() - s->start) * s->speed, out);
		if (n && write(l->fd, out, n) != (ssize_t)n)
			fprintf(stderr, "answer lost: %s\n", strerror(errno));
		memmove(l->bytes, l->bytes + end, l->len - end);
		l->len -= end;
	}
	if (l->len == SIM_BUFFER)
		l->len = 0;
}

static void take(const serving *s, line *l)
{
	ssize_t n = read(l->fd, l->bytes + l->len, SIM_BUFFER - l->len);
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

static void serve(serving *s, int64_t seconds)
{
	while (!seconds || seconds_now() - s->start < seconds) {
		struct pollfd p[CONNECTIONS + 1];
		bool open = s->listener >= 0;
		for (int i = 0; i < CONNECTIONS; i++) {
			p[i] = (struct pollfd){ s->lines[i].fd, POLLIN, 0 };
			open = open || s->lines[i].fd >= 0;
		}
		p[CONNECTIONS] = (struct pollfd){ s->listener, POLLIN, 0 };
		if (!open || poll(p, CONNECTIONS + 1, 1000) < 0)
			return;
		if (p[CONNECTIONS].revents)
			line_add(s, accept(s->listener, NULL, NULL));
		for (int i = 0; i < CONNECTIONS; i++)
			if (p[i].revents)
				take(s, &s->lines[i]);
	}
}

int sim_serve(int argc, char **argv, const sim_device *device)
{
	serving s = { .device = device, .listener = -1, .start = seconds_now() };
	const char *target = sim_option(argc, argv, "--connect", NULL), *port = sim_option(argc, argv, "--listen", NULL);
	int fd = -1;
	signal(SIGPIPE, SIG_IGN);
	s.speed = strtoll(sim_option(argc, argv, "--speed", "1"), NULL, 10);
	for (int i = 0; i < CONNECTIONS; i++)
		s.lines[i].fd = -1;
	if (port)
		s.listener = listen_at(atoi(port));
	else
		fd = target ? dial(target) : sim_option(argc, argv, "--pty", NULL) ? terminal() : -1;
	if (fd < 0 && s.listener < 0)
		return 2;
	line_add(&s, fd);
	serve(&s, strtoll(sim_option(argc, argv, "--seconds", "0"), NULL, 10));
	return 0;
}
