#include <string.h>

#include "billing/rating_parts.h"

hub_status rating_fact(const rating *r, const char *name, decimal *ret)
{
	const usage_fact *fact = usage_fact_find(r->u, name);
	if (!fact || !fact->is_number)
		return hub_fault_set(r->fault, "usage.fact.missing", "facts",
				     "the tariff needs fact '%.60s' as a decimal; add it to 'facts'", name);
	*ret = fact->number;
	return HUB_OK;
}

/* A meter that some charge of the same quantity names belongs to that charge alone. */
static bool meter_matches(const rating *r, const tariff_charge *c, const usage_series *s)
{
	if (c->meter)
		return !strcmp(c->meter, s->meter);
	for (size_t i = 0; i < r->v->charge_count; i++) {
		const tariff_charge *o = &r->v->charges[i];
		if (o->meter && o->quantity && !strcmp(o->quantity, s->quantity) && !strcmp(o->meter, s->meter))
			return false;
	}
	return true;
}

static hub_status unit_matches(const rating *r, const tariff_charge *c, const char *unit)
{
	if (!strcmp(unit, c->unit) || c->scale_count || decimal_sign(c->divide))
		return HUB_OK;
	return hub_fault_set(
	    r->fault, "usage.unit", "unit",
	    "charge '%.40s' counts %.40s in %.20s, the usage gives %.20s; convert the usage or give the charge a "
	    "'scale'",
	    c->code, c->quantity, c->unit, unit);
}

/* A fact has no time: it belongs to the whole usage and is divided by days only where it must be. */
static hub_status fact_sum(rating *r, const tariff_charge *c, hub_time from, hub_time to, rating_sums *ret)
{
	const usage_fact *fact = usage_fact_find(r->u, c->quantity);
	if (!fact || !fact->is_number)
		return hub_fault_set(r->fault, "usage.missing", "series",
				     "charge '%.40s' needs %.60s: no series and no fact gives it", c->code,
				     c->quantity);
	hub_status st = fact->unit[0] ? unit_matches(r, c, fact->unit) : HUB_OK;
	if (st != HUB_OK)
		return st;
	if (r->cal->period_count > 1 && c->price.by_period)
		return hub_fault_set(r->fault, "usage.fact.period", "facts",
				     "charge '%.40s' has prices by period and fact '%.60s' has no time; give a series",
				     c->code, c->quantity);
	usage_span whole = { r->u->start, r->u->end, 0, false };
	usage_series s = { .quantity = c->quantity, .unit = "", .meter = "", .spans = &whole, .count = 1 };
	s.scale = fact->number.scale;
	if (decimal_to_int64(fact->number, s.scale, DECIMAL_DOWN, &whole.amount) != HUB_OK)
		return HUB_RANGE;
	return usage_amount(&s, from, to, &ret->by_period[0]);
}

static hub_status netted(const rating *r, const tariff_charge *c, rating_sums *ret, bool *done)
{
	const tariff_netting *n = &r->v->netting;
	*done = false;
	if (n->mode <= TARIFF_NETTING_STEP)
		return HUB_OK;
	bool import = !strcmp(c->quantity, n->import), export = !strcmp(c->quantity, n->export);
	if (!import && !export)
		return HUB_OK;
	for (size_t p = 0; p < r->cal->period_count; p++)
		ret->by_period[p].amount = import ? r->energy_use[p] : r->energy_gain[p];
	*done = true;
	return HUB_OK;
}

static const usage_series *series_at(const rating *r, size_t i)
{
	const usage_series *s = &r->u->series[i];
	if (r->v->netting.mode != TARIFF_NETTING_STEP || !r->net.ready)
		return s;
	if (!strcmp(s->quantity, r->net.import.quantity))
		return &r->net.import;
	return s;
}

/* Sums of every series that the charge counts. */
static hub_status series_sum(rating *r, const tariff_charge *c, hub_time from, hub_time to, rating_sums *ret)
{
	bool step = r->v->netting.mode == TARIFF_NETTING_STEP && r->net.ready;
	if (step && !strcmp(c->quantity, r->v->netting.export)) {
		hub_status st = unit_matches(r, c, r->net.export.unit);
		return st == HUB_OK ? usage_sums(&r->net.export, from, to, &r->edges, ret->by_period, r->fault) : st;
	}
	bool found = false;
	hub_status st = HUB_OK;
	for (size_t i = 0; i < r->u->series_count && st == HUB_OK; i++) {
		const usage_series *s = series_at(r, i);
		if (strcmp(s->quantity, c->quantity) || !meter_matches(r, c, s))
			continue;
		found = true;
		if (s->instant)
			return hub_fault_set(
			    r->fault, "usage.instant", "series",
			    "charge '%.40s' counts amounts, and the series of %.40s holds powers or prices", c->code,
			    c->quantity);
		st = unit_matches(r, c, s->unit);
		if (st == HUB_OK)
			st = usage_sums(s, from, to, &r->edges, ret->by_period, r->fault);
	}
	/* Without a series of what a customer feeds in there is no plant. */
	if (st == HUB_OK && !found && !c->credit)
		st = c->meter
			 ? hub_fault_set(r->fault, "usage.missing", "series",
					 "charge '%.40s' needs %.60s of meter '%.40s'", c->code, c->quantity, c->meter)
			 : fact_sum(r, c, from, to, ret);
	return st;
}

/* exact: without the roundings that belong to the whole amount. */
static hub_status convert(const tariff_charge *c, bool exact, decimal *d)
{
	hub_status st = HUB_OK;
	if (c->raw_round.set && !exact)
		st = decimal_round_unit(*d, c->raw_round.unit, c->raw_round.mode, d);
	for (size_t i = 0; i < c->scale_count && st == HUB_OK; i++)
		st = decimal_mul(*d, c->scale[i], d);
	if (st == HUB_OK && decimal_sign(c->divide))
		st = decimal_div(*d, c->divide, 12, DECIMAL_HALF_UP, d);
	if (st == HUB_OK && c->quantity_round.set && !exact)
		st = decimal_round_unit(*d, c->quantity_round.unit, c->quantity_round.mode, d);
	return st;
}

/*
 * Use split by days over the versions of a cycle: the piece's share of the cycle's total, rounded as
 * the tariff says; the last piece takes what the others left.
 */
static hub_status by_days(rating *r, const tariff_charge *c, rating_sums *ret)
{
	rating_sums *all = arena_alloc(r->a, sizeof *all), *before = arena_alloc(r->a, sizeof *before);
	if (!all || !before)
		return HUB_NOMEM;
	hub_status st = series_sum(r, c, r->cycle_from, r->cycle_to, all);
	int64_t whole = local_days(r->zone, r->cycle_from, r->cycle_to);
	int64_t upto[2] = { local_days(r->zone, r->cycle_from, r->from), local_days(r->zone, r->cycle_from, r->to) };
	for (size_t p = 0; p < r->cal->period_count && st == HUB_OK; p++) {
		decimal edge[2];
		for (int i = 0; i < 2 && st == HUB_OK; i++) {
			st = decimal_mul(all->by_period[p].amount, decimal_of(upto[i], 0), &edge[i]);
			if (st == HUB_OK)
				st = decimal_div(edge[i], decimal_of(whole, 0), 9, DECIMAL_HALF_UP, &edge[i]);
			if (upto[i] == whole)
				edge[i] = all->by_period[p].amount;
			else if (st == HUB_OK && r->t->change_round.set)
				st = decimal_round_unit(edge[i], r->t->change_round.unit, r->t->change_round.mode,
							&edge[i]);
		}
		ret->by_period[p] = all->by_period[p];
		if (st == HUB_OK)
			st = decimal_sub(edge[1], edge[0], &ret->by_period[p].amount);
	}
	return st;
}

hub_status rating_sums_of(rating *r, const tariff_charge *c, hub_time from, hub_time to, rating_sums *ret)
{
	size_t periods = r->cal->period_count;
	memset(ret->by_period, 0, periods * sizeof *ret->by_period);
	ret->total = ret->estimated = decimal_of(0, 0);
	ret->readings = 0;
	bool done;
	hub_status st = netted(r, c, ret, &done);
	if (st == HUB_OK && !done)
		st = r->changed && r->t->change_by_days && from == r->from && to == r->to
			 ? by_days(r, c, ret)
			 : series_sum(r, c, from, to, ret);
	bool converts = c->scale_count || decimal_sign(c->divide) || c->quantity_round.set || c->raw_round.set;
	for (size_t p = 0; p < periods && st == HUB_OK; p++) {
		usage_sum *s = &ret->by_period[p];
		if (!(c->periods >> p & 1)) {
			*s = (usage_sum) { 0 };
			continue;
		}
		if (converts && decimal_sign(s->amount))
			st = convert(c, false, &s->amount);
		if (st == HUB_OK && converts && decimal_sign(s->estimated))
			st = convert(c, true, &s->estimated);
		s->amount = decimal_trim(s->amount);
		if (st == HUB_OK)
			st = decimal_add(ret->total, s->amount, &ret->total);
		if (st == HUB_OK && decimal_sign(s->estimated))
			st = decimal_add(ret->estimated, s->estimated, &ret->estimated);
		ret->readings += s->readings;
	}
	return st;
}

static hub_status shape(const tariff_charge *c, decimal *q)
{
	hub_status st = HUB_OK;
	if (decimal_sign(c->free)) {
		st = decimal_sub(*q, c->free, q);
		if (st == HUB_OK && decimal_sign(*q) < 0)
			*q = decimal_of(0, 0);
	}
	if (st == HUB_OK && c->has_cap && decimal_cmp(*q, c->cap) > 0)
		*q = c->cap;
	if (st == HUB_OK && decimal_sign(c->step))
		st = decimal_round_unit(*q, c->step, DECIMAL_CEILING, q);
	if (st == HUB_OK && c->package)
		st = decimal_div(*q, c->step, 0, DECIMAL_HALF_UP, q);
	return st;
}

static bool limited(const tariff_charge *c)
{
	return decimal_sign(c->free) || c->has_cap || decimal_sign(c->step);
}

hub_status rating_shape_on(rating *r, const tariff_charge *c, decimal *used, hub_time *since, decimal *q)
{
	if (!limited(c))
		return HUB_OK;
	bool begins = r->from == r->cycle_from;
	bool goes_on = *since ? *since == r->cycle_begin && (begins || r->t->quota != TARIFF_QUOTA_FULL)
			      : begins && r->cycle_first;
	decimal before = goes_on ? *used : decimal_of(0, 0), had = before;
	hub_status st = decimal_add(before, *q, used);
	*since = r->cycle_begin;
	*q = *used;
	if (st == HUB_OK)
		st = shape(c, q);
	if (st == HUB_OK)
		st = shape(c, &had);
	return st == HUB_OK ? decimal_sub(*q, had, q) : st;
}

static hub_status one_price(rating *r, const tariff_charge *c, const rating_sums *sums, hub_time from, hub_time to)
{
	decimal q = sums->total;
	bool package = c->package;
	hub_status st = HUB_OK;
	if (limited(c)) {
		state_ladder *s = rating_standing(r, c);
		st = s ? rating_shape_on(r, c, &s->used, &s->since, &q) : HUB_RANGE;
	}
	if (st != HUB_OK || !decimal_sign(q))
		return st;
	return rating_add(r, (rating_line) {
				 .charge = c,
				 .form = package ? RATING_PACKAGE : RATING_AMOUNT,
				 .block = -1,
				 .period = -1,
				 .unit = package ? "1" : c->unit,
				 .quantity = q,
				 .price = c->price.all,
				 .start = from,
				 .end = to,
				 .readings = sums->readings,
				 .estimated = sums->estimated,
			     });
}

hub_status rate_usage(rating *r, const tariff_charge *c)
{
	hub_time from = c->from > r->from ? c->from : r->from;
	hub_time to = c->to && c->to < r->to ? c->to : r->to;
	if (from >= to)
		return HUB_OK;
	if (c->has_ladder)
		return rate_ladder(r, c, from, to);
	if (c->market.series)
		return rate_market(r, c, from, to);
	rating_sums sums;
	hub_status st = rating_sums_of(r, c, from, to, &sums);
	if (st == HUB_OK && !c->price.by_period)
		return one_price(r, c, &sums, from, to);
	for (size_t p = 0; p < r->cal->period_count && st == HUB_OK; p++) {
		const usage_sum *s = &sums.by_period[p];
		if (!decimal_sign(s->amount))
			continue;
		st = rating_add(r, (rating_line) {
				       .charge = c,
				       .form = RATING_AMOUNT,
				       .block = -1,
				       .period = (int)p,
				       .unit = c->unit,
				       .quantity = s->amount,
				       .price = c->price.by_period[p],
				       .start = from,
				       .end = to,
				       .readings = s->readings,
				       .estimated = s->estimated,
				   });
	}
	return st;
}
