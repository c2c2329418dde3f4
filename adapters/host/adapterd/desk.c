#include "desk.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fail.h"

enum { ORDERS = 64, PATIENCE = 10 };

typedef enum stage { FREE, WAITING, TAKEN, DONE } stage;

struct desk_order {
	stage stage;
	uint64_t age; /* rises with arrival */
	buf key;      /* the head's source, epoch and sequence */
	buf bytes, report;
	int watchers; /* threads that wait for the report */
};

struct desk {
	int event;
	pthread_mutex_t lock;
	pthread_cond_t reported;
	bool shut;
	uint64_t arrivals;
	desk_order orders[ORDERS];
};

desk *desk_open(int event)
{
	desk *d = fail_calloc(1, sizeof *d);
	if (!d)
		return NULL;
	d->event = event;
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->reported, NULL);
	return d;
}

void desk_shut(desk *d)
{
	pthread_mutex_lock(&d->lock);
	d->shut = true;
	pthread_cond_broadcast(&d->reported);
	pthread_mutex_unlock(&d->lock);
}

void desk_close(desk *d)
{
	for (int i = 0; i < ORDERS; i++) {
		buf_fini(&d->orders[i].key);
		buf_fini(&d->orders[i].bytes);
		buf_fini(&d->orders[i].report);
	}
	pthread_cond_destroy(&d->reported);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

static desk_order *find(desk *d, const buf *key)
{
	for (int i = 0; i < ORDERS; i++) {
		desk_order *o = &d->orders[i];
		if (o->stage != FREE && o->key.len == key->len && memcmp(o->key.bytes, key->bytes, key->len) == 0)
			return o;
	}
	return NULL;
}

/* The oldest place that nobody needs; NULL: all are at work. */
static desk_order *place(desk *d)
{
	desk_order *best = NULL;
	for (int i = 0; i < ORDERS; i++) {
		desk_order *o = &d->orders[i];
		if (o->stage == FREE || (o->stage == DONE && !o->watchers && (!best || o->age < best->age)))
			best = o;
		if (o->stage == FREE)
			break;
	}
	return best;
}

static desk_order *put(desk *d, const buf *key, const uint8_t *msg, size_t len)
{
	desk_order *o = place(d);
	if (!o)
		return NULL;
	buf_clear(&o->key);
	buf_clear(&o->bytes);
	buf_clear(&o->report);
	buf_put(&o->key, key->bytes, key->len);
	buf_put(&o->bytes, msg, len);
	if (o->key.bad || o->bytes.bad) {
		o->stage = FREE;
		return NULL;
	}
	o->stage = WAITING;
	o->age = ++d->arrivals;
	uint64_t one = 1;
	ssize_t n = write(d->event, &one, sizeof one);
	(void)n;
	return o;
}

static hub_status wait_for(desk *d, desk_order *o, buf *answer)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE;
	int e = 0;
	o->watchers++;
	while (o->stage != DONE && !d->shut && !e)
		e = pthread_cond_timedwait(&d->reported, &d->lock, &until);
	o->watchers--;
	if (o->stage != DONE)
		return HUB_AGAIN;
	buf_put(answer, o->report.bytes, o->report.len);
	return HUB_OK;
}

static hub_status refuse(const hub_fault *fault, buf *answer)
{
	wire_report_pack(answer, &(wire_report){ HUB_REJECT, fault->code, fault->message, NULL, 0 });
	return HUB_OK;
}

hub_status desk_handle(void *user, int worker, const uint8_t *msg, size_t len, buf *answer)
{
	(void)worker;
	desk *d = user;
	arena a;
	arena_init(&a, 0);
	wire_order order;
	hub_fault fault = { "order.malformed", "", "" };
	buf key = { 0 };
	hub_status st = wire_order_unpack(msg, len, &a, &order, &fault);
	if (st == HUB_REJECT) {
		st = refuse(&fault, answer);
	} else if (st == HUB_OK) {
		buf_str(&key, order.head.source);
		buf_le(&key, order.head.epoch, 8);
		buf_le(&key, order.head.sequence, 8);
		pthread_mutex_lock(&d->lock);
		desk_order *o = key.bad ? NULL : find(d, &key);
		if (!o && !key.bad)
			o = put(d, &key, msg, len);
		st = o ? wait_for(d, o, answer) : HUB_AGAIN;
		pthread_mutex_unlock(&d->lock);
	}
	buf_fini(&key);
	arena_fini(&a);
	return st;
}

desk_order *desk_take(desk *d)
{
	desk_order *oldest = NULL;
	pthread_mutex_lock(&d->lock);
	for (int i = 0; i < ORDERS; i++)
		if (d->orders[i].stage == WAITING && (!oldest || d->orders[i].age < oldest->age))
			oldest = &d->orders[i];
	if (oldest)
		oldest->stage = TAKEN;
	pthread_mutex_unlock(&d->lock);
	return oldest;
}

const buf *desk_order_bytes(const desk_order *o)
{
	return &o->bytes;
}

void desk_report(desk *d, desk_order *o, const wire_report *report)
{
	pthread_mutex_lock(&d->lock);
	wire_report_pack(&o->report, report);
	/* Without memory for the report the order is forgotten, and comes again. */
	o->stage = o->report.bad ? FREE : DONE;
	pthread_cond_broadcast(&d->reported);
	pthread_mutex_unlock(&d->lock);
}
