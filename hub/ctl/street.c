#include "ctl/street.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fail.h"

enum { EVENTS = 64, PIECE = 64 * 1024 };

typedef struct caller {
	struct caller *prev, *next;
	int fd;
	unsigned door;
	buf in;
} caller;

struct street {
	int epoll, bell;
	unsigned count;
	int doors[STREET_MAX];
	pthread_t thread;
	bool running;
	caller *callers;
	atomic_uint_least64_t taken;
	street_heard heard;
	void *user;
};

static void caller_end(street *s, caller *c)
{
	*(c->prev ? &c->prev->next : &s->callers) = c->next;
	if (c->next)
		c->next->prev = c->prev;
	close(c->fd);
	buf_fini(&c->in);
	free(c);
}

static void caller_new(street *s, const int *door)
{
	int fd = accept4(*door, NULL, NULL, SOCK_CLOEXEC), one = 1;
	caller *c = fd >= 0 ? fail_calloc(1, sizeof *c) : NULL;
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
	if (!c) {
		if (fd >= 0)
			close(fd);
		return;
	}
	c->fd = fd;
	c->door = (unsigned)(door - s->doors);
	c->next = s->callers;
	if (c->next)
		c->next->prev = c;
	s->callers = c;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &e))
		caller_end(s, c);
}

static bool say(const caller *c, const char *text, size_t len)
{
	char out[512];
	int n = snprintf(out, sizeof out, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%.*s", len, (int)len, text);
	return n < (int)sizeof out && send(c->fd, out, (size_t)n, MSG_NOSIGNAL) == n;
}

/* The text of a challenge; NULL: it is none. */
static const char *challenge_of(const char *body, size_t len, size_t *ret_len)
{
	static const char name[] = "\"challenge\":\"";
	const char *at = len < 512 ? memmem(body, len, name, sizeof name - 1) : NULL;
	const char *end = at ? memchr(at + sizeof name - 1, '"', len - (size_t)(at + sizeof name - 1 - body)) : NULL;
	if (!end)
		return NULL;
	*ret_len = (size_t)(end - at) - (sizeof name - 1);
	return at + sizeof name - 1;
}

/* Answers a whole request at the front; how many bytes it had, 0 if it is not whole. */
static size_t answer(street *s, caller *c)
{
	const char *in = buf_cstr(&c->in), *end = strstr(in, "\r\n\r\n"),
		   *field = end ? strcasestr(in, "content-length:") : NULL;
	size_t head = end ? (size_t)(end - in) + 4 : 0, body = field && field < end ? strtoul(field + 15, NULL, 10) : 0,
	       n;
	if (!end || c->in.len < head + body)
		return 0;
	const char *challenge = challenge_of(in + head, body, &n);
	bool good = challenge ? say(c, challenge, n) : say(c, "ok", 2);
	if (!challenge && s->heard)
		s->heard(s->user, c->door, in + head, body);
	if (!challenge)
		s->taken++;
	return good ? head + body : 0;
}

static void caller_read(street *s, caller *c)
{
	uint8_t *room = buf_room(&c->in, PIECE);
	ssize_t n = room ? recv(c->fd, room, PIECE, 0) : -1;
	if (n <= 0) {
		caller_end(s, c);
		return;
	}
	buf_took(&c->in, (size_t)n);
	for (size_t used; c->in.len && (used = answer(s, c));)
		buf_drop(&c->in, used);
}

static void *run(void *user)
{
	street *s = user;
	struct epoll_event events[EVENTS];
	for (;;) {
		int n = epoll_wait(s->epoll, events, EVENTS, -1);
		for (int i = 0; i < n; i++) {
			int *door = events[i].data.ptr;
			if (door == &s->bell)
				return NULL;
			if (door >= s->doors && door < s->doors + STREET_MAX)
				caller_new(s, door);
			else
				caller_read(s, events[i].data.ptr);
		}
	}
}

static bool watch(street *s, int *fd)
{
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = fd };
	return !epoll_ctl(s->epoll, EPOLL_CTL_ADD, *fd, &e);
}

static bool open_door(street *s, unsigned *ret_port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	s->doors[s->count] = fd;
	bool good = !bind(fd, (struct sockaddr *)&a, sizeof a) && !listen(fd, 64) &&
		    !getsockname(fd, (struct sockaddr *)&a, &len) && watch(s, &s->doors[s->count]);
	s->count++;
	*ret_port = ntohs(a.sin_port);
	return good;
}

hub_status street_open(unsigned count, street_heard heard, void *user, street **ret, unsigned *ret_ports,
		       hub_fault *fault)
{
	street *s = fail_calloc(1, sizeof *s);
	if (!s)
		return HUB_NOMEM;
	s->heard = heard;
	s->user = user;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	s->bell = eventfd(0, EFD_CLOEXEC);
	bool good = s->epoll >= 0 && s->bell >= 0 && watch(s, &s->bell);
	for (unsigned i = 0; good && i < count && i < STREET_MAX; i++)
		good = open_door(s, &ret_ports[i]);
	s->running = good && !pthread_create(&s->thread, NULL, run, s);
	if (!s->running) {
		hub_fault_set(fault, "bench.street", "", "endpoints cannot be opened: %s", strerror(errno));
		street_close(s);
		return HUB_FAILED;
	}
	*ret = s;
	return HUB_OK;
}

void street_close(street *s)
{
	if (!s)
		return;
	if (s->running && !eventfd_write(s->bell, 1))
		pthread_join(s->thread, NULL);
	while (s->callers)
		caller_end(s, s->callers);
	for (unsigned i = 0; i < s->count; i++)
		close(s->doors[i]);
	close(s->bell);
	close(s->epoll);
	free(s);
}

uint64_t street_taken(const street *s)
{
	return s->taken;
}
