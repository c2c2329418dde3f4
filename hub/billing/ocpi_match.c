#include "billing/ocpi.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define MINUTE INT64_C(60000000)
#define HOUR INT64_C(3600000000)
#define DAY INT64_C(86400000000)

enum { SHARE_DIGITS = 12 };

static bool clock_holds(const ocpi_restrictions *r, const ocpi_moment *m)
{
	if (!m->zone)
		return true;
	const zone_civil c = zone_to_civil(m->zone, m->at);
	const int minute = c.hour * 60 + c.minute;
	const int64_t day = clock_days(c.year, c.month, c.day);
	if (day < r->from_day || day >= r->to_day || !(r->weekdays >> zone_weekday(m->zone, m->at) & 1))
		return false;
	if (r->from_minute < 0)
		return true;
	if (r->to_minute > r->from_minute)
		return minute >= r->from_minute && minute < r->to_minute;
	return minute >= r->from_minute || minute < r->to_minute;
}

static bool session_holds(const ocpi_restrictions *r, const ocpi_moment *m)
{
	const int64_t lasted = m->at - m->session;
	return !(r->min_kwh.set && decimal_cmp(m->kwh, r->min_kwh.value) < 0) &&
	       !(r->max_kwh.set && decimal_cmp(m->kwh, r->max_kwh.value) >= 0) &&
	       !(r->min_duration >= 0 && lasted < r->min_duration) &&
	       !(r->max_duration >= 0 && lasted >= r->max_duration);
}

/* The mean power of a period that tells none. */
static bool mean_power(const ocpi_period *p, decimal *ret)
{
	decimal sum;
	*ret = decimal_of(0, 0);
	if (!decimal_sign(p->energy))
		return true;
	return p->end > p->start && decimal_mul(p->energy, decimal_of(HOUR, 0), &sum) == HUB_OK &&
	       decimal_div(sum, decimal_of(p->end - p->start, 0), SHARE_DIGITS, DECIMAL_HALF_EVEN, ret) == HUB_OK;
}

/* The lowest counts for "at least", the highest for "below"; where one is not told the other stands for it. */
static hub_status level_holds(const ocpi_moment *m, const ocpi_bound *min, const ocpi_bound *max, bool power, bool *ret,
			      hub_fault *fault)
{
	const ocpi_period *p = m->period;
	const ocpi_bound low = power ? p->min_power : p->min_current, high = power ? p->max_power : p->max_current;
	decimal mean = { 0 };
	if (!min->set && !max->set)
		return HUB_OK;
	if (!low.set && !high.set && decimal_sign(p->energy) && (!power || !mean_power(p, &mean)))
		return hub_fault_set(
		    fault, "usage.ocpi.level", power ? "MAX_POWER" : "MAX_CURRENT",
		    "a restriction of the tariff needs each charging period's %s; add %s to its dimensions",
		    power ? "power" : "current", power ? "MIN_POWER and MAX_POWER" : "MIN_CURRENT and MAX_CURRENT");
	const decimal lowest = low.set ? low.value : high.set ? high.value : mean;
	const decimal highest = high.set ? high.value : low.set ? low.value : mean;
	*ret &=
	    !(min->set && decimal_cmp(lowest, min->value) < 0) && !(max->set && decimal_cmp(highest, max->value) >= 0);
	return HUB_OK;
}

static hub_status holds(const ocpi_restrictions *r, const ocpi_moment *m, bool *ret, hub_fault *fault)
{
	*ret = clock_holds(r, m) && session_holds(r, m);
	hub_status st = *ret ? level_holds(m, &r->min_power, &r->max_power, true, ret, fault) : HUB_OK;
	return st == HUB_OK && *ret ? level_holds(m, &r->min_current, &r->max_current, false, ret, fault) : st;
}

static hub_status find_of(const ocpi_tariff *t, const ocpi_moment *m, ocpi_reservation reservation, ocpi_dimension d,
			  const ocpi_component **ret, hub_fault *fault)
{
	*ret = NULL;
	for (size_t i = 0; i < t->count; i++) {
		const ocpi_component *c = &t->components[i];
		bool now;
		if (c->dimension != d || c->reservation != reservation)
			continue;
		hub_status st = holds(&t->elements[c->element], m, &now, fault);
		if (st != HUB_OK)
			return st;
		if (now) {
			*ret = c;
			return HUB_OK;
		}
	}
	return HUB_OK;
}

/* What an expired reservation has no price of its own for costs what any reservation does. */
hub_status ocpi_find(const ocpi_tariff *t, const ocpi_moment *m, ocpi_dimension d, const ocpi_component **ret,
		     hub_fault *fault)
{
	hub_status st = find_of(t, m, m->reservation, d, ret, fault);
	return st == HUB_OK && !*ret && m->reservation == OCPI_EXPIRED ? find_of(t, m, OCPI_RESERVED, d, ret, fault)
								       : st;
}

typedef struct cutter {
	const ocpi_moment *m;
	ocpi_cut *cuts;
	size_t count;
	bool full;
} cutter;

/* Energy charged until a moment: the period's in proportion to time. */
static hub_status kwh_at(const ocpi_moment *m, hub_time at, decimal *ret)
{
	const ocpi_period *p = m->period;
	const decimal whole = decimal_of(p->end - p->start, 0);
	if (at >= p->end)
		return decimal_add(m->kwh, p->energy, ret);
	hub_status st = decimal_mul(p->energy, decimal_of(at - p->start, 0), ret);
	if (st == HUB_OK && p->end > p->start)
		st = decimal_div(*ret, whole, SHARE_DIGITS, DECIMAL_HALF_EVEN, ret);
	return st == HUB_OK ? decimal_add(m->kwh, decimal_trim(*ret), ret) : st;
}

static hub_status cut(cutter *c, hub_time at, const decimal *kwh)
{
	const ocpi_period *p = c->m->period;
	hub_status st = HUB_OK;
	if (!kwh && (at <= p->start || at >= p->end))
		return HUB_OK;
	c->full |= c->count == OCPI_CUTS_MAX;
	if (c->full)
		return HUB_OK;
	ocpi_cut made = { .at = at };
	if (kwh)
		made.kwh = *kwh;
	else
		st = kwh_at(c->m, at, &made.kwh);
	c->cuts[c->count++] = made;
	return st;
}

/* Where so much has been charged, if that is within the period. */
static hub_status cut_energy(cutter *c, const ocpi_bound *b)
{
	const ocpi_period *p = c->m->period;
	decimal end, at;
	int64_t micros = 0;
	hub_status st = decimal_add(c->m->kwh, p->energy, &end);
	if (!b->set || st != HUB_OK || decimal_cmp(b->value, c->m->kwh) <= 0 || decimal_cmp(b->value, end) >= 0)
		return st;
	st = decimal_sub(b->value, c->m->kwh, &at);
	if (st == HUB_OK)
		st = decimal_mul(at, decimal_of(p->end - p->start, 0), &at);
	if (st == HUB_OK)
		st = decimal_div(at, p->energy, 0, DECIMAL_HALF_EVEN, &at);
	if (st == HUB_OK)
		st = decimal_to_int64(at, 0, DECIMAL_HALF_EVEN, &micros);
	return st == HUB_OK ? cut(c, p->start + micros, &b->value) : st;
}

static hub_status cut_minute(cutter *c, hub_time day, int minute)
{
	hub_time first, second;
	zone_civil civil = zone_to_civil(c->m->zone, day);
	civil.hour = civil.minute = civil.second = civil.micro = 0;
	civil.hour = minute / 60;
	civil.minute = minute % 60;
	zone_from_civil(c->m->zone, civil, &first, &second);
	hub_status st = cut(c, first, NULL);
	return st == HUB_OK && second != first ? cut(c, second, NULL) : st;
}

/* Where the clock is put, within a day: to the minute. */
static hub_status cut_jump(cutter *c, hub_time day, hub_time next)
{
	const zone *z = c->m->zone;
	hub_time low = day, high = next;
	if (zone_offset(z, low) == zone_offset(z, high))
		return HUB_OK;
	while (high - low > MINUTE) {
		const hub_time middle = low + (high - low) / 2 / MINUTE * MINUTE;
		*(zone_offset(z, middle) == zone_offset(z, day) ? &low : &high) = middle;
	}
	return cut(c, high, NULL);
}

static hub_status cut_clock(cutter *c, const ocpi_tariff *t)
{
	const ocpi_period *p = c->m->period;
	hub_status st = HUB_OK;
	for (hub_time day = zone_floor(c->m->zone, p->start, ZONE_DAY), next; day < p->end && !c->full && st == HUB_OK;
	     day = next) {
		next = zone_next(c->m->zone, day, ZONE_DAY);
		st = cut(c, day, NULL);
		if (st == HUB_OK)
			st = cut_jump(c, day, next);
		for (size_t i = 0; i < t->element_count && st == HUB_OK; i++) {
			const ocpi_restrictions *r = &t->elements[i];
			if (r->from_minute >= 0)
				st = cut_minute(c, day, r->from_minute);
			if (st == HUB_OK && r->from_minute >= 0)
				st = cut_minute(c, day, r->to_minute);
		}
	}
	return st;
}

static hub_status cut_session(cutter *c, const ocpi_restrictions *r)
{
	hub_status st = cut_energy(c, &r->min_kwh);
	if (st == HUB_OK)
		st = cut_energy(c, &r->max_kwh);
	if (st == HUB_OK && r->min_duration >= 0)
		st = cut(c, c->m->session + r->min_duration, NULL);
	if (st == HUB_OK && r->max_duration >= 0)
		st = cut(c, c->m->session + r->max_duration, NULL);
	return st;
}

static int by_time(const void *a, const void *b)
{
	const ocpi_cut *x = a, *y = b;
	return x->at != y->at ? (x->at > y->at) - (x->at < y->at) : decimal_cmp(x->kwh, y->kwh);
}

hub_status ocpi_cuts(const ocpi_tariff *t, const ocpi_moment *m, ocpi_cut *cuts, size_t *ret_count, hub_fault *fault)
{
	cutter c = { .m = m, .cuts = cuts };
	decimal end;
	hub_status st = decimal_add(m->kwh, m->period->energy, &end);
	if (st == HUB_OK)
		st = cut(&c, m->period->start, &m->kwh);
	for (size_t i = 0; i < t->element_count && st == HUB_OK; i++)
		st = cut_session(&c, &t->elements[i]);
	if (st == HUB_OK && t->local)
		st = cut_clock(&c, t);
	if (st == HUB_OK)
		st = cut(&c, m->period->end, &end);
	if (st == HUB_OK && c.full)
		return hub_fault_set(fault, "ocpi.size", "charging_periods",
				     "a period of a session is cut at most %d times", OCPI_CUTS_MAX);
	qsort(cuts, c.count, sizeof *cuts, by_time);
	size_t kept = c.count ? 1 : 0;
	for (size_t i = 1; i < c.count; i++) {
		if (decimal_cmp(cuts[i].kwh, cuts[kept - 1].kwh) < 0)
			cuts[i].kwh = cuts[kept - 1].kwh;
		if (i + 1 == c.count || cuts[i].at != cuts[kept - 1].at || decimal_cmp(cuts[i].kwh, cuts[kept - 1].kwh))
			cuts[kept++] = cuts[i];
	}
	*ret_count = kept;
	return st;
}
