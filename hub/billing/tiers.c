#include <string.h>

#include "billing/rating_parts.h"

void ladder_period(const zone *z, const tariff_ladder *l, hub_time t, hub_time *ret_begin, hub_time *ret_end)
{
	zone_civil c = zone_to_civil(z, t);
	int month = c.year * 12 + c.month - 1;
	int reset = l->reset_month - 1;
	if (c.day < l->reset_day)
		month--;
	int since = (month - reset) % l->months;
	if (since < 0)
		since += l->months;
	month -= since;
	zone_civil begin = { .year = month / 12, .month = month % 12 + 1, .day = l->reset_day };
	int next = month + l->months;
	zone_civil end = { .year = next / 12, .month = next % 12 + 1, .day = l->reset_day };
	zone_from_civil(z, begin, ret_begin, NULL);
	zone_from_civil(z, end, ret_end, NULL);
}

/* days and months of the cycle, the billing demand, or a fact. */
static hub_status factor(rating *r, const char *name, hub_time begin, hub_time end, decimal *ret)
{
	if (!strcmp(name, "days")) {
		*ret = decimal_of(local_days(r->zone, begin, end), 0);
		return HUB_OK;
	}
	if (!strcmp(name, "months"))
		return local_cycles(r->zone, begin, end, 1, zone_to_civil(r->zone, begin).day, ret);
	if (!strcmp(name, "demand")) {
		*ret = r->demand;
		return HUB_OK;
	}
	return rating_fact(r, name, ret);
}

static hub_status times_all(rating *r, const char *const *names, size_t count, hub_time begin, hub_time end,
			    decimal *limit)
{
	hub_status st = HUB_OK;
	for (size_t i = 0; i < count && st == HUB_OK; i++) {
		decimal by;
		st = factor(r, names[i], begin, end, &by);
		if (st == HUB_OK)
			st = decimal_mul(*limit, by, limit);
	}
	return st;
}

static hub_status group_of(rating *r, const tariff_ladder *l, size_t *ret)
{
	*ret = 0;
	if (!l->group_fact)
		return HUB_OK;
	const usage_fact *fact = usage_fact_find(r->u, l->group_fact);
	for (size_t i = 0; fact && i < l->group_count; i++) {
		if (!strcmp(fact->text, l->groups[i])) {
			*ret = i;
			return HUB_OK;
		}
	}
	return hub_fault_set(r->fault, "usage.fact.group", "facts",
			     "fact '%.40s' names a group of the ladder, such as '%.40s', "
			     "not '%.40s'",
			     l->group_fact, l->groups[0], fact ? fact->text : "(absent)");
}

/* How many persons count above the number that the limits include. */
static hub_status persons_of(rating *r, const tariff_ladder *l, decimal *ret)
{
	*ret = decimal_of(0, 0);
	if (!l->person_fact || !usage_fact_find(r->u, l->person_fact))
		return HUB_OK;
	hub_status st = rating_fact(r, l->person_fact, ret);
	if (st == HUB_OK)
		st = decimal_sub(*ret, decimal_of(l->person_over, 0), ret);
	if (st == HUB_OK && decimal_sign(*ret) < 0)
		*ret = decimal_of(0, 0);
	if (st == HUB_OK && l->person_once && decimal_sign(*ret) > 0)
		*ret = decimal_of(1, 0);
	return st;
}

/* The part of the tier period that the account saw, as a fraction num / den. */
static void part_of(const rating *r, const tariff_ladder *l, hub_time begin, hub_time end, int64_t *num, int64_t *den)
{
	*num = *den = 1;
	if (l->part == TARIFF_PART_WHOLE || r->u->since <= begin || r->u->since >= end)
		return;
	if (l->part == TARIFF_PART_DAYS) {
		*num = local_days(r->zone, r->u->since, end);
		*den = local_days(r->zone, begin, end);
		return;
	}
	zone_civil s = zone_to_civil(r->zone, r->u->since), e = zone_to_civil(r->zone, end),
		   b = zone_to_civil(r->zone, begin);
	int since = s.year * 12 + s.month - (s.day < b.day);
	*num = e.year * 12 + e.month - since;
	*den = l->months ? l->months : e.year * 12 + e.month - (b.year * 12 + b.month);
	if (*den < *num || *den < 1)
		*den = *num;
}

static hub_status scaled(const rating *r, const tariff_ladder *l, hub_time begin, hub_time end, decimal *limit)
{
	int64_t num, den;
	part_of(r, l, begin, end, &num, &den);
	hub_status st = HUB_OK;
	if (num != den) {
		st = decimal_mul(*limit, decimal_of(num, 0), limit);
		if (st == HUB_OK)
			st = decimal_div(*limit, decimal_of(den, 0), 9, DECIMAL_HALF_UP, limit);
	}
	if (st == HUB_OK && r->changed && !l->months && r->t->quota == TARIFF_QUOTA_DAYS) {
		st = decimal_mul(*limit, r->change_part, limit);
		if (st == HUB_OK)
			st = decimal_round(*limit, 9, DECIMAL_HALF_UP, limit);
		if (st == HUB_OK && r->t->change_round.set)
			st = decimal_round_unit(*limit, r->t->change_round.unit, r->t->change_round.mode, limit);
	}
	if (st == HUB_OK)
		*limit = decimal_trim(*limit);
	return st;
}

hub_status ladder_limits(rating *r, const tariff_ladder *l, hub_time begin, hub_time end, decimal *limits)
{
	size_t group;
	decimal persons;
	hub_status st = group_of(r, l, &group);
	if (st == HUB_OK)
		st = persons_of(r, l, &persons);
	decimal last = decimal_of(0, 0);
	for (size_t i = 0; i < l->count && st == HUB_OK; i++) {
		const tariff_block *b = &l->blocks[i];
		decimal limit = b->upto_by_group ? b->upto_by_group[group] : b->upto;
		if (!b->open) {
			st = times_all(r, b->times, b->times_count, begin, end, &limit);
			decimal more = decimal_of(0, 0);
			if (st == HUB_OK && l->person_add)
				st = decimal_mul(l->person_add[i], persons, &more);
			if (st == HUB_OK)
				st = decimal_add(limit, more, &limit);
			if (st == HUB_OK)
				st = scaled(r, l, begin, end, &limit);
		}
		if (st == HUB_OK && b->capped) {
			decimal cap = b->cap;
			st = times_all(r, b->cap_times, b->cap_times_count, begin, end, &cap);
			if (st == HUB_OK && (b->open || decimal_cmp(limit, cap) > 0))
				limit = cap;
		}
		/* A block whose limit lies below the one before it holds nothing. */
		if (st == HUB_OK && (!b->open || b->capped) && decimal_cmp(limit, last) < 0)
			limit = last;
		limits[i] = last = limit;
	}
	return st;
}

static bool block_open(const decimal *limits, size_t count, size_t i)
{
	(void)limits;
	return i + 1 == count;
}

static hub_status fill_upward(const decimal *limits, size_t count, decimal from, decimal to, decimal *fills)
{
	decimal low = decimal_of(0, 0);
	hub_status st = HUB_OK;
	for (size_t i = 0; i < count && st == HUB_OK; i++) {
		decimal a = i && decimal_cmp(from, low) < 0 ? low : from;
		decimal b = block_open(limits, count, i) || decimal_cmp(to, limits[i]) < 0 ? to : limits[i];
		fills[i] = decimal_of(0, 0);
		if (decimal_cmp(b, a) > 0)
			st = decimal_sub(b, a, &fills[i]);
		low = limits[i];
	}
	return st;
}

hub_status ladder_fill(const decimal *limits, size_t count, bool volume, decimal used, decimal quantity, decimal *fills)
{
	decimal to;
	hub_status st = decimal_add(used, quantity, &to);
	if (st != HUB_OK)
		return st;
	if (volume) {
		size_t i = 0;
		while (i + 1 < count && decimal_cmp(to, limits[i]) > 0)
			i++;
		for (size_t j = 0; j < count; j++)
			fills[j] = j == i ? quantity : decimal_of(0, 0);
		return HUB_OK;
	}
	if (decimal_sign(quantity) >= 0)
		return fill_upward(limits, count, used, to, fills);
	/* A correction goes back down the blocks it had filled. */
	st = fill_upward(limits, count, to, used, fills);
	for (size_t i = 0; i < count; i++)
		fills[i] = decimal_neg(fills[i]);
	return st;
}
