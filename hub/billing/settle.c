#include "billing/rating_parts.h"

static hub_status line_put(rating *r, rating_form form, decimal quantity, decimal price, decimal amount)
{
	if (!decimal_sign(amount))
		return HUB_OK;
	return rating_add(r, (rating_line) {
				 .form = form,
				 .block = -1,
				 .period = -1,
				 .unit = r->t->currency,
				 .quantity = quantity,
				 .price = price,
				 .amount = amount,
				 .start = r->cycle_from,
				 .end = r->cycle_to,
			     });
}

static hub_status sum_lines(const rating *r, decimal *ret_all, decimal *ret_credit)
{
	*ret_all = *ret_credit = decimal_of(0, 0);
	hub_status st = HUB_OK;
	for (size_t i = r->cycle_line; i < r->bill->count && st == HUB_OK; i++) {
		const rating_line *l = &r->bill->lines[i];
		st = decimal_add(*ret_all, l->amount, ret_all);
		if (st == HUB_OK && l->charge && l->charge->credit)
			st = decimal_sub(*ret_credit, l->amount, ret_credit);
	}
	return st;
}

static decimal smaller(decimal a, decimal b)
{
	return decimal_cmp(a, b) < 0 ? a : b;
}

/* What the cycle earned is kept for later; what earlier ones left pays this one, never below zero. */
static hub_status use_credit(rating *r, decimal all, decimal earned)
{
	const tariff_credit *c = &r->v->credit;
	decimal *money = &r->bill->state->money, one = decimal_of(1, 0), due = all, used;
	hub_status st = HUB_OK;
	if (c->carry && !c->apply_now && decimal_sign(earned)) {
		st = line_put(r, RATING_CREDIT, earned, one, earned);
		if (st == HUB_OK)
			st = decimal_add(due, earned, &due);
	} else if (c->carry && decimal_sign(due) < 0) {
		used = decimal_neg(due);
		st = line_put(r, RATING_CREDIT, used, one, used);
		if (st == HUB_OK)
			st = decimal_add(*money, used, money);
		return st;
	}
	used = smaller(*money, due);
	if (st == HUB_OK && decimal_sign(used) > 0) {
		st = line_put(r, RATING_CREDIT, used, decimal_neg(one), decimal_neg(used));
		if (st == HUB_OK)
			st = decimal_sub(*money, used, money);
	}
	if (st == HUB_OK && c->carry && !c->apply_now)
		st = decimal_add(*money, earned, money);
	return st;
}

static bool true_up_due(const rating *r)
{
	int month = r->v->credit.true_up_month;
	return month && zone_to_civil(r->zone, r->cycle_to - 1).month == month;
}

static hub_status true_up(rating *r)
{
	const tariff_credit *c = &r->v->credit;
	usage_state *s = r->bill->state;
	hub_status st = HUB_OK;
	if (c->has_price) {
		decimal worth;
		st = decimal_mul(s->energy_total, c->price, &worth);
		if (st == HUB_OK && c->roll_over)
			st = decimal_add(s->money, worth, &s->money);
		else if (st == HUB_OK)
			st = line_put(r, RATING_TRUE_UP, s->energy_total, decimal_neg(c->price), decimal_neg(worth));
		s->energy_total = decimal_of(0, 0);
		s->energy_count = 0;
	}
	if (st == HUB_OK && c->pay_out)
		st = line_put(r, RATING_TRUE_UP, s->money, decimal_of(-1, 0), decimal_neg(s->money));
	if (!c->roll_over)
		s->money = decimal_of(0, 0);
	return st;
}

static hub_status round_total(rating *r)
{
	decimal all, credit, due, rounded, left;
	usage_state *s = r->bill->state;
	hub_status st = sum_lines(r, &all, &credit);
	if (st != HUB_OK || !r->v->total.set)
		return st;
	st = decimal_add(all, s->rounding, &due);
	if (st == HUB_OK)
		st = decimal_round_unit(due, r->v->total.unit, r->v->total.mode, &rounded);
	if (st == HUB_OK)
		st = decimal_sub(rounded, all, &left);
	if (st == HUB_OK)
		st = line_put(r, RATING_ROUNDING, all, decimal_of(1, 0), left);
	if (st == HUB_OK && r->v->remainder_carry)
		st = decimal_sub(due, rounded, &s->rounding);
	return st;
}

hub_status settle_cycle(rating *r)
{
	decimal all, earned;
	hub_status st = sum_lines(r, &all, &earned);
	if (st == HUB_OK && (r->v->credit.carry || decimal_sign(r->bill->state->money) > 0))
		st = use_credit(r, all, earned);
	for (size_t i = 0; i < r->v->charge_count && st == HUB_OK; i++) {
		const tariff_charge *c = &r->v->charges[i];
		if (c->after_credit && rating_applies(r, c))
			st = rate_bound(r, c);
	}
	if (st == HUB_OK && r->v->credit.set && true_up_due(r))
		st = true_up(r);
	if (st == HUB_OK)
		st = round_total(r);
	return st;
}
