#include "state.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fail.h"
#include "wire/order.h"

struct state_door {
	const forwarder *forwarder;
	http *http;
	wire_answerer *answerer;
	hub_time since;
};

static hub_status on_order(void *user, int worker, const uint8_t *msg, size_t len, buf *answer)
{
	state_door *s = user;
	arena a;
	wire_order order;
	buf body = { 0 };
	hub_fault fault = { 0 };
	char since[CLOCK_TEXT], last[LIMIT_KEY];
	(void)worker;
	arena_init(&a, WIRE_MESSAGE_MAX * 2);
	hub_status st = wire_order_unpack(msg, len, &a, &order, &fault);
	if (st == HUB_OK && strcmp(order.what, "state")) {
		st = HUB_MISSING;
		hub_fault_set(&fault, "gateway.order", "what", "the gateway takes no order '%.32s'", order.what);
	}
	if (st == HUB_OK) {
		unsigned long long refused = http_refused(s->http, last);
		buf_printf(&body, "{\"daemon\":\"dmzd\",\"pid\":%d,\"since\":\"%s\",\"core\":%s,\"refused\":%llu,\"last_refused\":\"%s\"}",
			   (int)getpid(), clock_text(s->since, since), forwarder_connected(s->forwarder) ? "true" : "false",
			   refused, last);
	}
	wire_report report = { st, fault.code ? fault.code : "", fault.message, body.bytes, body.len };
	wire_report_pack(answer, &report);
	buf_fini(&body);
	arena_fini(&a);
	return answer->bad ? HUB_NOMEM : HUB_OK;
}

hub_status state_open(const char *url, const wire_tls *tls, const forwarder *f, http *h, state_door **ret, hub_fault *fault)
{
	state_door *s = fail_calloc(1, sizeof *s);
	if (!s)
		return HUB_NOMEM;
	s->forwarder = f;
	s->http = h;
	s->since = clock_now();
	hub_status st = wire_answer_listen(url, tls, 1, on_order, s, &s->answerer, fault);
	if (st == HUB_OK)
		*ret = s;
	else
		free(s);
	return st;
}

void state_close(state_door *s)
{
	if (!s)
		return;
	wire_answerer_close(s->answerer);
	free(s);
}
