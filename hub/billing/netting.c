#include <string.h>

#include "billing/rating_parts.h"

enum { PART_DIGITS = 4, PLENTY = 12 };

/* The parts of a value that is divided by time: whole at the scale, and adding up to it. */
static void divide(int64_t v, size_t parts, int64_t *out)
{
	for (size_t k = 0; k < parts; k++)
		out[k] = (int64_t)((__int128)v * (int64_t)(k + 1) / (int64_t)parts -
				   (__int128)v * (int64_t)k / (int64_t)parts);
}

/* The series at `scale`, each value in `parts` of it. */
static hub_status rescale(const usage_series *s, uint8_t scale, size_t parts, int64_t *out)
{
	int64_t up = 1;
	for (uint8_t i = s->scale; i < scale; i++)
		up *= 10;
	for (size_t i = 0; i < s->count; i++) {
		int64_t v;
		if (__builtin_mul_overflow(s->values[i], up, &v))
			return HUB_RANGE;
		divide(v, parts, out + i * parts);
	}
	return HUB_OK;
}

static hub_status mismatch(const rating *r, const char *what)
{
	return hub_fault_set(
	    r->fault, "usage.netting", "series",
	    "what is netted needs interval values of import and export with the same start, whole multiples of one "
	    "step, and one unit: %s",
	    what);
}

static hub_status split(rating *r, const usage_series *in, const usage_series *out)
{
	int64_t step = in->step < out->step ? in->step : out->step;
	size_t parts_in = (size_t)(in->step / step), parts_out = (size_t)(out->step / step);
	size_t count = in->count * parts_in;
	if (in->step % step || out->step % step || in->start != out->start)
		return mismatch(r, "start or step differ");
	if (count != out->count * parts_out)
		return mismatch(r, "their lengths differ");
	if (strcmp(in->unit, out->unit))
		return mismatch(r, "their units differ");
	/* Parts of a value that is divided get more digits, unless it has plenty, so that each is its share. */
	uint8_t scale = in->scale > out->scale ? in->scale : out->scale;
	if (parts_in != parts_out && scale < PLENTY)
		scale = (uint8_t)(scale + PART_DIGITS);
	int64_t *a = arena_array(r->a, count, sizeof *a), *b = arena_array(r->a, count, sizeof *b);
	if (!a || !b)
		return HUB_NOMEM;
	if (scale - in->scale > 17 || scale - out->scale > 17)
		return HUB_RANGE;
	hub_status st = rescale(in, scale, parts_in, a);
	if (st == HUB_OK)
		st = rescale(out, scale, parts_out, b);
	for (size_t i = 0; i < count && st == HUB_OK; i++) {
		int64_t net;
		if (__builtin_sub_overflow(a[i], b[i], &net))
			return HUB_RANGE;
		a[i] = net > 0 ? net : 0;
		b[i] = net < 0 ? -net : 0;
	}
	r->net.import = *in;
	r->net.export = *out;
	r->net.import.values = a;
	r->net.export.values = b;
	r->net.import.scale = r->net.export.scale = scale;
	r->net.import.step = r->net.export.step = step;
	r->net.import.count = r->net.export.count = count;
	r->net.import.estimated = r->net.export.estimated = NULL;
	r->net.ready = true;
	return st;
}

/* Once for the call: the net of every step, which step netting bills and demand looks at. */
hub_status netting_start(rating *r)
{
	const tariff_netting *n = NULL;
	for (size_t i = 0; i < r->t->version_count && !n; i++) {
		if (r->t->versions[i].netting.mode != TARIFF_NETTING_NONE)
			n = &r->t->versions[i].netting;
	}
	if (!n)
		return HUB_OK;
	const usage_series *in = usage_series_find(r->u, n->import, NULL);
	const usage_series *out = usage_series_find(r->u, n->export, NULL);
	if (!in || !out || !in->step || !out->step)
		return n->mode == TARIFF_NETTING_STEP && in && out ? mismatch(r, "a series has no step") : HUB_OK;
	return split(r, in, out);
}

static decimal *kept(usage_state *s, const char *period)
{
	for (size_t i = 0; i < s->energy_count; i++) {
		if (!strcmp(s->energy[i].period, period))
			return &s->energy[i].value;
	}
	if (s->energy_count == CALENDAR_PERIODS_MAX)
		return NULL;
	s->energy[s->energy_count] = (state_energy) { period, decimal_of(0, 0) };
	return &s->energy[s->energy_count++].value;
}

/* Which periods occur in the cycle. */
static uint64_t occurring(const rating *r)
{
	uint64_t bits = 0;
	for (size_t e = calendar_find(&r->edges, r->cycle_from);
	     e < r->edges.count && r->edges.edges[e].at < r->cycle_to; e++)
		bits |= 1ull << r->edges.edges[e].period;
	return bits;
}

/*
 * Surplus of a period that this cycle does not have goes to the period that holds at the same time of
 * day: the surplus of winter's afternoon serves summer's. The time of day is that of the period's
 * first hour on a working day of the cycle before.
 */
static hub_status carry_over(rating *r, uint64_t now)
{
	usage_state *s = r->bill->state;
	const calendar *cal = r->cal;
	for (size_t p = 0; p < cal->period_count; p++) {
		decimal *from = kept(s, cal->names[p]);
		if (!from)
			return HUB_RANGE;
		if (now >> p & 1 || !decimal_sign(*from))
			continue;
		calendar_edges before;
		hub_time begin = local_months(r->zone, r->cycle_from, -1, 0);
		hub_status st = calendar_between(cal, r->zone, begin, r->cycle_to, r->a, &before);
		if (st != HUB_OK)
			return st;
		hub_time at = begin;
		for (; at < r->cycle_from; at += 900000000LL) {
			if (before.edges[calendar_find(&before, at)].period == p)
				break;
		}
		zone_civil c = zone_to_civil(r->zone, at), t = zone_to_civil(r->zone, r->cycle_from);
		while (zone_weekday(r->zone, r->cycle_from) != zone_weekday(r->zone, at) && t.day < 8) {
			t.day++;
			hub_time day;
			zone_from_civil(r->zone, t, &day, NULL);
			if (zone_weekday(r->zone, day) == zone_weekday(r->zone, at))
				break;
		}
		t.hour = c.hour;
		t.minute = c.minute;
		hub_time same;
		zone_from_civil(r->zone, t, &same, NULL);
		size_t to = before.edges[calendar_find(&before, same)].period;
		decimal *into = kept(s, cal->names[to]);
		if (!into)
			return HUB_RANGE;
		st = decimal_add(*into, *from, into);
		if (st != HUB_OK)
			return st;
		*from = decimal_of(0, 0);
	}
	return HUB_OK;
}

static hub_status sums_of(rating *r, const char *quantity, usage_sum *sums)
{
	hub_status st = HUB_OK;
	for (size_t i = 0; i < r->u->series_count && st == HUB_OK; i++) {
		if (!strcmp(r->u->series[i].quantity, quantity))
			st = usage_sums(&r->u->series[i], r->cycle_from, r->cycle_to, &r->edges, sums, r->fault);
	}
	return st;
}

/* Import less export less what was kept, period by period; what is left over is kept or sold. */
static hub_status period_net(rating *r, size_t p, decimal in, decimal out, bool keep)
{
	decimal net, *store = kept(r->bill->state, r->cal->names[p]);
	if (!store)
		return HUB_RANGE;
	hub_status st = decimal_sub(in, out, &net);
	if (st == HUB_OK && keep)
		st = decimal_sub(net, *store, &net);
	decimal none = decimal_of(0, 0), left = decimal_sign(net) < 0 ? decimal_neg(net) : none;
	r->energy_use[p] = decimal_sign(net) > 0 ? net : none;
	r->energy_gain[p] = keep ? none : left;
	*store = keep ? left : none;
	return st;
}

hub_status netting_cycle(rating *r)
{
	const tariff_netting *n = &r->v->netting;
	if (n->mode <= TARIFF_NETTING_STEP)
		return HUB_OK;
	bool keep = n->mode == TARIFF_NETTING_ENERGY;
	size_t periods = r->cal->period_count;
	usage_sum *in = arena_array(r->a, CALENDAR_PERIODS_MAX, sizeof *in);
	usage_sum *out = arena_array(r->a, CALENDAR_PERIODS_MAX, sizeof *out);
	if (!in || !out)
		return HUB_NOMEM;
	hub_status st = sums_of(r, n->import, in);
	if (st == HUB_OK)
		st = sums_of(r, n->export, out);
	if (st == HUB_OK && keep)
		st = carry_over(r, occurring(r));
	decimal *total = &r->bill->state->energy_total;
	for (size_t p = 0; p < periods && st == HUB_OK; p++) {
		st = period_net(r, p, in[p].amount, out[p].amount, keep);
		if (st == HUB_OK)
			st = decimal_add(*total, out[p].amount, total);
		if (st == HUB_OK)
			st = decimal_sub(*total, in[p].amount, total);
	}
	if (!keep || decimal_sign(*total) < 0)
		*total = decimal_of(0, 0);
	return st;
}
