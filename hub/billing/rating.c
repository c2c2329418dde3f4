#include "billing/rating.h"

#include <string.h>

#include "base/grow.h"
#include "billing/ocpi.h"
#include "billing/rating_parts.h"

enum { CYCLES_MAX = 1200, LINES_MAX = 200000, YEARS_MAX = 30 };

hub_status rating_round(const rating *r, const tariff_charge *c, decimal *amount)
{
	const tariff_round *round = c && c->round.set ? &c->round : &r->v->line;
	return round->set ? decimal_round_unit(*amount, round->unit, round->mode, amount) : HUB_OK;
}

hub_status rating_add(rating *r, rating_line line)
{
	rating_bill *b = r->bill;
	if (b->count == LINES_MAX)
		return hub_fault_set(r->fault, "rating.size", "", "a bill has at most %d lines", LINES_MAX);
	rating_line *more = arena_grow(r->a, b->lines, b->count, &r->line_cap, sizeof *more, 16);
	if (!more)
		return HUB_NOMEM;
	b->lines = more;
	line.version = r->v;
	hub_status st = HUB_OK;
	if (line.charge) {
		if (line.form != RATING_FILL && line.form != RATING_MARKET && line.form != RATING_SHARE)
			st = decimal_mul(line.quantity, line.price, &line.amount);
		if (st == HUB_OK)
			st = rating_round(r, line.charge, &line.amount);
		if (line.charge->credit)
			line.amount = decimal_neg(line.amount);
	}
	line.amount = decimal_trim(line.amount);
	if (st == HUB_OK)
		b->lines[b->count++] = line;
	return st;
}

static hub_status (*const rates[])(rating *r, const tariff_charge *c) = {
	[TARIFF_USAGE] = rate_usage,
	[TARIFF_FIXED] = rate_fixed,
	[TARIFF_DEMAND] = rate_demand,
	[TARIFF_PERCENT] = rate_percent,
	[TARIFF_MINIMUM] = rate_bound,
	[TARIFF_MAXIMUM] = rate_bound,
	[TARIFF_POWER_FACTOR] = rate_power_factor,
};

bool rating_applies(const rating *r, const tariff_charge *c)
{
	if (!c->if_fact)
		return true;
	const usage_fact *fact = usage_fact_find(r->u, c->if_fact);
	return fact && !strcmp(fact->text, c->if_value);
}

static hub_status use_calendar(rating *r, const calendar *cal)
{
	if (r->cal == cal && r->edges.from <= r->cycle_from && r->edges.to >= r->cycle_to)
		return HUB_OK;
	r->cal = cal;
	hub_status st = calendar_between(cal, r->zone, r->cycle_from, r->cycle_to, r->a, &r->edges);
	if (st == HUB_RANGE)
		return hub_fault_set(r->fault, "usage.period", "start", "a cycle is at most ten years long");
	return st;
}

static hub_status rate_piece(rating *r)
{
	r->piece_line = r->bill->count;
	r->demand = decimal_of(0, 0);
	hub_status st = use_calendar(r, r->v->calendars[0]);
	if (st == HUB_OK && r->from == r->cycle_from)
		st = netting_cycle(r);
	for (size_t i = 0; i < r->v->charge_count && st == HUB_OK; i++) {
		const tariff_charge *c = &r->v->charges[i];
		if (c->after_credit || !rating_applies(r, c))
			continue;
		st = use_calendar(r, c->calendar);
		if (st == HUB_OK)
			st = rates[c->kind](r, c);
	}
	return st;
}

static hub_status change_part(rating *r)
{
	int64_t days = local_days(r->zone, r->from, r->to), whole = local_days(r->zone, r->cycle_from, r->cycle_to);
	r->changed = r->from != r->cycle_from || r->to != r->cycle_to;
	if (!r->changed || !whole)
		return HUB_OK;
	return decimal_div(decimal_of(days, 0), decimal_of(whole, 0), 18, DECIMAL_HALF_EVEN, &r->change_part);
}

static hub_status rate_cycle(rating *r, rating_cycle *ret)
{
	rating_bill *b = r->bill;
	r->cycle_line = b->count;
	b->state->cycle_count = 0;
	hub_status st = HUB_OK;
	for (r->from = r->cycle_from; r->from < r->cycle_to && st == HUB_OK; r->from = r->to) {
		r->v = tariff_at(r->t, r->from);
		if (!r->v)
			return hub_fault_set(
			    r->fault, "tariff.version.none", "valid_from",
			    "tariff '%.60s' has no version for the beginning of the cycle; add one that is valid then",
			    r->t->code);
		r->to = r->v->to < r->cycle_to ? r->v->to : r->cycle_to;
		r->piece_last = r->to == r->cycle_to;
		st = change_part(r);
		if (st == HUB_OK)
			st = rate_piece(r);
	}
	if (st == HUB_OK)
		st = settle_cycle(r);
	*ret = (rating_cycle) { .start = r->cycle_from,
				.end = r->cycle_to,
				.first = r->cycle_line,
				.count = b->count - r->cycle_line,
				.energy = b->state->energy_total,
				.money = b->state->money,
				.demand = r->demand };
	decimal sum = decimal_of(0, 0);
	for (size_t i = r->cycle_line; i < b->count && st == HUB_OK; i++)
		st = decimal_add(sum, b->lines[i].amount, &sum);
	ret->total = decimal_trim(sum);
	return st;
}

/* The cycle that begins at or before `from`, cut to the usage. */
static void cycle_set(rating *r, hub_time from)
{
	r->cycle_first = from == r->u->start;
	r->cycle_begin = r->cycle_from = from;
	r->cycle_to = r->cycle_end = r->u->end;
	if (!r->t->cycle_months)
		return;
	tariff_ladder l = { .months = r->t->cycle_months, .reset_month = 1, .reset_day = r->t->cycle_day };
	ladder_period(r->zone, &l, from, &r->cycle_begin, &r->cycle_end);
	if (r->cycle_end < r->u->end)
		r->cycle_to = r->cycle_end;
}

const state_cycle *rating_cut(const rating *r, const tariff_charge *c)
{
	const usage_state *s = &r->u->state;
	for (size_t i = 0; r->cycle_first && i < s->cycle_count; i++)
		if (s->cycles[i].begin == r->cycle_begin && !strcmp(s->cycles[i].code, c->code))
			return &s->cycles[i];
	return NULL;
}

hub_status rating_cut_keep(rating *r, const tariff_charge *c, decimal amount, int64_t days)
{
	usage_state *s = r->bill->state;
	size_t i = 0;
	if (r->cycle_to == r->cycle_end)
		return HUB_OK;
	while (i < s->cycle_count && strcmp(s->cycles[i].code, c->code))
		i++;
	if (i == STATE_CYCLES_MAX)
		return HUB_RANGE;
	s->cycle_count += i == s->cycle_count;
	s->cycles[i] = (state_cycle) { c->code, r->cycle_begin, decimal_trim(amount), days };
	return HUB_OK;
}

static hub_status rate_cycles(rating *r)
{
	rating_bill *b = r->bill;
	size_t cap = 0;
	hub_status st = HUB_OK;
	for (hub_time at = r->u->start; at < r->u->end && st == HUB_OK; at = r->cycle_to) {
		rating_cycle *list = arena_grow(r->a, b->cycles, b->cycle_count, &cap, sizeof *list, 4);
		if (!list)
			return HUB_NOMEM;
		b->cycles = list;
		if (b->cycle_count == CYCLES_MAX)
			return hub_fault_set(r->fault, "rating.size", "", "at most %d cycles at a time", CYCLES_MAX);
		cycle_set(r, at);
		st = rate_cycle(r, &b->cycles[b->cycle_count]);
		if (st == HUB_OK)
			st = decimal_add(b->total, b->cycles[b->cycle_count++].total, &b->total);
	}
	return st;
}

static hub_status prepaid_level(const rating *r, rating_bill *b)
{
	const usage_fact *balance = usage_fact_find(r->u, "balance");
	if (!r->t->has_prepaid || !balance || !balance->is_number)
		return HUB_OK;
	hub_status st = decimal_sub(balance->number, b->total, &b->balance);
	b->has_level = true;
	b->level = decimal_cmp(b->balance, r->t->prepaid_second) <= 0  ? 2
		   : decimal_cmp(b->balance, r->t->prepaid_first) <= 0 ? 1
								       : 0;
	return st;
}

hub_status rating_open(const tariff *t, const usage *u, arena *a, hub_fault *fault, rating **ret)
{
	rating_bill *b = arena_alloc(a, sizeof *b);
	rating *r = arena_alloc(a, sizeof *r);
	if (!b || !r)
		return HUB_NOMEM;
	b->currency = t->currency;
	b->notes = t->notes;
	b->note_count = t->note_count;
	b->state = arena_alloc(a, sizeof *b->state);
	if (!b->state)
		return HUB_NOMEM;
	usage_state_copy(b->state, &u->state);
	r->t = t;
	r->u = u;
	r->zone = t->zone ? t->zone : u->zone;
	r->a = a;
	r->fault = fault;
	r->bill = b;
	*ret = r;
	return HUB_OK;
}

hub_status rating_rate(const tariff *t, const usage *u, arena *a, rating_bill *ret, hub_fault *fault)
{
	if (t->ocpi)
		return ocpi_rate(t, u, a, ret, fault);
	if (u->cdr)
		return hub_fault_set(fault, "usage.ocpi", "charging_periods",
				     "a CDR is rated by an OCPI Tariff object; give that as the tariff");
	rating *r;
	if (!t->zone && !u->zone)
		return hub_fault_set(fault, "usage.zone", "zone", "this tariff has no zone: the usage must name one");
	hub_status st = rating_open(t, u, a, fault, &r);
	if (st != HUB_OK)
		return st;
	rating_bill *b = r->bill;
	if (u->end <= u->start || u->end - u->start > YEARS_MAX * 366 * 86400000000LL)
		return hub_fault_set(fault, "usage.period", "start",
				     "a usage has an end after its start, at most %d years later", YEARS_MAX);
	for (size_t i = 0; i < u->series_count; i++) {
		int64_t missing = u->end - u->start - usage_covered(&u->series[i], u->start, u->end);
		if (missing > b->missing)
			b->missing = missing;
	}
	st = netting_start(r);
	if (st == HUB_OK)
		st = rate_cycles(r);
	if (st == HUB_OK)
		st = prepaid_level(r, b);
	if (st == HUB_RANGE)
		return hub_fault_set(fault, "rating.range", "",
				     "a number passed 128 bits; the usage or a price is out of proportion");
	if (st == HUB_OK)
		*ret = *b;
	return st;
}
