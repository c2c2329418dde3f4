#include "ctl/swarm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fail.h"

enum { CONNECT = 0x10, CONNACK = 0x20, PUBLISH_1 = 0x32, PUBACK = 0x40, EVENTS = 64, MESSAGE = 1024, ANSWER = 4 };
#define PATIENCE 30000000
#define CONNECTING 10000000

typedef struct client {
	int fd;
	uint16_t last_id;
	unsigned open; /* not acknowledged */
	buf out;
	uint8_t answer[ANSWER]; /* CONNACK and PUBACK are four bytes each */
	size_t have;
} client;

struct swarm {
	int epoll;
	size_t count;
	client *clients;
	/* of the run */
	const char *topic;
	uint64_t next, wanted, acknowledged;
	unsigned window;
	swarm_make make;
	void *user;
};

static void put_text(buf *b, const char *text, size_t len)
{
	buf_be(b, len, 2);
	buf_put(b, text, len);
}

static hub_status failed(hub_fault *fault, const char *what)
{
	hub_fault_set(fault, "bench.mqtt", "", "%s", what);
	return HUB_FAILED;
}

static hub_status greet(client *c, size_t number, const char *user, const char *password)
{
	char id[24];
	buf body = { 0 };
	size_t n = (size_t)snprintf(id, sizeof id, "swarm-%zu", number);
	put_text(&body, "MQTT", 4);
	buf_u8(&body, 4);
	buf_u8(&body, user ? 0xc2 : 0x02);
	buf_be(&body, 600, 2);
	put_text(&body, id, n);
	if (user) {
		put_text(&body, user, strlen(user));
		put_text(&body, password, strlen(password));
	}
	buf_u8(&c->out, CONNECT);
	buf_varint(&c->out, body.len);
	buf_put(&c->out, body.bytes, body.len);
	hub_status st = body.bad || c->out.bad ? HUB_NOMEM : HUB_OK;
	buf_fini(&body);
	return st;
}

/* False: the connection is gone. */
static bool flush(client *c)
{
	ssize_t n = c->out.len ? send(c->fd, c->out.bytes, c->out.len, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;
	if (n < 0)
		return errno == EAGAIN;
	buf_drop(&c->out, (size_t)n);
	return !c->out.bad;
}

static bool fill(swarm *s, client *c)
{
	char text[MESSAGE];
	while (c->open < s->window && s->next < s->wanted) {
		size_t len = s->make(s->user, s->next++, text, sizeof text), topic = strlen(s->topic);
		buf_u8(&c->out, PUBLISH_1);
		buf_varint(&c->out, 2 + topic + 2 + len);
		put_text(&c->out, s->topic, topic);
		c->last_id = c->last_id == UINT16_MAX ? 1 : (uint16_t)(c->last_id + 1);
		buf_be(&c->out, c->last_id, 2);
		buf_put(&c->out, text, len);
		c->open++;
	}
	return flush(c);
}

/* Whole answers of `kind`; -1: the connection is gone, or said something else. */
static int answers(client *c, uint8_t kind)
{
	uint8_t bytes[4096];
	ssize_t n = recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT);
	int whole = 0;
	if (n <= 0)
		return n < 0 && errno == EAGAIN ? 0 : -1;
	for (ssize_t i = 0; i < n; i++) {
		c->answer[c->have++] = bytes[i];
		if (c->have < ANSWER)
			continue;
		if (c->answer[0] != kind || (kind == CONNACK && c->answer[3]))
			return -1;
		c->have = 0;
		whole++;
	}
	return whole;
}

/* One round of what the broker says; the number of answers in *ret_count. */
static hub_status listen_once(swarm *s, uint8_t kind, uint64_t *ret_count, hub_fault *fault)
{
	struct epoll_event events[EVENTS];
	int n = epoll_wait(s->epoll, events, EVENTS, (int)(PATIENCE / 1000));
	*ret_count = 0;
	if (n <= 0)
		return failed(fault, "the broker says nothing");
	for (int i = 0; i < n; i++) {
		client *c = events[i].data.ptr;
		int got = answers(c, kind);
		if (got < 0)
			return failed(fault, "the broker ended a connection or refused it");
		*ret_count += (uint64_t)got;
		c->open -= kind == PUBACK ? (unsigned)got : 0;
		if (kind == PUBACK && !fill(s, c))
			return failed(fault, "the broker takes nothing");
	}
	return HUB_OK;
}

static hub_status dial(swarm *s, client *c, const char *path, hub_fault *fault)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
	int64_t until = clock_monotonic() + CONNECTING;
	snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	while (c->fd >= 0 && connect(c->fd, (struct sockaddr *)&at, sizeof at)) {
		if (clock_monotonic() > until)
			return failed(fault, "the broker does not listen");
		usleep(10000);
	}
	return c->fd >= 0 && !epoll_ctl(s->epoll, EPOLL_CTL_ADD, c->fd, &e) ? HUB_OK : failed(fault, "no more sockets");
}

hub_status swarm_connect(const char *path, size_t count, const char *user, const char *password, swarm **ret,
			 hub_fault *fault)
{
	swarm *s = fail_calloc(1, sizeof *s);
	uint64_t came = 0, more = 0;
	if (!s || !(s->clients = fail_calloc(count, sizeof *s->clients))) {
		free(s);
		return HUB_NOMEM;
	}
	for (s->count = 0; s->count < count; s->count++)
		s->clients[s->count].fd = -1;
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	hub_status st = s->epoll < 0 ? HUB_FAILED : HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		st = dial(s, &s->clients[i], path, fault);
		if (st == HUB_OK)
			st = greet(&s->clients[i], i, user, password);
		if (st == HUB_OK && !flush(&s->clients[i]))
			st = failed(fault, "the broker takes no connection");
	}
	for (; st == HUB_OK && came < count; came += more)
		st = listen_once(s, CONNACK, &more, fault);
	if (st == HUB_OK)
		*ret = s;
	else
		swarm_close(s);
	return st;
}

void swarm_close(swarm *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++) {
		if (s->clients[i].fd >= 0)
			close(s->clients[i].fd);
		buf_fini(&s->clients[i].out);
	}
	if (s->epoll >= 0)
		close(s->epoll);
	free(s->clients);
	free(s);
}

hub_status swarm_publish(swarm *s, const char *topic, uint64_t count, unsigned window, swarm_make make, void *user,
			 hub_fault *fault)
{
	uint64_t more = 0;
	hub_status st = HUB_OK;
	s->topic = topic;
	s->next = s->acknowledged = 0;
	s->wanted = count;
	s->window = window;
	s->make = make;
	s->user = user;
	for (size_t i = 0; i < s->count; i++)
		if (!fill(s, &s->clients[i]))
			return failed(fault, "the broker takes nothing");
	for (; st == HUB_OK && s->acknowledged < count; s->acknowledged += more)
		st = listen_once(s, PUBACK, &more, fault);
	return st;
}
