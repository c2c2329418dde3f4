#include "billing/bills_face_parts.h"

#include <string.h>

static hub_status text_of(const face_source *s, buf *made, const char **ret)
{
	*ret = made->bad ? NULL : arena_strdup(s->a, buf_cstr(made));
	buf_clear(made);
	return *ret ? HUB_OK : HUB_NOMEM;
}

static hub_status convert(const face_source *s, const rating_bill *rated, const rating_line *l, buf *made, face_line *ret)
{
	*ret = (face_line){ .code = rating_code(l), .unit = l->unit, .quantity = decimal_trim(l->quantity),
			    .price = decimal_trim(l->price), .amount = l->amount, .estimated = l->estimated, .start = l->start,
			    .end = l->end, .tier = l->block + 1, .readings = l->readings,
			    .period = l->period >= 0 ? l->charge->calendar->texts[l->period] : "" };
	rating_text(l, made);
	hub_status st = text_of(s, made, &ret->text);
	rating_formula(l, rated, made);
	return st == HUB_OK ? text_of(s, made, &ret->formula) : st;
}

/* What the lines lack of the amount: what rounding took or carries on, or readings that came later. */
static hub_status close_sum(const rating_bill *rated, const unify_part *p, face_line *lines, face_part *ret)
{
	decimal sum, rest;
	int64_t now;
	hub_status st = face_sum(ret, &sum);
	if (st == HUB_OK)
		st = decimal_sub(decimal_of(p->amount, 2), sum, &rest);
	if (st != HUB_OK || !decimal_sign(rest))
		return st;
	st = decimal_to_int64(rated->total, 2, DECIMAL_HALF_UP, &now);
	bool moved = st == HUB_OK && now != p->amount;
	lines[ret->line_count++] = (face_line){
		.code = moved ? "later_readings" : "rounding",
		.text = moved ? "出账后读数有变，差额不计入本期 readings changed after posting, not in this bill" : "尾差 rounding",
		.unit = rated->currency, .formula = "", .quantity = decimal_trim(rest), .price = decimal_of(1, 0), .amount = rest,
		.start = p->start, .end = p->end, .period = "",
	};
	ret->marks |= moved ? FACE_MOVED : 0;
	return st;
}

/* A limit that can be said by itself. */
static bool plain(const tariff_ladder *l, const tariff_block *b)
{
	return !b->open && !b->upto_by_group && !b->times_count && !b->capped && !l->person_fact && !l->group_fact;
}

static const state_ladder *state_of(const usage_state *state, const char *code)
{
	for (size_t i = 0; i < state->ladder_count; i++)
		if (state->ladders[i].code && !strcmp(state->ladders[i].code, code))
			return &state->ladders[i];
	return NULL;
}

static hub_status fill_tiers(const rating_bill *rated, const tariff_charge *c, face_ladder *f)
{
	const tariff_ladder *l = &c->ladder;
	decimal here = decimal_of(0, 0);
	hub_status st = HUB_OK;
	for (size_t i = 0; i < l->count; i++) {
		const tariff_block *b = &l->blocks[i];
		f->tiers[i] = (face_tier){ .upto = decimal_trim(b->upto), .bounded = plain(l, b) };
		if (!b->price.by_period) {
			f->tiers[i].price = decimal_trim(b->price.all);
			f->tiers[i].priced = true;
		}
	}
	for (size_t i = 0; st == HUB_OK && i < rated->count; i++) {
		const rating_line *line = &rated->lines[i];
		if (line->charge != c || line->block < 0 || (size_t)line->block >= l->count)
			continue;
		face_tier *t = &f->tiers[line->block];
		st = decimal_add(t->here, line->quantity, &t->here);
		if (st == HUB_OK)
			st = decimal_add(here, line->quantity, &here);
		if (!t->priced || decimal_cmp(line->price, t->price) < 0)
			t->price = decimal_trim(line->price);
		t->priced = true;
		if (decimal_sign(line->quantity) > 0 && line->block + 1 > f->reached)
			f->reached = line->block + 1;
	}
	const state_ladder *state = l->months ? state_of(rated->state, c->code) : NULL;
	f->used = decimal_trim(state ? state->used : here);
	return st;
}

static hub_status ladders(const face_source *s, const rating_bill *rated, face_part *ret)
{
	face_ladder *list = arena_array(s->a, rated->count, sizeof *list);
	hub_status st = list ? HUB_OK : HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < rated->count; i++) {
		const tariff_charge *c = rated->lines[i].charge;
		bool seen = false;
		for (size_t k = 0; k < i; k++)
			seen |= rated->lines[k].charge == c;
		if (!c || seen || !c->has_ladder || c->ladder.count < 2 || c->ladder.count > FACE_TIERS_MAX)
			continue;
		face_ladder *f = &list[ret->ladder_count];
		*f = (face_ladder){ .text = c->text, .unit = c->unit, .months = c->ladder.months, .count = c->ladder.count };
		st = fill_tiers(rated, c, f);
		ret->ladder_count += f->reached > 0;
	}
	ret->ladders = list;
	return st;
}

hub_status bills_face_lines(const face_source *s, const unify_part *p, face_part *ret)
{
	rating_bill rated;
	buf made = { 0 };
	const bills_document *d;
	hub_status st = bills_document_of(s->b, p->tariff, &d, s->fault);
	if (st == HUB_OK)
		ret->tariff = d->code;
	if (st == HUB_OK)
		st = bills_lines(s->b, s->account, p, unify_find(s->last, p->point, p->party), s->a, &rated, s->fault);
	if (st == HUB_OK && rated.count >= FACE_LINES_MAX)
		st = hub_fault_set(s->fault, "bill.lines", "", "a part has more than %d lines; read it as JSON", FACE_LINES_MAX);
	face_line *lines = st == HUB_OK ? arena_array(s->a, rated.count + 1, sizeof *lines) : NULL;
	if (st == HUB_OK && !lines)
		st = HUB_NOMEM;
	for (size_t i = 0; st == HUB_OK && i < rated.count; i++)
		st = convert(s, &rated, &rated.lines[i], &made, &lines[i]);
	buf_fini(&made);
	if (st != HUB_OK)
		return st;
	ret->lines = lines;
	ret->line_count = rated.count;
	st = close_sum(&rated, p, lines, ret);
	if (st == HUB_OK)
		st = ladders(s, &rated, ret);
	return st == HUB_OK ? bills_face_days(s, p, ret) : st;
}
