#include "charger.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

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

static void address_of(const station *st, char out[LIMIT_KEY])
{
	struct sockaddr_storage from;
	int len = sizeof from;
	char text[64] = "";
	if (uv_tcp_getpeername(&st->s.tcp, (struct sockaddr *)&from, &len) == 0)
		uv_ip_name((struct sockaddr *)&from, text, sizeof text);
	limit_key(text, out);
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
	bool good = stream_accept(&st->s, listener, (uv_tcp_t *)listener == &p->listeners[1] ? p->ctx : NULL);
	if (good) {
		address_of(st, key);
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
	sessions_tick(p, clock_monotonic());
}

static int verdict(int good, X509_STORE_CTX *verification)
{
	return tls_accepts(verification, good);
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
	p->ctx = SSL_CTX_new(TLS_server_method());
	bool good = p->ctx && SSL_CTX_use_certificate_chain_file(p->ctx, cert) == 1 &&
		    SSL_CTX_use_PrivateKey_file(p->ctx, key, SSL_FILETYPE_PEM) == 1 &&
		    tls_equip(p->tls, p->ctx) == HUB_OK;
	if (!good) {
		ERR_clear_error();
		hub_fault_set(fault, "gateway.listen", "charger_listen",
			      "%.200s or its key is missing or damaged; hubctl ca publish "
			      "writes them",
			      cert);
		return HUB_FAILED;
	}
	SSL_CTX_set_verify(p->ctx, SSL_VERIFY_PEER, verdict);
	SSL_CTX_set_mode(p->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				     SSL_MODE_RELEASE_BUFFERS);
	return HUB_OK;
}

static hub_status listen_at(charger_port *p, int which, const char *where, const char *option_name, hub_fault *fault)
{
	struct sockaddr_storage at;
	char host[64];
	const char *colon = strrchr(where, ':');
	size_t n = colon ? (size_t)(colon - where) : 0;
	bool brackets = n > 2 && where[0] == '[' && where[n - 1] == ']';
	if (!n || n >= sizeof host)
		return hub_fault_set(fault, "gateway.listen", option_name, "'%.64s' is not ADDRESS:PORT", where);
	snprintf(host, sizeof host, "%.*s", (int)(n - 2 * brackets), where + brackets);
	int port = atoi(colon + 1);
	if (uv_ip4_addr(host, port, (struct sockaddr_in *)&at) != 0 &&
	    uv_ip6_addr(host, port, (struct sockaddr_in6 *)&at) != 0)
		return hub_fault_set(fault, "gateway.listen", option_name, "'%.64s' is not ADDRESS:PORT", where);
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
	SSL_CTX_free(p->ctx);
	tls_close(p->tls);
	free(p);
}
