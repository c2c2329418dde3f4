/*
 * WebSocket sessions that dmzd has opened, authenticated and hands over: a unix socket of the
 * instance's own in the zone's run folder, many sessions over each of its connections
 * (wire/handoff.h). Each message is a document; the session goes on behind it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/log.h"
#include "transport.h"
#include "wire/handoff.h"

enum { IN_CHUNK = 256 * 1024, OUT_MAX = 64 << 20, OUT_AT_ONCE = 256 * 1024 };

typedef struct websocket websocket;

/* A connection of a dmzd. */
typedef struct gate {
	struct gate *next;
	websocket *ws;
	watch w;
	buf in, out;
	line **lines; /* by the session's place */
	bool failed;
} gate;

struct websocket {
	transport t;
	watch listener;
	char path[sizeof((struct sockaddr_un *)0)->sun_path];
	gate *gates;
};

/* Of a line: where it came from and its number there. */
typedef struct seat {
	gate *g;
	uint64_t session;
	bool closed_there; /* dmzd knows */
} seat;

static void gate_write(gate *g)
{
	size_t at = 0;
	while (at < g->out.len) {
		ssize_t n = send(g->w.fd, g->out.bytes + at, g->out.len - at, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			g->failed |= !(n < 0 && errno == EAGAIN);
			break;
		}
		at += (size_t)n;
	}
	buf_drop(&g->out, at);
}

static void on_closed(line *l, const char *reason)
{
	seat *s = l->own;
	gate *g = s->g;
	g->lines[s->session % HANDOFF_PLACES] = NULL;
	if (!s->closed_there && g->w.fd >= 0)
		handoff_put(&g->out, HANDOFF_CLOSE, s->session, reason ? reason : "", reason ? strlen(reason) : 0);
	free(s);
}

static void deliver(line *l, const uint8_t *bytes, size_t len)
{
	seat *s = l->own;
	handoff_put(&s->g->out, HANDOFF_BYTES, s->session, bytes, len);
	if (s->g->out.bad || s->g->out.len > OUT_MAX)
		s->g->failed = true;
	else if (s->g->out.len > OUT_AT_ONCE)
		gate_write(s->g);
}

static bool open_line(gate *g, const handoff *h)
{
	char name[HANDOFF_NAME];
	line **place = &g->lines[h->session % HANDOFF_PLACES];
	if (*place || !h->len || h->len >= sizeof name || memchr(h->body, 0, h->len))
		return false;
	memcpy(name, h->body, h->len);
	name[h->len] = 0;
	seat *s = fail_calloc(1, sizeof *s);
	if (!s)
		return false;
	*s = (seat) { g, h->session, false };
	*place = line_open(g->ws->t.in, -1, name, s, on_closed);
	if (!*place) {
		handoff_put(&g->out, HANDOFF_CLOSE, h->session, "no room", 7);
		free(s);
		return true;
	}
	(*place)->deliver = deliver;
	return true;
}

/* What comes for a session that ended here meanwhile is dropped. */
static bool obey(gate *g, const handoff *h)
{
	line *l = g->lines[h->session % HANDOFF_PLACES];
	if (l && ((seat *)l->own)->session != h->session)
		l = NULL;
	if (h->type == HANDOFF_OPEN)
		return open_line(g, h);
	if (l && h->type == HANDOFF_BYTES) {
		line_input(l, h->body, h->len, true);
	} else if (l) {
		((seat *)l->own)->closed_there = true;
		line_close(l, "the station has gone");
	}
	return true;
}

static void hear(gate *g)
{
	size_t at = 0;
	handoff h;
	hub_status st = HUB_OK;
	while ((st = handoff_next(&g->in, &at, &h)) == HUB_OK)
		if (!obey(g, &h)) {
			st = HUB_REJECT;
			break;
		}
	buf_drop(&g->in, at);
	if (st == HUB_REJECT)
		log_warn("instance '%s': the gateway broke the protocol of sessions", g->ws->t.in->name);
	g->failed |= st == HUB_REJECT;
}

static void gate_close(gate *g)
{
	websocket *ws = g->ws;
	for (size_t i = 0; i < HANDOFF_PLACES; i++)
		if (g->lines[i]) {
			((seat *)g->lines[i]->own)->closed_there = true;
			line_close(g->lines[i], "the gateway has gone");
		}
	for (gate **at = &ws->gates; *at; at = &(*at)->next)
		if (*at == g) {
			*at = g->next;
			break;
		}
	loop_unwatch(&ws->t.in->host->loop, &g->w);
	buf_fini(&g->in);
	buf_fini(&g->out);
	free(g->lines);
	loop_free(&ws->t.in->host->loop, g);
}

static void on_gate(watch *w, uint32_t events)
{
	gate *g = w->user;
	if (events & EPOLLOUT)
		gate_write(g);
	if (!keeper_accepts(g->ws->t.in) && !(events & (EPOLLHUP | EPOLLERR))) {
		loop_want(&g->ws->t.in->host->loop, w, g->out.len ? EPOLLOUT : 0); /* tick opens it again */
	} else if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
		uint8_t *room = buf_room(&g->in, IN_CHUNK);
		ssize_t n = room ? recv(w->fd, room, IN_CHUNK, 0) : -1;
		if (n > 0) {
			buf_took(&g->in, (size_t)n);
			if (keeper_accepts(g->ws->t.in))
				hear(g);
		} else if (!(n < 0 && (errno == EAGAIN || errno == EINTR))) {
			g->failed = true;
		}
	}
	if (g->failed)
		gate_close(g);
}

static void on_connection(watch *w, uint32_t events)
{
	websocket *ws = w->user;
	(void)events;
	int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	gate *g = fail_calloc(1, sizeof *g);
	line **lines = g ? fail_calloc(HANDOFF_PLACES, sizeof *lines) : NULL;
	if (g)
		*g = (gate) { .ws = ws, .w = { .fd = -1, .on = on_gate, .user = g }, .lines = lines };
	if (!lines || !loop_watch(&ws->t.in->host->loop, &g->w, fd, EPOLLIN)) {
		close(fd);
		free(lines);
		free(g);
		return;
	}
	g->next = ws->gates;
	ws->gates = g;
}

static hub_status start(transport *t, hub_fault *fault)
{
	websocket *ws = (websocket *)t;
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	if (ws->listener.fd >= 0)
		return HUB_OK; /* the child began anew; dmzd's connection stays */
	int n = snprintf(at.sun_path, sizeof at.sun_path, "%s/../run/%s.session", t->in->host->state_dir, t->in->name);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (n > 0 && (size_t)n < sizeof at.sun_path && fd >= 0) {
		unlink(at.sun_path);
		if (bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && chmod(at.sun_path, 0660) == 0 &&
		    listen(fd, 16) == 0 && loop_watch(&t->in->host->loop, &ws->listener, fd, EPOLLIN)) {
			memcpy(ws->path, at.sun_path, sizeof ws->path);
			return HUB_OK;
		}
	}
	hub_fault_set(fault, "transport.listen", "kind", "cannot listen at %.180s: %s", at.sun_path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return HUB_FAILED;
}

static void stop(transport *t, bool crashed)
{
	(void)t;
	(void)crashed; /* lines are closed already, and dmzd is told so */
}

static int64_t tick(transport *t, int64_t now)
{
	websocket *ws = (websocket *)t;
	bool reading = keeper_accepts(t->in);
	(void)now;
	for (gate *g = ws->gates, *next; g; g = next) {
		next = g->next;
		gate_write(g);
		if (reading && g->in.len)
			hear(g);
		if (g->failed)
			gate_close(g);
		else
			loop_want(&t->in->host->loop, &g->w, (reading ? EPOLLIN : 0) | (g->out.len ? EPOLLOUT : 0));
	}
	return 0;
}

static void websocket_free(transport *t)
{
	websocket *ws = (websocket *)t;
	while (ws->gates)
		gate_close(ws->gates);
	loop_unwatch(&t->in->host->loop, &ws->listener);
	if (ws->path[0])
		unlink(ws->path);
	loop_free(&t->in->host->loop, t);
}

transport *websocket_new(keeper *in)
{
	websocket *ws = fail_calloc(1, sizeof *ws);
	if (!ws)
		return NULL;
	ws->t = (transport) { .start = start, .stop = stop, .tick = tick, .free = websocket_free, .in = in };
	ws->listener = (watch) { .fd = -1, .on = on_connection, .user = ws };
	return &ws->t;
}
