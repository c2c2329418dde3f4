#include "hubd/hearer.h"

#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/fail.h"
#include "store/outbox.h"
#include "store/party.h"
#include "wire/dispatch.h"
#include "wire/order.h"

#define RESEND 1500000 /* µs; egress answers within a second */
#define PATIENCE 2000000
enum { EGRESS_MAX = 16 };

typedef struct ear {
	struct hearer *h;
	wire_asker *asker;
	pthread_t thread;
	bool running;
	worker worker;
	uint64_t sequence;
	char source[24];
} ear;

struct hearer {
	const core *core;
	size_t count;
	ear ears[EGRESS_MAX];
};

/* {"subscription":N,"position":N,"again":true}; anything else is nobody's loss but the speaker's. */
static hub_status take(ear *e, const wire_said *said)
{
	json_t *j = json_loadb((const char *)said->payload, said->payload_len, JSON_REJECT_DUPLICATES, NULL);
	const json_t *subscription = json_object_get(j, "subscription"), *position = json_object_get(j, "position");
	bool again = json_is_true(json_object_get(j, "again"));
	json_int_t s = json_integer_value(subscription), n = json_integer_value(position);
	bool fits = json_is_integer(subscription) && json_is_integer(position) && s > 0 && n >= 0;
	party who;
	json_decref(j);
	hub_status st = fits ? party_by_code(e->worker.db, said->party, &e->worker.memory, &who) : HUB_MISSING;
	if (st == HUB_OK)
		st = outbox_acknowledge(e->worker.db, who.id, s, (uint64_t)n, again);
	return st == HUB_MISSING ? HUB_OK : st;
}

static hub_status listen_once(ear *e)
{
	buf msg = { 0 }, answer = { 0 };
	wire_report report = { 0 };
	wire_said *list = NULL;
	size_t count = 0;
	hub_fault fault = { 0 };
	const wire_order o = { .head = { WIRE_VERSION, WIRE_ORDER, e->source, e->h->core->epoch, ++e->sequence,
					 trace_new() },
			       .what = "acks",
			       .subject = "" };
	hub_status st = worker_ready(&e->worker);
	wire_order_pack(&msg, &o);
	if (st == HUB_OK)
		st = msg.bad ? HUB_NOMEM : wire_ask(e->asker, msg.bytes, msg.len, RESEND, PATIENCE, &answer);
	if (st == HUB_OK)
		st = wire_report_unpack(answer.bytes, answer.len, &e->worker.memory, &report, &fault);
	if (st == HUB_OK && report.status == HUB_OK)
		st = wire_said_unpack(report.body, report.body_len, &e->worker.memory, &list, &count, &fault);
	/* Written down for sure: whoever acknowledged will not say so again before it is asked again. */
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		hub_status put = take(e, &list[i]);
		if (put == HUB_AGAIN || put == HUB_FAILED)
			st = HUB_AGAIN;
	}
	buf_fini(&msg);
	buf_fini(&answer);
	return st;
}

static void *run(void *user)
{
	ear *e = user;
	const struct timespec rest = { 0, 100000000 };
	while (!e->h->core->stopping)
		if (!wire_asker_connected(e->asker) || listen_once(e) != HUB_OK)
			nanosleep(&rest, NULL);
	return NULL;
}

hub_status hearer_start(const core *c, wire_asker *const *egress, size_t count, hearer **ret)
{
	hearer *h = fail_calloc(1, sizeof *h);
	if (!h)
		return HUB_NOMEM;
	h->core = c;
	*ret = h;
	for (size_t i = 0; i < count && i < EGRESS_MAX; i++) {
		ear *e = &h->ears[h->count++];
		*e = (ear) { .h = h, .asker = egress[i] };
		snprintf(e->source, sizeof e->source, "hearer-%zu", i);
		worker_init(&e->worker, c);
		e->running = !pthread_create(&e->thread, NULL, run, e);
		if (!e->running)
			return HUB_FAILED;
	}
	return HUB_OK;
}

void hearer_stop(hearer *h)
{
	if (!h)
		return;
	for (size_t i = 0; i < h->count; i++) {
		if (h->ears[i].running)
			pthread_join(h->ears[i].thread, NULL);
		worker_fini(&h->ears[i].worker);
	}
	free(h);
}
