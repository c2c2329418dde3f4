#include "front.h"

#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "base/clock.h"
#include "base/fail.h"
#include "h2.h"
#include "stream.h"

enum { BACKLOG = 1024, HIGH = 256 * 1024, LOW = 64 * 1024, LINGER = 2000000 /* µs */ };

typedef enum tongue { UNKNOWN, HTTP1, HTTP2 } tongue;

/* A way out that may be closed later than its visitor. */
typedef struct way {
	leg leg;	    /* first */
	struct visitor *of; /* NULL: it has gone */
} way;

typedef struct visitor {
	stream s; /* first */
	front *front;
	struct visitor *next, *prev;
	limit_address *address;
	char peer[LIMIT_KEY];
	arena memory;
	const uint8_t *cert;
	size_t cert_len;
	tongue tongue;
	way *way; /* HTTP/1.1 */
	h2 *h2;
	bool ending;	  /* nothing is heard any more, only written */
	bool paused;	  /* its bytes wait for the way to take some */
	size_t waiting;	  /* to be written at the last look */
	int64_t deadline; /* for the handshake and the first byte, then for what waits; 0: none */
} visitor;

struct front {
	front_settings settings;
	uv_loop_t *loop;
	uv_tcp_t listener;
	bool listening, stopping;
	visitor *all;
};

static void finish(visitor *v)
{
	if (v->ending)
		return;
	v->ending = true;
	v->deadline = clock_monotonic() + v->front->settings.body_time;
	v->s.linger = true;
	stream_finish(&v->s);
}

static void flush(visitor *v)
{
	if (!v->s.closing && !stream_flush(&v->s))
		stream_close(&v->s);
}

static bool enter(void *user, int fd)
{
	visitor *v = user;
	const front_guest guest = { v->peer, v->address, v->cert, v->cert_len };
	return v->front->settings.admit(v->front->settings.user, &guest, fd);
}

static void flush_out(void *user)
{
	flush(user);
}

static void send_on(void *user, const uint8_t *bytes, size_t len)
{
	visitor *v = user;
	buf_put(&v->s.out, bytes, len);
}

static bool may_send(void *user)
{
	const visitor *v = user;
	return !v->s.closing && stream_waiting(&v->s) < HIGH;
}

static void on_drained(stream *s)
{
	visitor *v = (visitor *)s;
	if (v->way)
		leg_pause(&v->way->leg, false);
	if (v->h2 && !v->ending)
		h2_flush(v->h2);
}

static void way_bytes(leg *l, const uint8_t *bytes, size_t len)
{
	visitor *v = ((way *)l)->of;
	if (!v || v->s.closing)
		return;
	if (len == 0) {
		finish(v);
		return;
	}
	buf_put(&v->s.out, bytes, len);
	flush(v);
	if (!v->s.closing && stream_waiting(&v->s) > HIGH)
		leg_pause(l, true);
}

static void way_taken(leg *l, size_t len)
{
	visitor *v = ((way *)l)->of;
	(void)len;
	if (v && v->paused && l->queued < LOW) {
		v->paused = false;
		stream_pause(&v->s, false);
	}
}

static void way_free(leg *l)
{
	way *w = (way *)l;
	if (w->of)
		w->of->way = NULL;
	free(w);
}

static bool open_way(visitor *v)
{
	way *w = fail_calloc(1, sizeof *w);
	int other;
	if (!w)
		return false;
	w->of = v;
	w->leg.on_bytes = way_bytes;
	w->leg.on_taken = way_taken;
	w->leg.on_free = way_free;
	v->way = w;
	return leg_open(&w->leg, v->front->loop, &other) && enter(v, other);
}

/* The first bytes have come, so the handshake is over. */
static bool greet(visitor *v)
{
	static const h2_calls calls = { enter, send_on, flush_out, may_send };
	const unsigned char *name = NULL;
	unsigned len = 0;
	const front_settings *s = &v->front->settings;
	SSL_get0_alpn_selected(v->s.ssl, &name, &len);
	v->tongue = len == 2 && !memcmp(name, "h2", 2) ? HTTP2 : HTTP1;
	v->deadline = 0;
	if (stream_peer(&v->s, &v->memory, &v->cert, &v->cert_len) == HUB_NOMEM)
		return false;
	if (v->tongue == HTTP1)
		return open_way(v);
	v->h2 = h2_new(v->front->loop, &calls, v, (h2_times) { s->header_time, s->body_time }, clock_monotonic());
	return v->h2 != NULL;
}

static void on_bytes(stream *s, const uint8_t *bytes, size_t len)
{
	visitor *v = (visitor *)s;
	if (len == 0 || v->ending) {
		stream_close(s);
		return;
	}
	bool good = v->tongue != UNKNOWN || greet(v);
	if (!good) {
		stream_close(s);
	} else if (v->h2) {
		if (!h2_heard(v->h2, bytes, len))
			finish(v);
	} else if (!leg_write(&v->way->leg, bytes, len)) {
		finish(v);
	} else if (v->way->leg.queued > HIGH && !v->paused) {
		v->paused = true;
		stream_pause(s, true);
	}
}

static void on_free(stream *s)
{
	visitor *v = (visitor *)s;
	*(v->prev ? &v->prev->next : &v->front->all) = v->next;
	if (v->next)
		v->next->prev = v->prev;
	if (v->way) {
		v->way->of = NULL;
		leg_close(&v->way->leg);
	}
	h2_free(v->h2);
	if (v->address)
		limit_close(v->address);
	arena_fini(&v->memory);
	free(v);
}

static void on_connection(uv_stream_t *listener, int status)
{
	front *f = listener->data;
	visitor *v = status < 0 ? NULL : fail_calloc(1, sizeof *v);
	if (!v)
		return;
	arena_init(&v->memory, 0);
	v->front = f;
	v->s.on_bytes = on_bytes;
	v->s.on_free = on_free;
	v->s.on_drained = on_drained;
	v->next = f->all;
	if (f->all)
		f->all->prev = v;
	f->all = v;
	bool good = stream_accept(&v->s, listener, serving_context(f->settings.serving));
	if (good) {
		address_of(&v->s.tcp, v->peer);
		v->address = limit_open(f->settings.limit, v->peer, clock_monotonic());
	}
	v->deadline = clock_monotonic() + f->settings.header_time;
	if (!good || !v->address)
		stream_close(&v->s);
}

/* What waits must become less. */
static void look(visitor *v, int64_t now)
{
	size_t waiting = stream_waiting(&v->s);
	if (v->tongue != UNKNOWN && !v->ending && (!waiting || waiting != v->waiting))
		v->deadline = waiting ? now + v->front->settings.body_time : 0;
	if (v->ending && !waiting && v->deadline > now + LINGER)
		v->deadline = now + LINGER;
	v->waiting = waiting;
	if (v->deadline && now >= v->deadline)
		stream_close(&v->s);
	else if (v->h2 && !v->ending && !h2_tick(v->h2, now))
		finish(v);
}

void front_tick(front *f)
{
	int64_t now = clock_monotonic();
	/* Nobody leaves the list but when the loop turns. */
	for (visitor *v = f ? f->all : NULL; v; v = v->next)
		if (!v->s.closing)
			look(v, now);
}

hub_status front_open(uv_loop_t *loop, const front_settings *settings, front **ret, hub_fault *fault)
{
	struct sockaddr_storage at;
	hub_status st = address_parse(settings->address, settings->option, &at, fault);
	front *f = st == HUB_OK ? fail_calloc(1, sizeof *f) : NULL;
	if (!f)
		return st == HUB_OK ? HUB_NOMEM : st;
	f->settings = *settings;
	f->loop = loop;
	uv_tcp_init(loop, &f->listener);
	f->listener.data = f;
	f->listening = true;
	*ret = f;
	int e = uv_tcp_bind(&f->listener, (struct sockaddr *)&at, 0);
	if (!e)
		e = uv_listen((uv_stream_t *)&f->listener, BACKLOG, on_connection);
	if (!e)
		return HUB_OK;
	hub_fault_set(fault, "gateway.listen", settings->option, "cannot listen at %.64s: %s", settings->address,
		      uv_strerror(e));
	return HUB_FAILED;
}

void front_stop(front *f)
{
	if (!f || f->stopping)
		return;
	f->stopping = true;
	uv_close((uv_handle_t *)&f->listener, NULL);
	for (visitor *v = f->all; v; v = v->next)
		stream_close(&v->s);
}

void front_free(front *f)
{
	free(f);
}
