#include <string.h>

#include "billing/rating_parts.h"

state_ladder *rating_standing(rating *r, const tariff_charge *c)
{
	usage_state *s = r->bill->state;
	state_ladder *any = NULL;
	for (size_t i = 0; i < s->ladder_count; i++) {
		if (!s->ladders[i].code)
			any = c->has_ladder ? &s->ladders[i] : NULL;
		else if (!strcmp(s->ladders[i].code, c->code))
			return &s->ladders[i];
	}
	if (s->ladder_count == STATE_LADDERS_MAX)
		return NULL;
	state_ladder *l = &s->ladders[s->ladder_count++];
	*l = any ? *any : (state_ladder) { 0 };
	l->code = c->code;
	return l;
}

/* Use before this piece; a tier period that began since starts from nothing. */
static decimal used_before(const rating *r, const tariff_ladder *l, const state_ladder *s, hub_time begin)
{
	decimal none = decimal_of(0, 0);
	if (l->months)
		return s->since == 0 || s->since == begin ? s->used : none;
	if (r->from == r->cycle_from)
		return r->cycle_first && (s->since == 0 || s->since == r->cycle_begin) ? s->used : none;
	return r->t->quota == TARIFF_QUOTA_SHARED ? s->used : none;
}

typedef struct blocks {
	const tariff_charge *c;
	size_t count, periods;
	decimal limits[TARIFF_BLOCKS_MAX];
	decimal fills[TARIFF_BLOCKS_MAX];
	decimal *by_period; /* [block][period] */
	decimal *amounts;   /* the same, where a block is shared; NULL: quantity × price */
} blocks;

/* Each block's fill, shared over the periods by their part of the total; the last takes the rest. */
static hub_status share_total(blocks *b, const rating_sums *sums)
{
	size_t last = 0;
	for (size_t p = 0; p < b->periods; p++) {
		if (decimal_sign(sums->by_period[p].amount))
			last = p;
	}
	hub_status st = HUB_OK;
	for (size_t i = 0; i < b->count && st == HUB_OK; i++) {
		decimal *row = &b->by_period[i * b->periods];
		decimal left = b->fills[i];
		for (size_t p = 0; p < last && st == HUB_OK && decimal_sign(b->fills[i]); p++) {
			if (!decimal_sign(sums->by_period[p].amount))
				continue;
			decimal part;
			st = decimal_mul(b->fills[i], sums->by_period[p].amount, &part);
			if (st == HUB_OK)
				st = decimal_div(part, sums->total, 12, DECIMAL_HALF_EVEN, &part);
			row[p] = decimal_trim(part);
			if (st == HUB_OK)
				st = decimal_sub(left, row[p], &left);
		}
		row[last] = left;
	}
	return st;
}

/* fill × use × price, the division by the whole use still to come. */
static hub_status product(const blocks *b, const rating_sums *sums, size_t block, size_t period, decimal *ret)
{
	hub_status st = decimal_mul(b->fills[block], sums->by_period[period].amount, ret);
	return st == HUB_OK ? decimal_mul(*ret, b->c->ladder.blocks[block].price.by_period[period], ret) : st;
}

/*
 * What each share costs. A share's quantity may have no end of digits, so its amount comes from the
 * undivided product, and the last share takes what the whole ladder comes to less the others.
 */
static hub_status share_amounts(rating *r, blocks *b, const rating_sums *sums)
{
	decimal whole = decimal_of(0, 0), given = whole, *last = NULL;
	hub_status st = HUB_OK;
	b->amounts = arena_array(r->a, b->count * b->periods, sizeof *b->amounts);
	if (!b->amounts)
		return HUB_NOMEM;
	for (size_t i = 0; i < b->count; i++)
		for (size_t p = 0; p < b->periods && st == HUB_OK; p++) {
			decimal exact;
			if (!b->c->ladder.blocks[i].price.by_period || !decimal_sign(b->fills[i]) ||
			    !decimal_sign(sums->by_period[p].amount))
				continue;
			last = &b->amounts[i * b->periods + p];
			st = product(b, sums, i, p, &exact);
			if (st == HUB_OK)
				st = decimal_add(whole, exact, &whole);
			if (st == HUB_OK)
				st = decimal_div(exact, sums->total, 12, DECIMAL_HALF_EVEN, last);
			if (st == HUB_OK)
				st = decimal_add(given, *last, &given);
		}
	if (st == HUB_OK && last)
		st = decimal_div(whole, sums->total, 12, DECIMAL_HALF_EVEN, &whole);
	if (st == HUB_OK && last)
		st = decimal_sub(whole, given, &given);
	if (st == HUB_OK && last)
		st = decimal_add(*last, given, last);
	if (st == HUB_RANGE) { /* too many digits for the product */
		b->amounts = NULL;
		st = HUB_OK;
	}
	return st;
}

/* Use fills the blocks run by run in the order of time. */
static hub_status share_time(rating *r, blocks *b, decimal used, hub_time from, hub_time to)
{
	hub_status st = HUB_OK;
	calendar_edges all = r->edges;
	for (size_t e = calendar_find(&all, from); st == HUB_OK && from < to; e++) {
		hub_time end = e + 1 < all.count && all.edges[e + 1].at < to ? all.edges[e + 1].at : to;
		rating_sums run;
		decimal fills[TARIFF_BLOCKS_MAX];
		st = rating_sums_of(r, b->c, from, end, &run);
		if (st == HUB_OK)
			st = ladder_fill(b->limits, b->count, false, used, run.total, fills);
		for (size_t i = 0; i < b->count && st == HUB_OK; i++) {
			decimal *cell = &b->by_period[i * b->periods + all.edges[e].period];
			st = decimal_add(*cell, fills[i], cell);
		}
		if (st == HUB_OK)
			st = decimal_add(used, run.total, &used);
		from = end;
	}
	return st;
}

/* Of what a line takes from a sum, the part that is estimated: nobody knows which, so in proportion. */
static hub_status estimated_part(const usage_sum *sum, decimal taken, decimal *ret)
{
	*ret = sum->estimated;
	if (!decimal_sign(*ret) || !decimal_sign(sum->amount) || !decimal_cmp(taken, sum->amount))
		return HUB_OK;
	hub_status st = decimal_mul(*ret, taken, ret);
	return st == HUB_OK ? decimal_div(*ret, sum->amount, 6, DECIMAL_HALF_EVEN, ret) : st;
}

static hub_status block_lines(rating *r, const blocks *b, const rating_sums *sums, size_t i, hub_time from, hub_time to)
{
	const tariff_block *block = &b->c->ladder.blocks[i];
	size_t periods = block->price.by_period ? b->periods : 1;
	hub_status st = HUB_OK;
	for (size_t p = 0; p < periods && st == HUB_OK; p++) {
		decimal q = periods > 1 ? b->by_period[i * b->periods + p] : b->fills[i];
		if (!decimal_sign(q))
			continue;
		bool shared = periods > 1 && b->amounts;
		rating_line line = {
			.charge = b->c,
			.form = shared ? RATING_SHARE : RATING_AMOUNT,
			.amount = shared ? b->amounts[i * b->periods + p] : decimal_of(0, 0),
			.block = (int)i,
			.period = periods > 1 ? (int)p : -1,
			.unit = b->c->unit,
			.quantity = q,
			.price = tariff_price_of(&block->price, p),
			.start = from,
			.end = to,
			.readings = periods > 1 ? sums->by_period[p].readings : sums->readings,
		};
		const usage_sum whole = { .amount = sums->total, .estimated = sums->estimated };
		st = estimated_part(periods > 1 ? &sums->by_period[p] : &whole, q, &line.estimated);
		if (st == HUB_OK)
			st = rating_add(r, line);
	}
	return st;
}

/* A block's flat fee is due when use first passes its lower limit. */
static bool flat_due(const blocks *b, size_t i, decimal used, decimal quantity)
{
	const tariff_ladder *l = &b->c->ladder;
	decimal to;
	if (!l->blocks[i].has_flat || decimal_add(used, quantity, &to) != HUB_OK)
		return false;
	if (l->volume)
		return decimal_sign(b->fills[i]) || (l->flat_at_zero && i == 0 && !decimal_sign(to));
	decimal low = i ? b->limits[i - 1] : decimal_of(0, 0);
	if (i && !decimal_cmp(low, b->limits[i]) && i + 1 < b->count)
		return false;
	if (i == 0 && l->flat_at_zero && !decimal_sign(used) && !decimal_sign(quantity))
		return true;
	return decimal_cmp(used, low) <= 0 && decimal_cmp(to, low) > 0;
}

static hub_status flat_line(rating *r, const blocks *b, size_t i, hub_time from, hub_time to)
{
	return rating_add(r, (rating_line) {
				 .charge = b->c,
				 .form = RATING_FLAT,
				 .block = (int)i,
				 .period = -1,
				 .unit = "1",
				 .quantity = decimal_of(1, 0),
				 .price = b->c->ladder.blocks[i].flat,
				 .start = from,
				 .end = to,
			     });
}

static hub_status piece(rating *r, const tariff_charge *c, hub_time begin, hub_time end, hub_time from, hub_time to)
{
	const tariff_ladder *l = &c->ladder;
	state_ladder *s = rating_standing(r, c);
	if (!s)
		return HUB_RANGE;
	blocks *b = arena_alloc(r->a, sizeof *b);
	if (!b)
		return HUB_NOMEM;
	b->c = c;
	b->count = l->count;
	b->periods = r->cal->period_count;
	b->by_period = arena_array(r->a, b->count * b->periods, sizeof *b->by_period);
	rating_sums sums;
	if (!b->by_period)
		return HUB_NOMEM;
	decimal used = used_before(r, l, s, begin);
	hub_status st = rating_sums_of(r, c, from, to, &sums);
	decimal billed = sums.total; /* shared over the periods by all that was used */
	if (st == HUB_OK)
		st = rating_shape_on(r, c, &s->counted, &s->cycle, &billed);
	if (st == HUB_OK)
		st = ladder_limits(r, l, begin, end, b->limits);
	if (st == HUB_OK)
		st = ladder_fill(b->limits, b->count, l->volume, used, billed, b->fills);
	bool by_time = l->share == TARIFF_SHARE_TIME && !l->volume;
	if (st == HUB_OK)
		st = by_time ? share_time(r, b, used, from, to) : share_total(b, &sums);
	if (st == HUB_OK && !by_time && b->periods > 1)
		st = share_amounts(r, b, &sums);
	for (size_t i = 0; i < b->count && st == HUB_OK; i++) {
		if (flat_due(b, i, used, billed))
			st = flat_line(r, b, i, from, to);
		if (st == HUB_OK)
			st = block_lines(r, b, &sums, i, from, to);
	}
	s->since = l->months ? begin : r->cycle_begin;
	return st == HUB_OK ? decimal_add(used, billed, &s->used) : st;
}

hub_status rate_ladder(rating *r, const tariff_charge *c, hub_time from, hub_time to)
{
	if (!c->ladder.months)
		return piece(r, c, r->cycle_from, r->cycle_to, from, to);
	hub_status st = HUB_OK;
	while (st == HUB_OK && from < to) {
		hub_time begin, end;
		ladder_period(r->zone, &c->ladder, from, &begin, &end);
		if (end > to)
			end = to;
		hub_time whole_end;
		ladder_period(r->zone, &c->ladder, from, &begin, &whole_end);
		st = piece(r, c, begin, whole_end, from, end);
		from = end;
	}
	return st;
}
