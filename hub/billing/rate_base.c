#include <string.h>

#include "billing/rating_parts.h"

static bool in_base(const tariff_charge *c, const rating_line *l)
{
	if (c->base_all)
		return true;
	for (size_t i = 0; l->charge && i < c->base_count; i++) {
		if (!strcmp(c->base[i], l->charge->code))
			return true;
	}
	return false;
}

/* Sum of the lines from `first` on that belong to the base. */
static hub_status base_sum(const rating *r, const tariff_charge *c, size_t first, decimal *ret)
{
	decimal sum = decimal_of(0, 0);
	hub_status st = HUB_OK;
	for (size_t i = first; i < r->bill->count && st == HUB_OK; i++) {
		if (in_base(c, &r->bill->lines[i]))
			st = decimal_add(sum, r->bill->lines[i].amount, &sum);
	}
	*ret = sum;
	return st;
}

static rating_line whole_line(const rating *r, const tariff_charge *c, rating_form form)
{
	return (rating_line) { .charge = c,
			       .form = form,
			       .block = -1,
			       .period = -1,
			       .unit = r->t->currency,
			       .start = r->from,
			       .end = r->to };
}

hub_status rate_percent(rating *r, const tariff_charge *c)
{
	if ((c->to && c->to <= r->from) || c->from >= r->to)
		return HUB_OK;
	rating_line l = whole_line(r, c, RATING_PERCENT);
	l.price = c->price.all;
	hub_status st = base_sum(r, c, r->piece_line, &l.quantity);
	return st != HUB_OK || !decimal_sign(l.quantity) ? st : rating_add(r, l);
}

static state_year *year_of(rating *r, const tariff_charge *c)
{
	usage_state *s = r->bill->state;
	int year = zone_to_civil(r->zone, r->cycle_from).year;
	for (size_t i = 0; i < s->year_count; i++) {
		if (strcmp(s->years[i].code, c->code))
			continue;
		if (s->years[i].year != year)
			s->years[i] = (state_year) { c->code, year, decimal_of(0, 0) };
		return &s->years[i];
	}
	if (s->year_count == STATE_YEARS_MAX)
		return NULL;
	s->years[s->year_count] = (state_year) { c->code, year, decimal_of(0, 0) };
	return &s->years[s->year_count++];
}

/* A yearly bound is settled in the cycle that ends the year, over what the year's bills came to. */
static hub_status year_bound(rating *r, const tariff_charge *c, decimal *base, bool *ret_due)
{
	state_year *y = year_of(r, c);
	if (!y)
		return HUB_RANGE;
	hub_status st = decimal_add(y->amount, *base, &y->amount);
	*base = y->amount;
	*ret_due = zone_to_civil(r->zone, r->cycle_to).year != y->year;
	return st;
}

/* What a base of so many days comes to under the bound. */
static hub_status bounded(const tariff_charge *c, decimal base, int64_t days, decimal *ret)
{
	decimal bound = c->price.all;
	hub_status st = c->per == TARIFF_PER_DAY ? decimal_mul(bound, decimal_of(days, 0), &bound) : HUB_OK;
	int side = st == HUB_OK ? decimal_cmp(base, bound) : 0;
	*ret = (c->kind == TARIFF_MINIMUM ? side >= 0 : side <= 0) ? base : bound;
	return st;
}

/* Adds what an earlier rating left of the cycle that is going on; *billed is then what that and this one came to. */
static hub_status cycle_bound(rating *r, const tariff_charge *c, decimal *base, decimal *billed, int64_t *ret_days)
{
	const state_cycle *before = rating_cut(r, c);
	hub_status st = HUB_OK;
	*ret_days = local_days(r->zone, r->cycle_from, r->cycle_to);
	if (before) {
		st = bounded(c, before->amount, before->days, billed);
		if (st == HUB_OK)
			st = decimal_add(*billed, *base, billed);
		if (st == HUB_OK)
			st = decimal_add(*base, before->amount, base);
		*ret_days += before->days;
	}
	return st == HUB_OK ? rating_cut_keep(r, c, *base, *ret_days) : st;
}

/*
 * One line brings what the cycle, or the year, came to so far to its bound. A minimum that the beginning of a cycle was filled
 * up to is taken back as far as use reaches it later, so that a cycle comes to the same however it is cut.
 */
hub_status rate_bound(rating *r, const tariff_charge *c)
{
	if (!r->piece_last)
		return HUB_OK;
	decimal base, billed, due;
	int64_t days = 0;
	bool settled = true;
	hub_status st = base_sum(r, c, r->cycle_line, &base);
	billed = base;
	if (st == HUB_OK && c->per != TARIFF_PER_MONTHS) {
		st = cycle_bound(r, c, &base, &billed, &days);
	} else if (st == HUB_OK) {
		st = year_bound(r, c, &base, &settled);
		billed = base;
	}
	if (st == HUB_OK)
		st = bounded(c, base, days, &due);
	if (st != HUB_OK || !settled || !decimal_cmp(due, billed))
		return st;
	rating_line l = whole_line(r, c, RATING_FILL);
	l.start = r->cycle_from;
	l.end = r->cycle_to;
	l.quantity = billed;
	l.price = due;
	st = decimal_sub(due, billed, &l.amount);
	return st == HUB_OK ? rating_add(r, l) : st;
}

/* Sum of a quantity over the cycle: a series or a fact. */
static hub_status energy_of(rating *r, const char *quantity, decimal *ret)
{
	usage_sum sum = { 0 };
	hub_status st = HUB_OK;
	bool found = false;
	for (size_t i = 0; i < r->u->series_count && st == HUB_OK; i++) {
		if (strcmp(r->u->series[i].quantity, quantity))
			continue;
		found = true;
		st = usage_amount(&r->u->series[i], r->cycle_from, r->cycle_to, &sum);
	}
	*ret = sum.amount;
	return found ? st : rating_fact(r, quantity, ret);
}

/*
 * cos φ = P / √(P² + Q²) to the nearest hundredth, exactly: the largest k with
 * (2k − 1)² (P² + Q²) <= (200 P)².
 */
static hub_status power_factor(decimal p, decimal q, decimal *ret)
{
	if (decimal_sign(p) < 0)
		p = decimal_neg(p);
	decimal pp, qq, sum, left, right;
	hub_status st = decimal_mul(p, p, &pp);
	if (st == HUB_OK)
		st = decimal_mul(q, q, &qq);
	if (st == HUB_OK)
		st = decimal_add(pp, qq, &sum);
	if (st == HUB_OK)
		st = decimal_mul(pp, decimal_of(40000, 0), &right);
	int k = 0;
	while (st == HUB_OK && k < 100 && decimal_sign(sum)) {
		st = decimal_mul(sum, decimal_of((2 * k + 1) * (2 * k + 1), 0), &left);
		if (st != HUB_OK || decimal_cmp(left, right) > 0)
			break;
		k++;
	}
	*ret = decimal_of(decimal_sign(sum) ? k : 100, 2);
	return st;
}

hub_status rate_power_factor(rating *r, const tariff_charge *c)
{
	if (!r->piece_last)
		return HUB_OK;
	decimal pf;
	hub_status st = HUB_OK;
	const usage_fact *fact = usage_fact_find(r->u, "power_factor");
	if (fact && fact->is_number) {
		st = decimal_round(fact->number, 2, DECIMAL_HALF_UP, &pf);
	} else {
		decimal p, q;
		st = energy_of(r, c->active, &p);
		if (st == HUB_OK)
			st = energy_of(r, c->reactive, &q);
		if (st == HUB_OK)
			st = power_factor(p, q, &pf);
	}
	if (st != HUB_OK)
		return st;
	if (decimal_sign(pf) < 0 || decimal_cmp(pf, decimal_of(1, 0)) > 0)
		return hub_fault_set(r->fault, "usage.fact.power_factor", "facts",
				     "a power factor lies between 0 and 1");
	size_t row = 0;
	while (row + 1 < c->pf_count && decimal_cmp(pf, c->pf_rows[row].from) < 0)
		row++;
	rating_line l = whole_line(r, c, RATING_PERCENT);
	st = decimal_mul(c->pf_rows[row].percent, decimal_of(1, 2), &l.price);
	if (st == HUB_OK)
		st = base_sum(r, c, r->cycle_line, &l.quantity);
	l.start = r->cycle_from;
	l.end = r->cycle_to;
	return st != HUB_OK || !decimal_sign(l.price) ? st : rating_add(r, l);
}
