#include "deliver.h"

#include "base/clock.h"
#include "drop.h"

#include <string.h>

/* Of an answer that was good, so much is told when it is one of many. */
enum { GOOD_BODY = 64 };

typedef struct delivering {
	const doors *doors;
	const wire_dispatch *order;
	arena *arena;
	wire_outcome *out;
	size_t done;
	hub_fault *fault;
} delivering;

static bool went_well(const wire_outcome *o)
{
	return o->status >= 200 && o->status < 300;
}

static bool may_begin(const delivering *d)
{
	const wire_dispatch *o = d->order;
	return clock_now() <= o->not_after && (!o->lane[0] || lane_current(d->doors->lanes, o->lane, o->lease));
}

static hub_status by_post(delivering *d)
{
	bool go_on = true;
	hub_status st = HUB_OK;
	while (st == HUB_OK && go_on && d->done < d->order->count && may_begin(d)) {
		wire_outcome *o = &d->out[d->done];
		st = sender_one(d->doors->sender, &d->order->list[d->done++], d->arena, o);
		go_on = st == HUB_OK && went_well(o);
		if (go_on && d->order->count > 1 && o->body_len > GOOD_BODY)
			o->body_len = GOOD_BODY;
	}
	return st;
}

static hub_status by_drop(delivering *d)
{
	bool go_on = true;
	while (go_on && d->done < d->order->count && may_begin(d)) {
		const wire_outgoing *o = &d->order->list[d->done];
		hub_fault why = { 0 };
		int64_t from = clock_monotonic();
		go_on = drop_put(d->doors->drop, o->url, o->body, o->body_len, &why) == HUB_OK;
		wire_outcome *out = &d->out[d->done++];
		*out = (wire_outcome) { .status = go_on ? 200 : 0,
					.code = go_on ? "" : why.code,
					.message = arena_strdup(d->arena, why.message),
					.took = clock_monotonic() - from };
		if (!out->message)
			return HUB_NOMEM;
	}
	return HUB_OK;
}

static const char *token_of(const wire_outgoing *o)
{
	for (size_t i = 0; i < o->header_count; i++)
		if (!strcmp(o->headers[i].name, "authorization"))
			return o->headers[i].value;
	return "";
}

/* All at once: the broker keeps their order. */
static hub_status by_publish(delivering *d)
{
	const wire_dispatch *o = d->order;
	hub_fault why = { 0 };
	size_t done = 0;
	int64_t from = clock_monotonic();
	if (!may_begin(d))
		return HUB_OK;
	if (!d->doors->publisher) {
		hub_fault_set(&why, "egress.broker", "broker", "this zone has no broker");
	} else if (publisher_run(d->doors->publisher, token_of(o->list), o->list, o->count, o->list[0].timeout, &done,
				 &why) == HUB_NOMEM) {
		return HUB_NOMEM;
	}
	for (size_t i = 0; i < done; i++)
		d->out[i] =
		    (wire_outcome) { .status = 200, .code = "", .message = "", .took = clock_monotonic() - from };
	d->done = done;
	if (done == o->count)
		return HUB_OK;
	const char *message = arena_strdup(d->arena, why.message);
	d->out[d->done++] = (wire_outcome) { .code = why.code, .message = message, .took = clock_monotonic() - from };
	return message ? HUB_OK : HUB_NOMEM;
}

static const struct {
	const char *method;
	hub_status (*run)(delivering *d);
} methods[] = { { "POST", by_post }, { "PUBLISH", by_publish }, { "DROP", by_drop } };

static hub_status run(delivering *d)
{
	const wire_outgoing *first = d->order->list;
	for (size_t m = 0; m < sizeof methods / sizeof methods[0]; m++) {
		if (strcmp(methods[m].method, first->method))
			continue;
		for (size_t i = 1; i < d->order->count; i++)
			if (strcmp(first->method, d->order->list[i].method))
				return hub_fault_set(d->fault, "egress.mixed", "method",
						     "a lease goes through one door");
		return methods[m].run(d);
	}
	return hub_fault_set(d->fault, "egress.method", "method", "there is no door '%.32s'", first->method);
}

hub_status deliver(const doors *d, const wire_dispatch *order, arena *a, wire_outcome **ret, size_t *ret_count,
		   hub_fault *fault)
{
	delivering now = { .doors = d, .order = order, .arena = a, .fault = fault };
	now.out = arena_array(a, order->count, sizeof *now.out);
	if (!now.out)
		return HUB_NOMEM;
	hub_status st = order->lane[0] ? lane_enter(d->lanes, order->lane, order->lease) : HUB_OK;
	if (st == HUB_CONFLICT)
		hub_fault_set(fault, "egress.lease", "lease", "a newer lease of %.60s has been here", order->lane);
	if (st != HUB_OK)
		return st;
	if (order->count)
		st = run(&now);
	if (order->lane[0])
		lane_leave(d->lanes, order->lane);
	*ret = now.out;
	*ret_count = now.done;
	return st;
}
