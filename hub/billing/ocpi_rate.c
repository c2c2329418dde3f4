#include "billing/ocpi.h"

#include <string.h>
#include <strings.h>

#include "billing/rating_parts.h"

/* Digits of an amount by time, whose price is of an hour. */
enum { AMOUNT_DIGITS = 12 };
/* What is rounded to its step by itself. */
typedef enum group { BY_ENERGY, BY_TIME, BY_PARKING, BY_RESERVATION, GROUPS, BY_FEE = GROUPS } group;

/* What is billed at one component: kWh, seconds, or 1. */
typedef struct part {
	decimal quantity, amount;
	hub_time start, end;
	size_t readings;
	bool used;
} part;

typedef struct session {
	rating *r;
	const ocpi_tariff *t;
	ocpi_cut *cuts;
	part parts[OCPI_COMPONENTS_MAX];
	size_t order[OCPI_COMPONENTS_MAX], used;
	const ocpi_component *last[GROUPS];
	ocpi_costs *costs;
} session;

static group group_of(const ocpi_component *c)
{
	static const group groups[] = { BY_ENERGY, BY_FEE, BY_PARKING, BY_TIME };
	return c->reservation && c->dimension == OCPI_TIME ? BY_RESERVATION : groups[c->dimension];
}

static hub_status bill(session *s, const ocpi_component *c, decimal quantity, hub_time start, hub_time end)
{
	const size_t i = (size_t)(c - s->t->components);
	part *p = &s->parts[i];
	if (!p->used) {
		*p = (part) { .start = start, .used = true };
		s->order[s->used++] = i;
	}
	p->end = end;
	p->readings++;
	if (group_of(c) < GROUPS)
		s->last[group_of(c)] = c;
	return decimal_add(p->quantity, quantity, &p->quantity);
}

/* A fee is due once, when its element first is active. */
static hub_status bill_fee(session *s, const ocpi_moment *m)
{
	const ocpi_component *c;
	hub_status st = ocpi_find(s->t, m, OCPI_FLAT, &c, s->r->fault);
	if (st != HUB_OK || !c || s->parts[c - s->t->components].used)
		return st;
	return bill(s, c, decimal_of(1, 0), m->at, m->period->end);
}

static hub_status bill_dimension(session *s, const ocpi_moment *m, ocpi_dimension d, decimal quantity, hub_time end)
{
	const ocpi_component *c;
	if (!decimal_sign(quantity))
		return HUB_OK;
	hub_status st = ocpi_find(s->t, m, d, &c, s->r->fault);
	return st == HUB_OK && c ? bill(s, c, quantity, m->at, end) : st;
}

/* What falls on [from, to) of seconds told for the whole period; cuts add up. A period without length has all in its
 * first. */
static hub_status share(const ocpi_period *p, decimal whole, bool first, hub_time from, hub_time to, decimal *ret)
{
	decimal until[2];
	const hub_time ends[] = { from, to };
	hub_status st = HUB_OK;
	if (p->start == p->end) {
		*ret = first ? whole : decimal_of(0, 0);
		return HUB_OK;
	}
	for (int i = 0; i < 2 && st == HUB_OK; i++) {
		until[i] = ends[i] >= p->end ? whole : decimal_of(0, 0);
		if (ends[i] <= p->start || ends[i] >= p->end)
			continue;
		st = decimal_mul(whole, decimal_of(ends[i] - p->start, 0), &until[i]);
		if (st == HUB_OK)
			st = decimal_div(until[i], decimal_of(p->end - p->start, 0), AMOUNT_DIGITS, DECIMAL_HALF_EVEN,
					 &until[i]);
	}
	return st == HUB_OK ? decimal_sub(until[1], decimal_trim(until[0]), ret) : st;
}

static hub_status rate_segment(session *s, ocpi_moment *m, const ocpi_cut *from, const ocpi_cut *to)
{
	const ocpi_period *p = m->period;
	decimal energy, time, parking;
	m->at = from->at;
	m->kwh = from->kwh;
	hub_status st = decimal_sub(to->kwh, from->kwh, &energy);
	if (st == HUB_OK)
		st = share(p, p->time, from == s->cuts, from->at, to->at, &time);
	if (st == HUB_OK)
		st = share(p, p->parking, from == s->cuts, from->at, to->at, &parking);
	if (st == HUB_OK)
		st = bill_fee(s, m);
	if (st == HUB_OK)
		st = bill_dimension(s, m, OCPI_ENERGY, energy, to->at);
	if (st == HUB_OK)
		st = bill_dimension(s, m, OCPI_TIME, time, to->at);
	return st == HUB_OK ? bill_dimension(s, m, OCPI_PARKING, parking, to->at) : st;
}

static hub_status rate_reserved(session *s, ocpi_moment *m, bool expired)
{
	m->reservation = expired ? OCPI_EXPIRED : OCPI_RESERVED;
	hub_status st = bill_fee(s, m);
	if (st == HUB_OK)
		st = bill_dimension(s, m, OCPI_TIME, m->period->reserved, m->period->end);
	m->reservation = OCPI_SESSION;
	return st;
}

static bool only_reserved(const ocpi_period *p)
{
	return decimal_sign(p->reserved) && !decimal_sign(p->energy) && !decimal_sign(p->time) &&
	       !decimal_sign(p->parking);
}

static hub_status add_up(session *s, const ocpi_period *p)
{
	ocpi_costs *c = s->costs;
	hub_status st = decimal_add(c->kwh, p->energy, &c->kwh);
	if (st == HUB_OK)
		st = decimal_add(c->seconds, p->time, &c->seconds);
	if (st == HUB_OK)
		st = decimal_add(c->seconds, p->parking, &c->seconds);
	return st == HUB_OK ? decimal_add(c->parking_seconds, p->parking, &c->parking_seconds) : st;
}

static hub_status rate_period(session *s, const ocpi_cdr *cdr, const ocpi_period *p, hub_time began)
{
	ocpi_moment m = { .period = p, .at = p->start, .session = began, .kwh = s->costs->kwh, .zone = s->r->zone };
	size_t count = 0;
	hub_status st = HUB_OK;
	if (p->tariff && strcasecmp(p->tariff, s->r->t->code))
		return hub_fault_set(
		    s->r->fault, "usage.ocpi.tariff", "tariff_id",
		    "a period is of tariff '%.36s', this is '%.36s'; rate the periods of each tariff by it", p->tariff,
		    s->r->t->code);
	if (decimal_sign(p->reserved))
		st = rate_reserved(s, &m, cdr->expired);
	if (st != HUB_OK || only_reserved(p))
		return st;
	st = ocpi_cuts(s->t, &m, s->cuts, &count, s->r->fault);
	for (size_t i = 0; i + 1 < count && st == HUB_OK; i++)
		st = rate_segment(s, &m, &s->cuts[i], &s->cuts[i + 1]);
	return st == HUB_OK ? add_up(s, p) : st;
}

/* The total of a group, in Wh or seconds, up to a multiple of its last component's step. */
static hub_status round_up(session *s, group g)
{
	const ocpi_component *c = s->last[g];
	const decimal unit = decimal_of(1, g == BY_ENERGY ? 3 : 0);
	decimal sum = decimal_of(0, 0), step, rounded;
	hub_status st = HUB_OK;
	if (!c || !c->step || (g == BY_TIME && s->last[BY_PARKING]))
		return HUB_OK;
	for (size_t i = 0; i < s->t->count && st == HUB_OK; i++)
		if (s->parts[i].used && group_of(&s->t->components[i]) == g)
			st = decimal_add(sum, s->parts[i].quantity, &sum);
	part *p = &s->parts[c - s->t->components];
	if (st == HUB_OK)
		st = decimal_mul(decimal_of(c->step, 0), unit, &step);
	if (st == HUB_OK)
		st = decimal_round_unit(sum, step, DECIMAL_CEILING, &rounded);
	if (st == HUB_OK)
		st = decimal_sub(rounded, sum, &rounded);
	return st == HUB_OK ? decimal_add(p->quantity, rounded, &p->quantity) : st;
}

static hub_status hours(decimal seconds, decimal *ret)
{
	hub_status st = decimal_div(seconds, decimal_of(3600, 0), AMOUNT_DIGITS, DECIMAL_HALF_UP, ret);
	*ret = decimal_trim(*ret);
	return st;
}

static ocpi_cost *cost_of(ocpi_costs *c, const ocpi_component *of)
{
	ocpi_cost *const costs[] = { &c->energy, &c->fixed, &c->parking, &c->time };
	return of->reservation ? &c->reservation : costs[of->dimension];
}

/* Amount without and with VAT into the cost of its kind and the total. */
static hub_status cost_add(session *s, const ocpi_component *c, decimal amount)
{
	ocpi_cost *const sums[] = { cost_of(s->costs, c), &s->costs->total };
	decimal vat = decimal_of(0, 0);
	hub_status st = c->has_vat ? decimal_mul(amount, c->vat, &vat) : HUB_OK;
	if (st == HUB_OK)
		st = decimal_add(amount, vat, &vat);
	for (int i = 0; i < 2 && st == HUB_OK; i++) {
		st = decimal_add(sums[i]->excl, amount, &sums[i]->excl);
		if (st == HUB_OK)
			st = decimal_add(sums[i]->incl, vat, &sums[i]->incl);
	}
	s->costs->has_incl |= c->has_vat;
	return st;
}

static hub_status component_line(session *s, size_t i)
{
	const ocpi_component *c = &s->t->components[i];
	part *p = &s->parts[i];
	const group g = group_of(c);
	rating_line line = { .charge = c->charge,
			     .form = RATING_SHARE,
			     .block = -1,
			     .period = -1,
			     .unit = c->charge->unit,
			     .quantity = p->quantity,
			     .price = c->price,
			     .readings = g == BY_FEE ? 0 : p->readings,
			     .start = p->start,
			     .end = p->end };
	hub_status st = decimal_mul(p->quantity, c->price, &line.amount);
	if (st == HUB_OK && g != BY_ENERGY && g != BY_FEE) {
		st = hours(line.amount, &line.amount);
		if (st == HUB_OK)
			st = hours(p->quantity, &line.quantity);
	}
	p->amount = line.amount;
	if (st == HUB_OK)
		st = rating_add(s->r, line);
	return st == HUB_OK ? cost_add(s, c, line.amount) : st;
}

static hub_status fill_line(session *s, const tariff_charge *c, decimal from, decimal to)
{
	rating_line line = { .charge = c,
			     .form = RATING_FILL,
			     .block = -1,
			     .period = -1,
			     .unit = s->r->t->currency,
			     .quantity = from,
			     .price = to,
			     .start = s->r->u->start,
			     .end = s->r->u->end };
	hub_status st = decimal_sub(to, from, &line.amount);
	return st == HUB_OK ? rating_add(s->r, line) : st;
}

static bool passes(const ocpi_bound *b, decimal value, bool least)
{
	return b->set && decimal_cmp(value, b->value) * (least ? -1 : 1) > 0;
}

/* Without VAT the total moves to the bound; with VAT to its own, or by as much where none is told. */
static hub_status bound(session *s, const ocpi_price *p, bool least)
{
	ocpi_cost *c = &s->costs->total;
	hub_status st = HUB_OK;
	if (passes(&p->excl, c->excl, least)) {
		decimal moved;
		st = decimal_sub(p->excl.value, c->excl, &moved);
		if (st == HUB_OK && !p->incl.set)
			st = decimal_add(c->incl, moved, &c->incl);
		if (st == HUB_OK)
			st = fill_line(s, p->excl_charge, c->excl, p->excl.value);
		c->excl = p->excl.value;
	}
	if (passes(&p->incl, c->incl, least))
		c->incl = p->incl.value;
	return st;
}

static hub_status vat_lines(session *s, decimal *sum)
{
	const tariff_version *v = s->r->v;
	hub_status st = HUB_OK;
	for (size_t k = 0; k < v->charge_count && st == HUB_OK; k++) {
		const tariff_charge *vat = &v->charges[k];
		decimal base = decimal_of(0, 0);
		if (vat->kind != TARIFF_PERCENT)
			continue;
		for (size_t i = 0; i < s->t->count && st == HUB_OK; i++) {
			const ocpi_component *c = &s->t->components[i];
			if (s->parts[i].used && c->has_vat && !decimal_cmp(c->vat, vat->price.all))
				st = decimal_add(base, s->parts[i].amount, &base);
		}
		rating_line line = { .charge = vat,
				     .form = RATING_PERCENT,
				     .block = -1,
				     .period = -1,
				     .unit = s->r->t->currency,
				     .quantity = base,
				     .price = vat->price.all,
				     .start = s->r->u->start,
				     .end = s->r->u->end };
		if (st == HUB_OK && decimal_sign(base) && decimal_sign(vat->price.all)) {
			st = rating_add(s->r, line);
			if (st == HUB_OK)
				st = decimal_add(*sum, s->r->bill->lines[s->r->bill->count - 1].amount, sum);
		}
	}
	return st;
}

static hub_status totals(session *s)
{
	hub_status st = bound(s, &s->t->min, true);
	if (st == HUB_OK)
		st = bound(s, &s->t->max, false);
	decimal with_vat = s->costs->total.excl;
	if (st == HUB_OK)
		st = vat_lines(s, &with_vat);
	s->costs->has_incl |= s->t->min.incl.set || s->t->max.incl.set;
	const decimal incl = s->costs->total.incl;
	const int way = decimal_cmp(incl, with_vat);
	const ocpi_price *p = (way > 0 ? s->t->min.incl.set : !s->t->max.incl.set) ? &s->t->min : &s->t->max;
	if (st == HUB_OK && way && p->incl_charge)
		st = fill_line(s, p->incl_charge, with_vat, incl);
	return st;
}

static hub_status rate_session(session *s, const ocpi_cdr *cdr)
{
	hub_status st = HUB_OK;
	hub_time began = INT64_MIN;
	for (size_t i = 0; i < cdr->count && st == HUB_OK; i++) {
		if (began == INT64_MIN && !only_reserved(&cdr->periods[i]))
			began = cdr->periods[i].start;
		st = rate_period(s, cdr, &cdr->periods[i], began == INT64_MIN ? cdr->periods[i].start : began);
	}
	for (group g = BY_ENERGY; g < GROUPS && st == HUB_OK; g++)
		st = round_up(s, g);
	for (size_t i = 0; i < s->used && st == HUB_OK; i++)
		st = component_line(s, s->order[i]);
	return st == HUB_OK ? totals(s) : st;
}

static hub_status checked(const rating *r, const ocpi_cdr *cdr)
{
	const ocpi_tariff *t = r->t->ocpi;
	if (t->local && !r->zone)
		return hub_fault_set(r->fault, "usage.zone", "time_zone",
				     "the tariff goes by local time: name the location's 'time_zone' in the CDR, or "
				     "'zone' in the tariff");
	if ((t->from && r->u->start < t->from) || (t->to && r->u->start >= t->to))
		return hub_fault_set(r->fault, "ocpi.validity", "start_date_time",
				     "the session began when the tariff was not valid; take the one that was");
	if (cdr->currency && strcmp(cdr->currency, r->t->currency))
		return hub_fault_set(r->fault, "tariff.currency.mix", "currency",
				     "the CDR is in %.8s, the tariff in %.8s", cdr->currency, r->t->currency);
	return HUB_OK;
}

/* The lines add up to the total: with VAT where any is told. */
static hub_status finish(session *s)
{
	rating_bill *b = s->r->bill;
	hub_status st = HUB_OK;
	for (size_t i = 0; i < b->count && st == HUB_OK; i++)
		st = decimal_add(b->total, b->lines[i].amount, &b->total);
	b->total = decimal_trim(b->total);
	b->cycle_count = 1;
	b->cycles = arena_array(s->r->a, 1, sizeof *b->cycles);
	if (!b->cycles)
		return HUB_NOMEM;
	b->cycles[0] =
	    (rating_cycle) { .start = s->r->u->start, .end = s->r->u->end, .total = b->total, .count = b->count };
	b->costs = s->costs;
	return st;
}

hub_status ocpi_rate(const tariff *t, const usage *u, arena *a, rating_bill *ret, hub_fault *fault)
{
	ocpi_cdr own = { 0 };
	rating *r;
	hub_status st = rating_open(t, u, a, fault, &r);
	session *s = st == HUB_OK ? arena_alloc(a, sizeof *s) : NULL;
	if (!s)
		return HUB_NOMEM;
	s->cuts = arena_array(a, OCPI_CUTS_MAX, sizeof *s->cuts);
	s->costs = arena_alloc(a, sizeof *s->costs);
	if (!s->cuts || !s->costs)
		return HUB_NOMEM;
	r->v = &t->versions[0];
	s->r = r;
	s->t = t->ocpi;
	st = u->cdr ? HUB_OK : ocpi_session_of(u, a, &own, fault);
	const ocpi_cdr *cdr = u->cdr ? u->cdr : &own;
	if (st == HUB_OK)
		st = checked(r, cdr);
	if (st == HUB_OK)
		st = rate_session(s, cdr);
	if (st == HUB_OK)
		st = finish(s);
	if (st == HUB_RANGE)
		return hub_fault_set(fault, "rating.range", "",
				     "a number passed 128 bits; the session or a price is out of proportion");
	if (st == HUB_OK)
		*ret = *r->bill;
	return st;
}

static void cost_json(const char *name, const ocpi_cost *c, bool has_incl, buf *out)
{
	char excl[DECIMAL_TEXT], incl[DECIMAL_TEXT];
	buf_printf(out, "\"%s\":{\"excl_vat\":\"%s\"", name, decimal_text(decimal_trim(c->excl), excl));
	if (has_incl)
		buf_printf(out, ",\"incl_vat\":\"%s\"", decimal_text(decimal_trim(c->incl), incl));
	buf_text(out, "},");
}

static void hours_json(const char *name, decimal seconds, const char *behind, buf *out)
{
	char text[DECIMAL_TEXT];
	decimal h = { 0 };
	if (hours(seconds, &h) == HUB_OK)
		buf_printf(out, "\"%s\":\"%s\"%s", name, decimal_text(h, text), behind);
}

void ocpi_costs_json(const ocpi_costs *c, buf *out)
{
	char text[DECIMAL_TEXT];
	cost_json("total_cost", &c->total, c->has_incl, out);
	cost_json("total_fixed_cost", &c->fixed, c->has_incl, out);
	cost_json("total_energy_cost", &c->energy, c->has_incl, out);
	cost_json("total_time_cost", &c->time, c->has_incl, out);
	cost_json("total_parking_cost", &c->parking, c->has_incl, out);
	cost_json("total_reservation_cost", &c->reservation, c->has_incl, out);
	buf_printf(out, "\"total_energy\":\"%s\",", decimal_text(decimal_trim(c->kwh), text));
	hours_json("total_time", c->seconds, ",", out);
	hours_json("total_parking_time", c->parking_seconds, "", out);
}
