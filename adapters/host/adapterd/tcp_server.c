/* Devices dial us: a limit of connections, a time after which a silent one is let go. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "address.h"
#include "base/clock.h"
#include "base/fail.h"
#include "base/log.h"
#include "transport.h"

enum { CONNECTIONS = 1000, IDLE_S = 600, BACKLOG = 128, LOOK = 1000000, ACCEPT_AT_ONCE = 64 };

typedef struct tcp_server {
	transport t;
	watch listener;
	int64_t looked;
} tcp_server;

static void on_connection(watch *w, uint32_t events)
{
	(void)events;
	tcp_server *s = w->user;
	keeper *in = s->t.in;
	size_t most = (size_t)config_int(&in->config, "connections", CONNECTIONS);
	for (int i = 0; i < ACCEPT_AT_ONCE; i++) {
		address from = { .len = sizeof from.to };
		int fd = accept4(w->fd, (struct sockaddr *)&from.to, &from.len, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		char text[LINE_ADDRESS];
		address_text(&from, text, sizeof text);
		if (in->line_count >= most) {
			log_warn("instance '%s': %s refused: all %zu connections are in use", in->name, text, most);
			close(fd);
		} else if (!line_open(in, fd, text, NULL, NULL)) {
			log_warn("instance '%s': %s refused: out of memory or descriptors", in->name, text);
		}
	}
}

static hub_status start(transport *t, hub_fault *fault)
{
	tcp_server *s = (tcp_server *)t;
	const char *where = config_text(&t->in->config, "listen", "");
	address a;
	hub_status st = address_parse(where, &a, fault);
	if (st != HUB_OK)
		return st;
	int fd = socket(a.to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
	    bind(fd, (struct sockaddr *)&a.to, a.len) == 0 && listen(fd, BACKLOG) == 0 &&
	    loop_watch(&t->in->host->loop, &s->listener, fd, EPOLLIN))
		return HUB_OK;
	hub_fault_set(fault, "transport.listen", "listen", "cannot listen at %s: %s", where, strerror(errno));
	if (fd >= 0)
		close(fd);
	return HUB_FAILED;
}

static void stop(transport *t, bool crashed)
{
	(void)crashed;
	loop_unwatch(&t->in->host->loop, &((tcp_server *)t)->listener);
}

static int64_t tick(transport *t, int64_t now)
{
	tcp_server *s = (tcp_server *)t;
	if (now - s->looked >= LOOK) {
		s->looked = now;
		lines_idle(t->in, now - config_int(&t->in->config, "idle", IDLE_S) * 1000000);
	}
	return t->in->line_count ? s->looked + LOOK : 0;
}

static void server_free(transport *t)
{
	loop_free(&t->in->host->loop, t);
}

transport *tcp_server_new(keeper *in)
{
	tcp_server *s = fail_calloc(1, sizeof *s);
	if (!s)
		return NULL;
	s->t = (transport){ .start = start, .stop = stop, .tick = tick, .free = server_free, .in = in };
	s->listener = (watch){ .fd = -1, .on = on_connection, .user = s };
	return &s->t;
}
