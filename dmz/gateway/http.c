#include "http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/clock.h"
#include "base/fail.h"
#include "base/log.h"
#include "entry.h"
#include "portal.h"
#include "ports.h"
#include "request.h"
#include "wire/problem.h"

/* µs, longer than any call */
#define WHILE_ASKED INT64_C(86400000000)
enum { TICK = 1000 /* ms between looks at certificates and clocks */, SIGNALS = 3 };

struct http {
	http_settings settings;
	forwarder *forwarder;
	limit *limit;
	struct lws_context *context;
	uv_loop_t loop;
	uv_signal_t signals[SIGNALS];
	uv_async_t async;
	uv_timer_t timer;
	entry plain;
	ports ports;
	bool running;
};

static void clear(request *r)
{
	if (r->state == REQUEST_ASKED)
		forward_drop(r->asked);
	else
		forward_free(r->asked);
	r->asked = NULL;
	r->reply = NULL;
	r->sent = 0;
	r->head_sent = false;
	r->state = REQUEST_IDLE;
	buf_clear(&r->body);
	arena_reset(&r->memory);
}

/* lws starts its own clock anew with each byte; a client that trickles is cut off by ours. */
static void allow(request *r, int64_t time)
{
	lws_set_timer_usecs(r->wsi, time);
}

static int answer(request *r, const wire_reply *reply)
{
	r->state = REQUEST_ANSWER;
	r->reply = reply;
	allow(r, r->h->settings.body_time);
	lws_callback_on_writable(r->wsi);
	return 0;
}

/* retry: seconds for Retry-After, NULL for none. */
static int refuse(request *r, int status, const hub_fault *fault, const char *retry)
{
	wire_reply *reply = arena_alloc(&r->memory, sizeof *reply);
	wire_field *field = arena_alloc(&r->memory, sizeof *field);
	if (!reply || !field || problem_reply(status, fault, &r->call.head.trace, &r->memory, reply) != HUB_OK)
		return -1;
	if (retry) {
		*field = (wire_field){ "retry-after", retry };
		reply->headers = field;
		reply->header_count = 1;
	}
	return answer(r, reply);
}

static int core_away(request *r)
{
	static const hub_fault away = { "gateway.core_away", "", "the core cannot be reached; try again later" };
	return refuse(r, 503, &away, "5");
}

/* A call that changes something can be repeated without harm only under a key. */
static bool add_key(request *r)
{
	static const char name[] = "idempotency-key";
	char text[TRACE_TEXT];
	wire_call *c = &r->call;
	if (!strcmp(c->method, "GET"))
		return true;
	for (size_t i = 0; i < c->header_count; i++)
		if (!strcmp(c->headers[i].name, name))
			return true;
	wire_field *fields = arena_array(&r->memory, c->header_count + 1, sizeof *fields);
	const char *key = arena_strdup(&r->memory, trace_text(&c->head.trace, text));
	if (!fields || !key)
		return false;
	if (c->header_count)
		memcpy(fields, c->headers, c->header_count * sizeof *fields);
	fields[c->header_count++] = (wire_field){ name, key };
	c->headers = fields;
	return true;
}

static int ask(request *r)
{
	r->call.body = r->body.bytes;
	r->call.body_len = r->body.len;
	if (!add_key(r) || forward_start(r->h->forwarder, &r->call, &r->owner, &r->asked) != HUB_OK)
		return core_away(r);
	r->state = REQUEST_ASKED;
	/* The forwarder ends every call; neither lws's own timeout nor our timer, which cannot be stopped, may. */
	lws_set_timeout(r->wsi, NO_PENDING_TIMEOUT, 0);
	allow(r, WHILE_ASKED);
	return 0;
}

static int health(request *r)
{
	static const uint8_t text[] = "{\"status\":\"ok\",\"core\":\"connected\"}\n";
	static const wire_reply ok = { .status = 200, .content_type = "application/json", .continuation = "", .body = text,
				       .body_len = sizeof text - 1 };
	return forwarder_connected(r->h->forwarder) ? answer(r, &ok) : core_away(r);
}

static int portal(request *r)
{
	const char *known = "";
	wire_reply *reply = arena_alloc(&r->memory, sizeof *reply);
	for (size_t i = 0; i < r->call.header_count; i++)
		if (!strcmp(r->call.headers[i].name, "if-none-match"))
			known = r->call.headers[i].value;
	if (!reply || portal_reply(r->call.path, request_encodings(r), known, &r->memory, reply) != HUB_OK)
		return -1;
	return answer(r, reply);
}

static int begin(request *r)
{
	static const hub_fault too_fast = { "gateway.rate", "", "too many requests from this address; slow down" };
	hub_fault fault = { 0 };
	size_t body = 0;
	int status = 400;
	clear(r);
	r->close = false;
	trace_id trace = trace_new();
	hub_status st = request_read(r, &body, &status, &fault);
	r->call.head.trace = trace;
	r->call.cert = r->cert;
	r->call.cert_len = r->cert_len;
	if (st != HUB_OK) {
		r->close = true; /* what follows may be a body that nobody reads */
		return refuse(r, status, &fault, NULL);
	}
	if (!limit_request(r->h->limit, r->address, clock_monotonic())) {
		r->close = body > 0;
		return refuse(r, 429, &too_fast, "1");
	}
	if (!r->route)
		return r->portal ? portal(r) : health(r);
	if (body == 0)
		return ask(r);
	r->state = REQUEST_BODY;
	r->depth = (depth){ 0 };
	allow(r, r->h->settings.body_time);
	return 0;
}

static const hub_fault too_deep = { "gateway.depth", "body", "the JSON nests deeper than 32 levels" };

static int take_body(request *r, const void *bytes, size_t len)
{
	if (r->state != REQUEST_BODY)
		return 0;
	if (!depth_take(&r->depth, bytes, len) && !strcmp(r->route->consumes[0], "application/json")) {
		r->close = true; /* the rest is not read */
		return refuse(r, 400, &too_deep, NULL);
	}
	buf_put(&r->body, bytes, len);
	return r->body.bad || r->body.len > HTTP_BODY_MAX ? -1 : 0;
}

static int write_more(request *r)
{
	if (r->state != REQUEST_ANSWER)
		return 0;
	if (request_write(r))
		return -1;
	if (r->sent < r->reply->body_len || !r->head_sent)
		return 0;
	bool last = r->close;
	clear(r);
	if (last || lws_http_transaction_completed(r->wsi))
		return -1;
	allow(r, r->h->settings.header_time);
	return 0;
}

static void answered(forward_owner *owner, forward *w);

/* What the front said of the connection; without a front, what the socket says. */
static bool introduce(http *h, request *r)
{
	const front_guest *guest = h->ports.guest;
	const entry *l = entry_of(r->wsi);
	r->door = l ? l->door : "party";
	char address[LIMIT_KEY] = "";
	if (!guest) {
		lws_get_peer_simple(r->wsi, address, sizeof address);
		limit_key(address, r->peer);
		r->address = limit_open(h->limit, r->peer, clock_monotonic());
		return r->address != NULL;
	}
	r->secure = true;
	snprintf(r->peer, sizeof r->peer, "%s", guest->peer);
	r->address = guest->address;
	limit_hold(r->address);
	r->cert = guest->cert_len ? fail_calloc(1, guest->cert_len) : NULL;
	r->cert_len = r->cert ? guest->cert_len : 0;
	if (r->cert)
		memcpy(r->cert, guest->cert, guest->cert_len);
	return r->cert || !l || !l->certified;
}

static void connected(struct lws *wsi)
{
	http *h = lws_context_user(lws_get_context(wsi));
	request *r = fail_calloc(1, sizeof *r);
	lws_set_opaque_user_data(wsi, r);
	if (r) {
		r->owner.answered = answered;
		r->h = h;
		r->wsi = wsi;
		arena_init(&r->memory, 0);
	}
	/* By our timer, as lws sets its own timeout after this. */
	if (!r)
		lws_set_timer_usecs(wsi, 1);
	else
		allow(r, introduce(h, r) ? h->settings.header_time : 1);
}

static void gone(request *r)
{
	clear(r);
	if (r->address && r->secure)
		limit_release(r->address);
	else if (r->address)
		limit_close(r->address);
	free(r->cert);
	arena_fini(&r->memory);
	buf_fini(&r->body);
	free(r);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	(void)user;
	request *r = wsi ? lws_get_opaque_user_data(wsi) : NULL;
	switch (reason) {
	case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
		connected(wsi);
		return 0;
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return -1; /* no WebSocket here */
	case LWS_CALLBACK_HTTP:
		return r && r->address ? begin(r) : -1;
	case LWS_CALLBACK_HTTP_BODY:
		return r ? take_body(r, in, len) : -1;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return r && r->state == REQUEST_BODY ? ask(r) : 0;
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return r ? write_more(r) : -1;
	case LWS_CALLBACK_TIMER:
		return -1; /* a time is up */
	case LWS_CALLBACK_WSI_DESTROY:
		if (r) {
			lws_set_opaque_user_data(wsi, NULL);
			gone(r);
		}
		return 0;
	default:
		return 0;
	}
}

static const struct lws_protocols protocols[] = {
	{ .name = "http", .callback = on_event },
	{ 0 },
};

static void answered(forward_owner *owner, forward *w)
{
	static const hub_fault huge = { "gateway.too_long", "", "the answer is too long; ask for a smaller page" };
	request *r = (request *)owner;
	const wire_reply *reply;
	hub_status st = forward_reply(w, &reply);
	r->asked = w;
	r->state = REQUEST_ANSWER;
	int rc = st == HUB_OK ? answer(r, reply) : st == HUB_RANGE ? refuse(r, 502, &huge, NULL) : core_away(r);
	if (rc)
		lws_set_timeout(r->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
}

/* Answers that came while nobody looked. */
static void on_wake(uv_async_t *async)
{
	http *h = async->data;
	void *tag;
	for (forward *w; (w = forward_next(h->forwarder, &tag));) {
		forward_owner *owner = tag;
		owner->answered(owner, w);
	}
}

void http_wake(void *user)
{
	http *h = user;
	uv_async_send(&h->async);
}

static void on_signal(uv_signal_t *signal, int number)
{
	http *h = signal->data;
	if (number == SIGHUP) {
		ports_refresh(&h->ports);
		return;
	}
	h->running = false;
	uv_stop(&h->loop);
}

static void on_log(int level, const char *line)
{
	size_t len = strcspn(line, "\n");
	log_line(level & LLL_ERR ? LOG_ERROR : LOG_WARN, NULL, "%.*s", (int)len, line);
}

static void on_timer(uv_timer_t *timer)
{
	http *h = timer->data;
	ports_tick(&h->ports);
}

static hub_status start(http *h, hub_fault *fault)
{
	void *loops[] = { &h->loop };
	const struct lws_context_creation_info info = {
		.gid = -1, .uid = -1, .user = h, .foreign_loops = loops, .max_http_header_data = HTTP_HEADER_MAX,
		.max_http_header_pool = 1024, .pt_serv_buf_size = 32 * 1024,
		.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_UV_NO_SIGSEGV_SIGFPE_SPIN,
	};
	h->context = lws_create_context(&info);
	if (!h->context) {
		hub_fault_set(fault, "gateway.listen", "", "libwebsockets cannot start; see the lines above");
		return HUB_FAILED;
	}
	h->plain = (entry){ .address = h->settings.listen, .option = "http_listen", .door = "party" };
	hub_status st = entry_open(&h->plain, h->context, protocols, h->settings.header_time, fault);
	uv_timer_start(&h->timer, on_timer, TICK, TICK);
	return st == HUB_OK ? ports_open(&h->ports, &h->loop, h->context, protocols, &h->settings, h->limit, fault) : st;
}

hub_status http_open(const http_settings *settings, http **ret, hub_fault *fault)
{
	static const int numbers[SIGNALS] = { SIGTERM, SIGINT, SIGHUP };
	http *h = fail_calloc(1, sizeof *h);
	if (!h)
		return HUB_NOMEM;
	h->settings = *settings;
	h->limit = limit_new(settings->connections, settings->rate, settings->burst);
	if (!h->limit) {
		free(h);
		return HUB_NOMEM;
	}
	lws_set_log_level(LLL_ERR | LLL_WARN, on_log);
	uv_loop_init(&h->loop);
	uv_async_init(&h->loop, &h->async, on_wake);
	h->async.data = h;
	uv_timer_init(&h->loop, &h->timer);
	h->timer.data = h;
	for (size_t i = 0; i < SIGNALS; i++) {
		uv_signal_init(&h->loop, &h->signals[i]);
		h->signals[i].data = h;
		uv_signal_start(&h->signals[i], on_signal, numbers[i]);
	}
	hub_status st = start(h, fault);
	if (st == HUB_OK)
		*ret = h;
	else
		http_close(h);
	return st;
}

void http_use(http *h, forwarder *f)
{
	h->forwarder = f;
}

void *http_loop(http *h)
{
	return &h->loop;
}

uint64_t http_refused(http *h, char ret_last[LIMIT_KEY])
{
	return limit_refused(h->limit, ret_last);
}

void http_run(http *h)
{
	h->running = true;
	while (h->running)
		uv_run(&h->loop, UV_RUN_DEFAULT);
}

void http_stop(http *h)
{
	/* libuv closes handles when its loop turns. */
	ports_stop(&h->ports);
	lws_context_destroy(h->context);
	h->context = NULL;
	for (int i = 0; i < 32; i++)
		uv_run(&h->loop, UV_RUN_NOWAIT);
}

void http_close(http *h)
{
	if (!h)
		return;
	if (h->context)
		http_stop(h);
	uv_close((uv_handle_t *)&h->async, NULL);
	uv_close((uv_handle_t *)&h->timer, NULL);
	for (size_t i = 0; i < SIGNALS; i++)
		uv_close((uv_handle_t *)&h->signals[i], NULL);
	for (int i = 0; i < 32 && uv_loop_close(&h->loop); i++)
		uv_run(&h->loop, UV_RUN_NOWAIT);
	ports_free(&h->ports);
	limit_free(h->limit);
	free(h);
}
