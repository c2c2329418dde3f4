#include "charger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "address.h"
#include "base/clock.h"
#include "base/fail.h"
#include "base/log.h"
#include "charger_parts.h"

enum { BACKLOG = 1024, TICK = 1000 /* ms */ };

static void on_bytes(stream *s, const uint8_t *bytes, size_t len)
{
	station_heard((station *)s, bytes, len);
}

static void on_free(stream *s)
{
	station *st = (station *)s;
	charger_port *p = st->port;
	*(st->prev ? &st->prev->next : &p->all) = st->next;
	if (st->next)
		st->next->prev = st->prev;
	station **at = &p->dirty;
	while (st->is_dirty && *at && *at != st)
		at = &(*at)->dirty;
	if (st->is_dirty && *at)
		*at = st->dirty;
	if (st->address)
		limit_close(st->address);
	wsframe_fini(&st->ws);
	buf_fini(&st->in);
	free(st->u);
	free(st);
}

static void on_connection(uv_stream_t *listener, int status)
{
	charger_port *p = listener->data;
	char key[LIMIT_KEY];
	station *st = status < 0 ? NULL : fail_calloc(1, sizeof *st);
	if (!st)
		return;
	st->port = p;
	st->owner.answered = station_answered;
	st->s.on_bytes = on_bytes;
	st->s.on_free = on_free;
	st->ws.message_max = HANDOFF_MESSAGE_MAX;
	st->next = p->all;
	if (p->all)
		p->all->prev = st;
	p->all = st;
	bool good = stream_accept(&st->s, listener, (uv_tcp_t *)listener == &p->listeners[1] ? serving_context(p->serving) : NULL);
	if (good) {
		address_of(&st->s.tcp, key);
		st->address = limit_open(p->limit, key, clock_monotonic());
	}
	st->heard = clock_monotonic();
	st->deadline = st->heard + p->settings.header_time;
	if (!good || !st->address)
		stream_close(&st->s);
}

/* Everything that one turn of the loop made goes out together. */
static void on_prepare(uv_prepare_t *prepare)
{
	charger_port *p = prepare->data;
	handovers_flush(p->handovers);
	for (station *st; (st = p->dirty);) {
		p->dirty = st->dirty;
		st->is_dirty = false;
		if (!st->s.closing && !stream_flush(&st->s)) {
			station_end(st, 0, "it does not read");
			stream_close(&st->s);
		}
	}
	handovers_flush(p->handovers);
}

static void on_timer(uv_timer_t *timer)
{
	charger_port *p = timer->data;
	if (p->tls)
		tls_refresh(p->tls);
	if (p->serving)
		serving_refresh(p->serving);
	sessions_tick(p, clock_monotonic());
}

/* A certificate is asked for and not required: a password does as well, and the core decides. */
static hub_status equip(charger_port *p, hub_fault *fault)
{
	char cert[640], key[640];
	hub_status st = tls_open(p->settings.state, &p->tls, fault);
	if (st != HUB_OK)
		return st;
	tls_file(p->tls, TLS_CERT, cert, sizeof cert);
	tls_file(p->tls, TLS_KEY, key, sizeof key);
	const serving_settings serve = { .cert = cert, .key = key, .option = "charger_listen", .clients = p->tls };
	return serving_open(&serve, &p->serving, fault);
}

static hub_status listen_at(charger_port *p, int which, const char *where, const char *option_name, hub_fault *fault)
{
	struct sockaddr_storage at;
	hub_status st = address_parse(where, option_name, &at, fault);
	if (st != HUB_OK)
		return st;
	uv_tcp_init(p->loop, &p->listeners[which]);
	p->listeners[which].data = p;
	p->listening[which] = true;
	int e = uv_tcp_bind(&p->listeners[which], (struct sockaddr *)&at, 0);
	if (!e)
		e = uv_listen((uv_stream_t *)&p->listeners[which], BACKLOG, on_connection);
	if (!e)
		return HUB_OK;
	hub_fault_set(fault, "gateway.listen", option_name, "cannot listen at %.64s: %s", where, uv_strerror(e));
	return HUB_FAILED;
}

hub_status charger_open(void *loop, const charger_settings *settings, forwarder *f, charger_port **ret,
			hub_fault *fault)
{
	static const handover_calls calls = { sessions_changed, sessions_heard };
	charger_port *p = fail_calloc(1, sizeof *p);
	if (!p)
		return HUB_NOMEM;
	*ret = p;
	p->loop = loop;
	p->settings = *settings;
	p->forwarder = f;
	p->limit = limit_new(settings->connections, settings->rate, settings->burst);
	p->handovers = handovers_new(loop, p->settings.run, &calls, p);
	uv_timer_init(loop, &p->timer);
	uv_prepare_init(loop, &p->prepare);
	p->timer.data = p->prepare.data = p;
	if (!p->limit || !p->handovers)
		return HUB_NOMEM;
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0)
		setrlimit(RLIMIT_NOFILE, &(struct rlimit) { files.rlim_max, files.rlim_max });
	hub_status st = HUB_OK;
	if (settings->plain[0])
		st = listen_at(p, 0, settings->plain, "charger_plain", fault);
	if (st == HUB_OK && settings->listen[0])
		st = equip(p, fault);
	if (st == HUB_OK && settings->listen[0])
		st = listen_at(p, 1, settings->listen, "charger_listen", fault);
	if (st != HUB_OK)
		return st;
	uv_timer_start(&p->timer, on_timer, TICK, TICK);
	uv_prepare_start(&p->prepare, on_prepare);
	return HUB_OK;
}

void charger_stop(charger_port *p)
{
	if (!p || p->stopping)
		return;
	p->stopping = true;
	for (int i = 0; i < 2; i++)
		if (p->listening[i])
			uv_close((uv_handle_t *)&p->listeners[i], NULL);
	for (station *st = p->all; st; st = st->next) {
		station_end(st, 1012, "the gateway begins anew");
		stream_close(&st->s);
	}
	handovers_flush(p->handovers);
	handovers_close(p->handovers);
	uv_close((uv_handle_t *)&p->timer, NULL);
	uv_close((uv_handle_t *)&p->prepare, NULL);
}

void charger_free(charger_port *p)
{
	if (!p)
		return;
	handovers_free(p->handovers);
	limit_free(p->limit);
	serving_close(p->serving);
	tls_close(p->tls);
	free(p);
}
