/* We dial devices, each for itself, and dial again when one is lost. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "address.h"
#include "base/clock.h"
#include "base/fail.h"
#include "base/log.h"
#include "transport.h"

enum { REDIAL_MIN = 100000, REDIAL_MAX = 30000000, CONNECT_PATIENCE = 10000000 };

typedef struct target {
	struct tcp_client *client;
	const char *text;
	address to;
	watch dialing;
	line *line;
	int64_t due, backoff; /* of the next dial, or the end of patience with this one */
} target;

typedef struct tcp_client {
	transport t;
	size_t count;
	target targets[];
} tcp_client;

static void dial_later(target *d)
{
	d->backoff = d->backoff ? d->backoff * 2 : REDIAL_MIN;
	if (d->backoff > REDIAL_MAX)
		d->backoff = REDIAL_MAX;
	d->due = clock_monotonic() + d->backoff;
}

static void on_line_closed(line *l, const char *reason)
{
	(void)reason;
	target *d = l->own;
	d->line = NULL;
	dial_later(d);
}

static void on_dialed(watch *w, uint32_t events)
{
	(void)events;
	target *d = w->user;
	keeper *in = d->client->t.in;
	int error = 0;
	socklen_t len = sizeof error;
	if (getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error) {
		loop_unwatch(&in->host->loop, w);
		log_debug("instance '%s': %s: %s", in->name, d->text, strerror(error));
		dial_later(d);
		return;
	}
	/* The line watches the same connection under a number of its own. */
	int fd = dup(w->fd);
	loop_unwatch(&in->host->loop, w);
	d->line = fd < 0 ? NULL : line_open(in, fd, d->text, d, on_line_closed);
	if (d->line)
		d->backoff = 0;
	else
		dial_later(d);
}

static void dial(target *d, int64_t now)
{
	loop *l = &d->client->t.in->host->loop;
	int fd = socket(d->to.to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
	if (fd < 0) {
		dial_later(d);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	if ((connect(fd, (struct sockaddr *)&d->to.to, d->to.len) == 0 || errno == EINPROGRESS) &&
	    loop_watch(l, &d->dialing, fd, EPOLLOUT)) {
		d->due = now + CONNECT_PATIENCE;
		return;
	}
	close(fd);
	dial_later(d);
}

static hub_status start(transport *t, hub_fault *fault)
{
	tcp_client *c = (tcp_client *)t;
	for (size_t i = 0; i < c->count; i++) {
		hub_status st = address_parse(c->targets[i].text, &c->targets[i].to, fault);
		if (st != HUB_OK)
			return st;
		c->targets[i].due = c->targets[i].backoff = 0;
	}
	return HUB_OK;
}

static void stop(transport *t, bool crashed)
{
	(void)crashed;
	tcp_client *c = (tcp_client *)t;
	for (size_t i = 0; i < c->count; i++)
		loop_unwatch(&t->in->host->loop, &c->targets[i].dialing);
}

static int64_t tick(transport *t, int64_t now)
{
	tcp_client *c = (tcp_client *)t;
	int64_t due = 0;
	for (size_t i = 0; i < c->count; i++) {
		target *d = &c->targets[i];
		if (d->line)
			continue;
		if (now >= d->due && d->dialing.fd >= 0) {
			loop_unwatch(&t->in->host->loop, &d->dialing);
			dial_later(d);
		} else if (now >= d->due) {
			dial(d, now);
		}
		due = !due || d->due < due ? d->due : due;
	}
	return due;
}

static void client_free(transport *t)
{
	loop_free(&t->in->host->loop, t);
}

transport *tcp_client_new(keeper *in)
{
	const json_t *list = json_object_get(in->config.link, "dial");
	size_t count = json_array_size(list);
	tcp_client *c = fail_calloc(1, sizeof *c + count * sizeof *c->targets);
	if (!c)
		return NULL;
	c->t = (transport){ .start = start, .stop = stop, .tick = tick, .free = client_free, .in = in };
	c->count = count;
	for (size_t i = 0; i < count; i++) {
		const char *text = json_string_value(json_array_get(list, i));
		c->targets[i] = (target){ .client = c, .text = text ? text : "" };
		c->targets[i].dialing = (watch){ .fd = -1, .on = on_dialed, .user = &c->targets[i] };
	}
	return &c->t;
}
