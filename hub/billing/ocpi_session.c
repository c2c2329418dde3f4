#include "billing/ocpi.h"

#include <stdlib.h>
#include <string.h>

#define SECOND INT64_C(1000000)

/* A DateTime of OCPI is UTC, with or without its Z. */
static bool moment_read(form *f, const json_t *o, const char *key, hub_time *ret)
{
	char text[40];
	const char *own = form_text(f, o, key, NULL);
	size_t len = own ? strlen(own) : 0;
	if (len == 0 || len + 2 > sizeof text) {
		form_refuse(f, "form.missing", key, "'%s' is required: a time as 2026-01-01T00:00:00Z", key);
		return false;
	}
	memcpy(text, own, len + 1);
	if (len > 10 && text[len - 1] != 'Z' && !strpbrk(text + 10, "+-"))
		memcpy(text + len, "Z", 2);
	json_t *v = json_string(text);
	bool ok = v && form_moment(f, v, ret);
	json_decref(v);
	return ok;
}

static hub_status seconds_of(decimal hours, decimal *ret)
{
	return decimal_mul(hours, decimal_of(3600, 0), ret);
}

static void dimension_read(form *f, const json_t *o, ocpi_period *p)
{
	/* What only informs (STATE_OF_CHARGE, a session's momentary values) is passed over. */
	static const char *const names[] = { "ENERGY",
					     "TIME",
					     "PARKING_TIME",
					     "RESERVATION_TIME",
					     "MIN_POWER",
					     "MAX_POWER",
					     "MIN_CURRENT",
					     "MAX_CURRENT",
					     "FLAT",
					     "CURRENT",
					     "ENERGY_EXPORT",
					     "ENERGY_IMPORT",
					     "POWER",
					     "STATE_OF_CHARGE",
					     NULL };
	decimal *const sums[] = { &p->energy, &p->time, &p->parking, &p->reserved };
	ocpi_bound *const bounds[] = { &p->min_power, &p->max_power, &p->min_current, &p->max_current };
	int kind = form_choice(f, o, "type", names, -1);
	decimal volume = form_need_decimal(f, o, "volume");
	if (f->st != HUB_OK || kind > 7)
		return;
	if (kind > 3) {
		*bounds[kind - 4] = (ocpi_bound) { true, volume };
		return;
	}
	hub_status st = kind ? seconds_of(volume, &volume) : HUB_OK;
	if (st == HUB_OK)
		st = decimal_add(*sums[kind], volume, sums[kind]);
	if (st != HUB_OK || decimal_sign(volume) < 0)
		form_refuse(f, "usage.ocpi.volume", "volume", "a volume of at least 0 that fits is wanted");
}

static void period_read(form *f, const json_t *o, ocpi_period *p)
{
	const json_t *list = form_array(f, o, "dimensions", 32);
	moment_read(f, o, "start_date_time", &p->start);
	p->tariff = form_text(f, o, "tariff_id", NULL);
	for (size_t i = 0; i < json_array_size(list) && f->st == HUB_OK; i++) {
		size_t mark = form_enter(f, "dimensions", (long)i);
		dimension_read(f, json_array_get(list, i), p);
		form_leave(f, mark);
	}
}

static void periods_read(form *f, const json_t *o, usage *u, ocpi_cdr *c)
{
	const json_t *list = form_array(f, o, "charging_periods", OCPI_PERIODS_MAX);
	c->count = json_array_size(list);
	c->periods = arena_array(f->a, c->count, sizeof *c->periods);
	if (!c->periods) {
		form_nomem(f);
		return;
	}
	for (size_t i = 0; i < c->count && f->st == HUB_OK; i++) {
		size_t mark = form_enter(f, "charging_periods", (long)i);
		period_read(f, json_array_get(list, i), &c->periods[i]);
		hub_time before = i ? c->periods[i - 1].start : u->start;
		if (f->st == HUB_OK && (c->periods[i].start < before || c->periods[i].start > u->end))
			form_refuse(f, "usage.ocpi.order", "start_date_time",
				    "periods are in order of time and lie within the session");
		if (i)
			c->periods[i - 1].end = c->periods[i].start;
		form_leave(f, mark);
	}
	if (c->count)
		c->periods[c->count - 1].end = u->end;
	else
		form_refuse(f, "usage.ocpi.periods", "charging_periods", "a CDR has at least one charging period");
}

static bool reservation_alone(const ocpi_cdr *c)
{
	bool reserved = false;
	for (size_t i = 0; i < c->count; i++) {
		const ocpi_period *p = &c->periods[i];
		if (decimal_sign(p->energy) || decimal_sign(p->time) || decimal_sign(p->parking))
			return false;
		reserved |= decimal_sign(p->reserved) > 0;
	}
	return reserved;
}

void ocpi_cdr_read(form *f, const json_t *o, usage *u)
{
	const json_t *place = form_object(f, o, "cdr_location");
	const char *name =
	    form_text(f, o, "zone", form_text(f, o, "time_zone", form_text(f, place, "time_zone", NULL)));
	ocpi_cdr *c = arena_alloc(f->a, sizeof *c);
	if (!c) {
		form_nomem(f);
		return;
	}
	if (name)
		u->zone = u->owned = form_zone(f, name, "usage.zone");
	if (form_bool(f, o, "credit", false))
		form_refuse(f, "usage.ocpi.credit", "credit",
			    "a credit CDR takes back another's cost: rate the one it names in credit_reference_id");
	c->currency = form_text(f, o, "currency", NULL);
	moment_read(f, o, "start_date_time", &u->start);
	moment_read(f, o, "end_date_time", &u->end);
	if (f->st == HUB_OK && u->end < u->start)
		form_refuse(f, "usage.period", "end_date_time", "the session ends after its start");
	if (f->st == HUB_OK)
		periods_read(f, o, u, c);
	c->expired = reservation_alone(c);
	u->cdr = c;
}

/* A fact of time in seconds; 0 where there is none. */
static hub_status fact_seconds(const usage *u, const char *name, decimal *ret, hub_fault *fault)
{
	static const struct {
		const char *unit;
		int64_t seconds;
	} units[] = { { "s", 1 }, { "min", 60 }, { "h", 3600 } };
	const usage_fact *fact = usage_fact_find(u, name);
	*ret = decimal_of(0, 0);
	if (!fact)
		return HUB_OK;
	for (size_t i = 0; fact->is_number && i < sizeof units / sizeof *units; i++)
		if (!strcmp(units[i].unit, fact->unit) && decimal_sign(fact->number) >= 0)
			return decimal_mul(fact->number, decimal_of(units[i].seconds, 0), ret);
	return hub_fault_set(fault, "usage.unit", name,
			     "the fact '%.40s' is a time of at least 0 with unit s, min or h", name);
}

static const usage_series *energy_of(const usage *u, hub_status *st, hub_fault *fault)
{
	static const char *const names[] = { "ev_energy", "active_energy_import" };
	for (size_t i = 0; i < 2; i++) {
		const usage_series *s = usage_series_find(u, names[i], NULL);
		if (!s)
			continue;
		if (s->instant || strcmp(s->unit, "kWh"))
			*st = hub_fault_set(fault, "usage.unit", "series",
					    "a session's energy is a series of amounts in kWh");
		return s;
	}
	return NULL;
}

static hub_status room(ocpi_cdr *c, size_t count, arena *a, hub_fault *fault)
{
	if (count > OCPI_PERIODS_MAX)
		return hub_fault_set(fault, "ocpi.size", "series", "a session has at most %d values", OCPI_PERIODS_MAX);
	c->periods = arena_array(a, count + 4, sizeof *c->periods);
	return c->periods ? HUB_OK : HUB_NOMEM;
}

static void add(ocpi_cdr *c, hub_time start, hub_time end, decimal energy, bool charging)
{
	const decimal seconds = decimal_of(end - start, 6);
	if (end <= start && !decimal_sign(energy))
		return;
	c->periods[c->count++] = (ocpi_period) { .start = start,
						 .end = end,
						 .energy = energy,
						 .time = charging ? seconds : decimal_of(0, 0),
						 .parking = charging ? decimal_of(0, 0) : seconds };
}

/* Each value is a period; one without energy is parking, as is what no value covers, and all from `parked` on. */
static hub_status by_series(const usage *u, const usage_series *s, hub_time parked, arena *a, ocpi_cdr *c,
			    hub_fault *fault)
{
	hub_status st = room(c, 2 * s->count, a, fault);
	hub_time at = u->start;
	for (size_t i = 0; i < s->count && st == HUB_OK; i++) {
		hub_time from = s->step ? s->start + (hub_time)i * s->step : s->spans[i].start;
		hub_time to = s->step ? from + s->step : s->spans[i].end;
		int64_t amount = s->step ? s->values[i] : s->spans[i].amount;
		if (to <= u->start || from >= u->end)
			continue;
		if (from < at || to > u->end || amount < 0)
			return hub_fault_set(fault, "usage.ocpi.series", "series",
					     "a session's energy lies within its start and end and does not fall");
		add(c, at, from, decimal_of(0, 0), false);
		if (from < parked && parked < to) {
			add(c, from, parked, decimal_of(amount, s->scale), true);
			add(c, parked, to, decimal_of(0, 0), false);
		} else {
			add(c, from, to, decimal_of(amount, s->scale), amount > 0 && from < parked);
		}
		at = to;
	}
	if (st == HUB_OK)
		add(c, at, u->end, decimal_of(0, 0), false);
	return st;
}

hub_status ocpi_session_of(const usage *u, arena *a, ocpi_cdr *ret, hub_fault *fault)
{
	decimal charging, parking, reserved;
	int64_t parked;
	const usage_fact *expired = usage_fact_find(u, "reservation_expired");
	hub_status st = fact_seconds(u, "charging_time", &charging, fault);
	if (st == HUB_OK)
		st = fact_seconds(u, "parking_time", &parking, fault);
	if (st == HUB_OK)
		st = fact_seconds(u, "reservation_time", &reserved, fault);
	if (st == HUB_OK)
		st = decimal_to_int64(parking, 6, DECIMAL_HALF_UP, &parked);
	const usage_series *s = st == HUB_OK ? energy_of(u, &st, fault) : NULL;
	*ret = (ocpi_cdr) { .expired = expired && !strcmp(expired->text, "yes") };
	if (st != HUB_OK)
		return st;
	if (s && !ret->expired) {
		st = by_series(u, s, parked ? u->end - parked : INT64_MAX, a, ret, fault);
	} else {
		st = room(ret, 2, a, fault);
		if (st == HUB_OK && !ret->expired) {
			ret->periods[0] = (ocpi_period) { .start = u->start, .end = u->end - parked, .time = charging };
			ret->periods[1] = (ocpi_period) { .start = u->end - parked, .end = u->end, .parking = parking };
			ret->count = 2;
		}
	}
	if (st == HUB_OK && decimal_sign(reserved)) {
		memmove(ret->periods + 1, ret->periods, ret->count++ * sizeof *ret->periods);
		ret->periods[0] = (ocpi_period) { .start = u->start, .end = u->start, .reserved = reserved };
	}
	return st;
}
