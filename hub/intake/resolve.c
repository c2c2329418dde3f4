#include "intake/job.h"

#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"

typedef struct named {
	const char *meter, *channel;
	hub_time time;
} named;

/* What a record says of whom, when. An interval belongs to the device installed at its start. */
static named name_of(const hub_record *r)
{
	switch (r->type) {
	case HUB_RECORD_READING:
		return (named){ r->reading.meter, r->reading.channel,
				r->reading.kind == HUB_INTERVAL ? r->reading.start : r->reading.time };
	case HUB_RECORD_EVENT:
		return (named){ r->event.meter, r->event.channel, r->event.time };
	case HUB_RECORD_TRANSACTION:
		return (named){ r->transaction.meter, r->transaction.channel, r->transaction.time };
	case HUB_RECORD_ARCHIVE:
		return (named){ r->archive.meter, r->archive.channel, r->archive.time };
	default:
		return (named){ NULL };
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The meters of the job that the cache does not have, without repeats. */
static hub_status missing_meters(job *j, const cache *c, const char ***ret_meters, size_t *ret_count)
{
	const char **meters = arena_array(j->arena, j->count, sizeof *meters);
	size_t n = 0, kept = 0;
	if (!meters)
		return HUB_NOMEM;
	for (size_t i = 0; i < j->count; i++) {
		const char *meter = j->items[i].fault ? NULL : name_of(&j->items[i].record->body).meter;
		if (meter && !cache_find(c, j->source->party, meter))
			meters[n++] = meter;
	}
	qsort(meters, n, sizeof *meters, by_text);
	for (size_t i = 0; i < n; i++)
		if (!kept || strcmp(meters[kept - 1], meters[i]))
			meters[kept++] = meters[i];
	*ret_meters = meters;
	*ret_count = kept;
	return HUB_OK;
}

/* list is sorted by meter. */
static hub_status keep(job *j, cache *c, const point_binding *list, size_t count)
{
	cached_binding *bindings = arena_array(&c->memory, count, sizeof *bindings);
	cached_permit *permits = arena_array(&c->memory, count, sizeof *permits);
	if (!bindings || !permits)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++) {
		permits[i] = (cached_permit){ 0 };
		bindings[i] = (cached_binding){ &list[i], intake_zone(worker_intake(j->worker), list[i].point.zone),
						&permits[i] };
	}
	for (size_t i = 0, n; i < count; i += n) {
		for (n = 1; i + n < count && !strcmp(list[i].meter, list[i + n].meter); n++)
			;
		cached_meter m = { j->source->party, list[i].meter, list + i, bindings + i, n };
		if (cache_add(c, &m) != HUB_OK)
			return HUB_NOMEM;
	}
	return HUB_OK;
}

/* The meters that only other parties have, rising. */
typedef struct foreign {
	const char **meters;
	size_t count;
} foreign;

static bool is_foreign(const foreign *f, const char *meter)
{
	return f->count && bsearch(&meter, f->meters, f->count, sizeof *f->meters, by_text);
}

static hub_status find_foreign(job *j, const cache *c, foreign *ret)
{
	const char **meters;
	size_t count;
	hub_status st = missing_meters(j, c, &meters, &count);
	if (st != HUB_OK || count == 0)
		return st;
	return meters_of_others(j->db, j->source->party, meters, count, j->arena, &ret->meters, &ret->count);
}

static hub_status fill_cache(job *j, cache *c)
{
	const char **meters;
	point_binding *list;
	size_t count;
	hub_status st = job_epochs(j, c);
	if (st != HUB_OK)
		return st;
	st = missing_meters(j, c, &meters, &count);
	if (st != HUB_OK || count == 0)
		return st;
	st = point_bindings(j->db, j->source->party, meters, count, &c->memory, &list, &count);
	return st == HUB_OK && count ? keep(j, c, list, count) : st;
}

static const point_limit *limit_of(const point_binding *b, uint16_t number)
{
	for (size_t i = 0; i < b->limit_count; i++)
		if (b->limits[i].quantity == number)
			return &b->limits[i];
	return NULL;
}

/*
 * Twice the contracted power is more than a point can use for an hour. A register shows what the
 * device counts, before the transformer's multiplier.
 */
static hub_value rate_of(const point_binding *b, const job_item *item)
{
	const quantity *q = item->checked.quantity;
	decimal rate = decimal_of_value(b->point.power);
	hub_value v = { 0 };
	if (rate.digits <= 0 || (strcmp(q->dimension, "energy") && strcmp(q->dimension, "volume")))
		return v;
	if (decimal_mul(rate, decimal_of(2, 0), &rate) != HUB_OK)
		return v;
	if (item->record->body.reading.kind == HUB_REGISTER && b->multiplier.digits > 0 &&
	    decimal_div(rate, decimal_of_value(b->multiplier), 6, DECIMAL_UP, &rate) != HUB_OK)
		return v;
	return decimal_to_value(rate, &v) == HUB_OK ? v : (hub_value){ 0 };
}

static judge_limits limits_of(const cached_binding *cb, const job_item *item)
{
	const point_binding *b = cb->binding;
	const point_limit *l = limit_of(b, item->checked.quantity->number);
	judge_limits r = { .interval = (int64_t)b->point.interval * 1000000, .zone = cb->zone, .modulus = b->modulus };
	if (l) {
		r.has_low = l->has_min;
		r.has_high = l->has_max;
		r.low = l->min;
		r.high = l->max;
	}
	r.rate = l && l->has_rise ? l->rise : rate_of(b, item);
	return r;
}

/* Electricity is measured at chargers too. */
static bool commodity_fits(const char *of_point, const char *of_quantity)
{
	return !strcmp(of_quantity, "any") || !strcmp(of_point, "any") || !strcmp(of_point, of_quantity) ||
	       (!strcmp(of_point, "ev") && !strcmp(of_quantity, "electricity"));
}

static hub_status refuse_meter(job *j, job_item *item, const char *meter, const foreign *f)
{
	hub_fault fault;
	if (is_foreign(f, meter))
		hub_fault_set(&fault, "reading.wrong_party", "meter",
			      "meter '%.64s' is another party's; a source may only submit for its own party's meters", meter);
	else
		hub_fault_set(&fault, "reading.unknown_meter", "meter",
			      "the source's party has no meter '%.64s'; bind it with hubctl point bind and replay", meter);
	return job_refuse(j, item, &fault);
}

static hub_status resolve_item(job *j, const cache *c, const foreign *f, job_item *item)
{
	named n = name_of(&item->record->body);
	hub_fault fault;
	if (!n.meter)
		return HUB_OK;
	const cached_meter *m = cache_find(c, j->source->party, n.meter);
	if (!m)
		return refuse_meter(j, item, n.meter, f);
	item->binding = cache_binding(m, n.channel, n.time);
	if (!item->binding) {
		hub_fault_set(&fault, "reading.not_installed", "channel",
			      "meter '%.64s' channel '%.32s' measured no point at that time; bind it with hubctl point "
			      "bind --from and replay", n.meter, n.channel);
		return job_refuse(j, item, &fault);
	}
	if (item->record->body.type != HUB_RECORD_READING)
		return HUB_OK;
	const point *p = &item->binding->binding->point;
	if (!commodity_fits(p->commodity, item->checked.quantity->commodity)) {
		hub_fault_set(&fault, "reading.commodity", "quantity",
			      "%s is not measured at point '%.64s', which is of %s; correct the mapping or the binding "
			      "and replay", item->checked.quantity->name, p->code, p->commodity);
		return job_refuse(j, item, &fault);
	}
	item->limits = limits_of(item->binding, item);
	return HUB_OK;
}

hub_status job_resolve(job *j)
{
	cache *c = worker_cache(j->worker);
	foreign f = { 0 };
	hub_status st = fill_cache(j, c);
	if (st == HUB_OK)
		st = find_foreign(j, c, &f);
	for (size_t i = 0; st == HUB_OK && i < j->count; i++)
		if (!j->items[i].fault)
			st = resolve_item(j, c, &f, &j->items[i]);
	return st;
}
