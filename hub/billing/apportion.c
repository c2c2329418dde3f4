#include "billing/apportion.h"

#include <stdlib.h>

typedef struct remainder {
	decimal left; /* of the exact part over its floor, times the sum of weights */
	size_t index;
} remainder;

static int larger_first(const void *a, const void *b)
{
	const remainder *x = a, *y = b;
	int c = decimal_cmp(y->left, x->left);
	return c ? c : (x->index > y->index) - (x->index < y->index);
}

static hub_status weights_sum(const decimal *weights, size_t count, decimal *ret, hub_fault *fault)
{
	*ret = decimal_of(0, 0);
	hub_status st = HUB_OK;
	for (size_t i = 0; i < count && st == HUB_OK; i++) {
		if (decimal_sign(weights[i]) < 0)
			return hub_fault_set(fault, "apportion.weight", "weights",
					     "a weight is not negative: number %zu is", i + 1);
		st = decimal_add(*ret, weights[i], ret);
	}
	return st;
}

/* floor(total × weight / sum) and what is left of it, in units of 1 / sum. */
static hub_status floor_part(int64_t total, decimal weight, decimal sum, int64_t *ret, decimal *ret_left)
{
	decimal product, quotient, back;
	hub_status st = decimal_mul(decimal_of(total, 0), weight, &product);
	if (st == HUB_OK)
		st = decimal_div(product, sum, 0, DECIMAL_FLOOR, &quotient);
	if (st == HUB_OK)
		st = decimal_mul(quotient, sum, &back);
	if (st == HUB_OK)
		st = decimal_sub(product, back, ret_left);
	return st == HUB_OK ? decimal_to_int64(quotient, 0, DECIMAL_FLOOR, ret) : st;
}

hub_status apportion(int64_t total, const decimal *weights, size_t count, arena *a, int64_t *ret_shares,
		     hub_fault *fault)
{
	decimal sum;
	hub_status st = weights_sum(weights, count, &sum, fault);
	remainder *rest = st == HUB_OK ? arena_array(a, count, sizeof *rest) : NULL;
	int64_t *shares = st == HUB_OK ? arena_array(a, count, sizeof *shares) : NULL;
	if (st == HUB_OK && (!rest || !shares))
		st = HUB_NOMEM;
	bool equal = st == HUB_OK && !decimal_sign(sum);
	if (equal)
		sum = decimal_of((int64_t)count, 0);
	__int128 given = 0;
	for (size_t i = 0; i < count && st == HUB_OK; i++) {
		rest[i].index = i;
		st = floor_part(total, equal ? decimal_of(1, 0) : weights[i], sum, &shares[i], &rest[i].left);
		given += shares[i];
	}
	if (st != HUB_OK)
		return st;
	if (count)
		qsort(rest, count, sizeof *rest, larger_first);
	for (size_t i = 0; i < count && given < total; i++, given++)
		shares[rest[i].index]++;
	for (size_t i = 0; i < count; i++)
		ret_shares[i] = shares[i];
	return HUB_OK;
}

static decimal weight_of(const apportion_member *m, apportion_rule rule)
{
	switch (rule) {
	case APPORTION_SHARE:
		return m->share;
	case APPORTION_AREA:
		return m->area;
	case APPORTION_USE:
		return m->use;
	case APPORTION_EQUAL:
	case APPORTION_FIXED:
		break;
	}
	return decimal_of(1, 0);
}

typedef struct kind_sum {
	size_t count;
	decimal area;
	int64_t pool;
} kind_sum;

/* What each kind of property shares of the rest: factor × area, or × members where no area is known. */
static hub_status kind_pools(int64_t rest, const apportion_plan *plan, const apportion_member *members, size_t count,
			     arena *a, kind_sum *kinds, hub_fault *fault)
{
	hub_status st = HUB_OK;
	bool areas = true;
	for (size_t i = 0; i < count && st == HUB_OK; i++) {
		kind_sum *k = &kinds[members[i].kind];
		if (plan->rule[members[i].kind] == APPORTION_FIXED)
			continue;
		k->count++;
		areas = areas && decimal_sign(members[i].area) > 0;
		st = decimal_add(k->area, members[i].area, &k->area);
	}
	decimal weights[APPORTION_KINDS];
	int64_t pools[APPORTION_KINDS] = { 0 };
	bool any = false;
	for (size_t k = 0; k < APPORTION_KINDS && st == HUB_OK; k++) {
		decimal size = areas ? kinds[k].area : decimal_of((int64_t)kinds[k].count, 0);
		st = decimal_mul(plan->factor[k], size, &weights[k]);
		any = any || decimal_sign(weights[k]) > 0;
	}
	if (st == HUB_OK && any)
		st = apportion(rest, weights, APPORTION_KINDS, a, pools, fault);
	for (size_t k = 0; k < APPORTION_KINDS; k++)
		kinds[k].pool = pools[k];
	return st;
}

static hub_status share_kind(apportion_kind kind, const apportion_plan *plan, const kind_sum *sum,
			     const apportion_member *members, size_t count, arena *a, apportion_part *parts,
			     hub_fault *fault)
{
	decimal *weights = arena_array(a, sum->count, sizeof *weights), total = decimal_of(0, 0);
	int64_t *shares = arena_array(a, sum->count, sizeof *shares);
	if (!weights || !shares)
		return HUB_NOMEM;
	size_t n = 0;
	hub_status st = HUB_OK;
	for (size_t i = 0; i < count && st == HUB_OK; i++) {
		if (members[i].kind != kind)
			continue;
		weights[n] = weight_of(&members[i], plan->rule[kind]);
		st = decimal_add(total, weights[n++], &total);
	}
	if (st == HUB_OK)
		st = apportion(sum->pool, weights, n, a, shares, fault);
	for (size_t i = 0, at = 0; i < count && st == HUB_OK; i++) {
		if (members[i].kind != kind)
			continue;
		parts[i] = (apportion_part) { shares[at], weights[at], total, sum->pool, plan->rule[kind] };
		at++;
	}
	return st;
}

hub_status apportion_common(int64_t total, const apportion_plan *plan, const apportion_member *members, size_t count,
			    arena *a, apportion_part *ret_parts, int64_t *ret_owner, hub_fault *fault)
{
	apportion_part *parts = arena_array(a, count, sizeof *parts);
	kind_sum kinds[APPORTION_KINDS] = { 0 };
	if (!parts)
		return HUB_NOMEM;
	int64_t rest = total;
	for (size_t i = 0; i < count; i++) {
		if (plan->rule[members[i].kind] != APPORTION_FIXED)
			continue;
		parts[i] =
		    (apportion_part) { .amount = members[i].fixed, .pool = members[i].fixed, .rule = APPORTION_FIXED };
		if (members[i].fixed < 0 || __builtin_sub_overflow(rest, members[i].fixed, &rest) ||
		    (total >= 0 && rest < 0))
			return hub_fault_set(fault, "apportion.fixed", "fixed",
					     "fixed amounts are not negative and do not pass the sum; lower them");
	}
	hub_status st = kind_pools(rest, plan, members, count, a, kinds, fault);
	for (size_t k = 0; k < APPORTION_KINDS && st == HUB_OK; k++) {
		if (kinds[k].count && plan->rule[k] != APPORTION_FIXED)
			st = share_kind((apportion_kind)k, plan, &kinds[k], members, count, a, parts, fault);
		rest -= kinds[k].pool;
	}
	if (st != HUB_OK)
		return st;
	for (size_t i = 0; i < count; i++)
		ret_parts[i] = parts[i];
	*ret_owner = rest;
	return HUB_OK;
}

static hub_status loss_limits(decimal master, decimal used, decimal normal, decimal tolerance, apportion_loss *l,
			      hub_fault *fault)
{
	decimal least;
	hub_status st = decimal_sub(master, used, &l->loss);
	if (st == HUB_OK)
		st = decimal_mul(master, normal, &l->normal_limit);
	if (st == HUB_OK)
		st = decimal_mul(master, tolerance, &least);
	if (st != HUB_OK)
		return st;
	if (decimal_cmp(decimal_neg(l->loss), least) > 0)
		return hub_fault_set(
		    fault, "apportion.master", "master",
		    "sub-meters show more than their master meter allows for; look at the readings and multipliers");
	l->shared = decimal_sign(l->loss) > 0 && decimal_cmp(l->loss, l->normal_limit) > 0 ? l->normal_limit : l->loss;
	return decimal_sub(l->loss, l->shared, &l->abnormal);
}

hub_status apportion_losses(decimal master, const decimal *subs, size_t count, decimal normal, decimal tolerance,
			    bool equal, uint8_t scale, arena *a, apportion_loss *ret, decimal *ret_parts,
			    hub_fault *fault)
{
	apportion_loss l;
	decimal used;
	hub_status st = weights_sum(subs, count, &used, fault);
	if (st == HUB_OK)
		st = loss_limits(master, used, normal, tolerance, &l, fault);
	decimal *weights = st == HUB_OK ? arena_array(a, count, sizeof *weights) : NULL;
	int64_t *shares = st == HUB_OK ? arena_array(a, count, sizeof *shares) : NULL, units = 0;
	if (st == HUB_OK && (!weights || !shares))
		st = HUB_NOMEM;
	for (size_t i = 0; i < count && st == HUB_OK; i++)
		weights[i] = equal ? decimal_of(1, 0) : subs[i];
	if (st == HUB_OK)
		st = decimal_to_int64(l.shared, scale, DECIMAL_HALF_EVEN, &units);
	if (st == HUB_OK)
		st = apportion(units, weights, count, a, shares, fault);
	if (st != HUB_OK)
		return st;
	for (size_t i = 0; i < count; i++)
		ret_parts[i] = decimal_of(shares[i], scale);
	*ret = l;
	return HUB_OK;
}
