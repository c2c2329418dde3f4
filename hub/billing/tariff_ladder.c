#include <string.h>

#include "billing/tariff_parse.h"

static bool known_period(form *f, const calendar *cal, const char *name, int *ret)
{
	*ret = calendar_period(cal, name);
	if (*ret < 0)
		form_refuse(f, "tariff.price.period", "prices",
			    "period '%.40s' is not in the calendar; add it there or here", name);
	return *ret >= 0;
}

tariff_price tariff_price_read(form *f, const json_t *o, const calendar *cal, uint64_t periods, bool required)
{
	tariff_price p = { .periods = UINT64_MAX };
	const json_t *by = form_object(f, o, "prices");
	bool all = form_decimal(f, o, "price", &p.all);
	if (by && all)
		form_refuse(f, "tariff.price.twice", "price", "either 'price' or 'prices', not both");
	if (!by) {
		if (!all && required)
			form_refuse(f, "tariff.price.missing", "price", "'price', or 'prices' by period, is required");
		return p;
	}
	decimal *list = arena_array(f->a, cal->period_count, sizeof *list);
	if (!list) {
		form_nomem(f);
		return p;
	}
	p.periods = 0;
	const char *name;
	json_t *v;
	json_object_foreach ((json_t *)by, name, v) {
		int i;
		if (!known_period(f, cal, name, &i))
			return p;
		form_number(f, v, &list[i]);
		p.periods |= 1ull << i;
	}
	p.by_period = list;
	for (size_t i = 0; i < cal->period_count; i++) {
		if ((periods >> i & 1) && !(p.periods >> i & 1))
			form_refuse(
			    f, "tariff.price.gap", "prices",
			    "every period of the charge has a price: '%.40s' has none; add it or limit 'periods'",
			    cal->names[i]);
	}
	return p;
}

static uint8_t times_read(form *f, const json_t *o, const char **times)
{
	const json_t *list = form_array(f, o, "times", TARIFF_TIMES_MAX);
	uint8_t n = 0;
	for (size_t i = 0; list && i < json_array_size(list); i++) {
		const json_t *v = json_array_get(list, i);
		const char *text = json_is_string(v) ? form_copy(f, json_string_value(v)) : NULL;
		if (!text || !*text)
			form_refuse(f, "tariff.ladder.times", "times",
				    "'times' is an array of names of facts, or days, months, demand");
		else
			times[n++] = text;
	}
	return n;
}

static int group_of(const tariff_ladder *l, const char *name)
{
	for (size_t i = 0; i < l->group_count; i++) {
		if (!strcmp(l->groups[i], name))
			return (int)i;
	}
	return -1;
}

static void upto_read(form *f, const json_t *o, const tariff_ladder *l, tariff_block *b)
{
	const json_t *v = json_object_get(o, "upto");
	b->open = !v || json_is_null(v);
	if (b->open)
		return;
	if (!json_is_object(v)) {
		form_number(f, v, &b->upto);
		if (f->st == HUB_OK && decimal_sign(b->upto) < 0)
			form_refuse(f, "tariff.ladder.limit", "upto", "a limit is not negative");
		return;
	}
	decimal *list = arena_array(f->a, TARIFF_GROUPS_MAX, sizeof *list);
	if (!list) {
		form_nomem(f);
		return;
	}
	size_t seen = 0;
	const char *name;
	json_t *limit;
	json_object_foreach ((json_t *)v, name, limit) {
		int i = group_of(l, name);
		if (i < 0) {
			form_refuse(f, "tariff.ladder.group", "upto",
				    "a limit differs by the ladder's groups only, and '%.40s' is none: a ladder has "
				    "one limit for "
				    "all its periods; make a charge for each",
				    name);
			return;
		}
		form_number(f, limit, &list[i]);
		seen++;
	}
	if (seen != l->group_count)
		form_refuse(f, "tariff.ladder.group", "upto", "every group has a limit in every block");
	b->upto_by_group = list;
}

static tariff_block *block_next(form *f, tariff_ladder *l)
{
	if (l->count == TARIFF_BLOCKS_MAX) {
		form_refuse(f, "tariff.ladder.size", "blocks", "a ladder has at most %d blocks", TARIFF_BLOCKS_MAX);
		return NULL;
	}
	return &l->blocks[l->count++];
}

static void block_read(form *f, const json_t *o, const calendar *cal, uint64_t periods, tariff_ladder *l,
		       const tariff_block *head)
{
	static const char *const keys[] = { "upto", "times", "price", "prices", "flat", "blocks", NULL };
	form_keys(f, o, keys);
	const json_t *inner = head ? NULL : form_array(f, o, "blocks", TARIFF_BLOCKS_MAX);
	if (inner) {
		tariff_block cap = { 0 };
		upto_read(f, o, l, &cap);
		cap.times_count = times_read(f, o, cap.times);
		if (cap.open || cap.upto_by_group)
			form_refuse(f, "tariff.ladder.limit", "upto", "a block of blocks has one limit that closes it");
		for (size_t i = 0; i < json_array_size(inner) && f->st == HUB_OK; i++) {
			size_t mark = form_enter(f, "blocks", (long)i);
			block_read(f, json_array_get(inner, i), cal, periods, l, &cap);
			form_leave(f, mark);
		}
		return;
	}
	tariff_block *b = block_next(f, l);
	if (!b)
		return;
	upto_read(f, o, l, b);
	b->times_count = times_read(f, o, b->times);
	b->price = tariff_price_read(f, o, cal, periods, !json_object_get(o, "flat"));
	b->has_flat = form_decimal(f, o, "flat", &b->flat);
	if (head) {
		b->capped = true;
		b->cap = head->upto;
		b->cap_times_count = head->times_count;
		memcpy(b->cap_times, head->times, sizeof b->cap_times);
	}
	for (size_t i = 0; i < b->times_count; i++)
		l->demand |= !strcmp(b->times[i], "demand");
	for (size_t i = 0; i < b->cap_times_count; i++)
		l->demand |= !strcmp(b->cap_times[i], "demand");
}

static void groups_read(form *f, const json_t *o, tariff_ladder *l)
{
	const json_t *g = form_object(f, o, "groups");
	if (!g)
		return;
	static const char *const keys[] = { "fact", "names", NULL };
	form_keys(f, g, keys);
	l->group_fact = form_need_text(f, g, "fact");
	const json_t *names = form_array(f, g, "names", TARIFF_GROUPS_MAX);
	for (size_t i = 0; names && i < json_array_size(names); i++) {
		const char *name = json_string_value(json_array_get(names, i));
		const char *copy = name ? form_copy(f, name) : NULL;
		if (!copy)
			form_refuse(f, "tariff.ladder.group", "groups", "'names' is an array of texts");
		else
			l->groups[l->group_count++] = copy;
	}
	if (!l->group_count)
		form_refuse(f, "tariff.ladder.group", "groups", "'names' names the groups");
}

static void persons_read(form *f, const json_t *o, tariff_ladder *l)
{
	const json_t *p = form_object(f, o, "persons");
	if (!p)
		return;
	static const char *const keys[] = { "fact", "over", "add", "once", NULL };
	form_keys(f, p, keys);
	l->person_fact = form_text(f, p, "fact", "persons");
	l->person_over = form_int(f, p, "over", 0, 1000, 0);
	l->person_once = form_bool(f, p, "once", false);
	l->person_add = arena_array(f->a, TARIFF_BLOCKS_MAX, sizeof *l->person_add);
	if (!l->person_add) {
		form_nomem(f);
		return;
	}
	const json_t *add = form_array(f, p, "add", TARIFF_BLOCKS_MAX);
	for (size_t i = 0; add && i < json_array_size(add); i++)
		form_number(f, json_array_get(add, i), &l->person_add[i]);
	if (!add || !json_array_size(add))
		form_refuse(f, "tariff.ladder.persons", "persons",
			    "'add' is an array: what each block's limit grows by");
}

static void period_read(form *f, const json_t *o, tariff_ladder *l)
{
	const json_t *p = form_object(f, o, "period");
	l->reset_month = l->reset_day = 1;
	if (!p)
		return;
	static const char *const keys[] = { "months", "reset", NULL };
	form_keys(f, p, keys);
	l->months = (int)form_int(f, p, "months", 1, 12, 12);
	if (12 % l->months)
		form_refuse(f, "tariff.ladder.period", "period", "months is 1, 2, 3, 4, 6 or 12");
	int day = 101;
	if (json_object_get(p, "reset") && form_day_of_year(f, json_object_get(p, "reset"), &day) && day % 100 > 28)
		form_refuse(f, "tariff.ladder.period", "period", "'reset' is a day that every month has, at most 28");
	l->reset_month = day / 100;
	l->reset_day = day % 100;
}

/* Constant limits must rise and the last block must be open; limits that depend on facts are looked at in rating. */
static void ladder_order(form *f, const tariff_ladder *l)
{
	for (size_t i = 0; i < l->count; i++) {
		const tariff_block *b = &l->blocks[i], *prev = i ? &l->blocks[i - 1] : NULL;
		bool last_of_head = b->capped && (i + 1 == l->count || !l->blocks[i + 1].capped ||
						  decimal_cmp(l->blocks[i + 1].cap, b->cap));
		if (b->open && i + 1 < l->count && !last_of_head) {
			form_refuse(f, "tariff.ladder.order", "blocks",
				    "only the last block is open: block %zu has no 'upto'; give it one", i + 1);
			return;
		}
		bool same =
		    prev && !prev->open && !b->open && prev->times_count == b->times_count && prev->capped == b->capped;
		for (size_t k = 0; same && k < b->times_count; k++)
			same = !strcmp(prev->times[k], b->times[k]);
		size_t groups = l->group_count ? l->group_count : 1;
		for (size_t g = 0; same && g < groups; g++) {
			decimal lo = prev->upto_by_group ? prev->upto_by_group[g] : prev->upto;
			decimal hi = b->upto_by_group ? b->upto_by_group[g] : b->upto;
			if (decimal_cmp(lo, hi) >= 0) {
				form_refuse(
				    f, "tariff.ladder.order", "blocks",
				    "limits rise from block to block: block %zu does not end above the one before it; "
				    "put them in order",
				    i + 1);
				return;
			}
		}
	}
	if (l->count && !l->blocks[l->count - 1].open)
		form_refuse(f, "tariff.ladder.gap", "blocks",
			    "use above the last limit has no price: leave 'upto' of the last block out");
}

void tariff_ladder_read(form *f, const json_t *o, const calendar *cal, uint64_t periods, tariff_ladder *l)
{
	static const char *const keys[] = { "mode",    "period",       "share",	 "part_year", "groups",
					    "persons", "flat_at_zero", "blocks", NULL };
	static const char *const modes[] = { "graduated", "volume", NULL };
	static const char *const shares[] = { "total", "time", NULL };
	static const char *const parts[] = { "whole", "months", "days", NULL };
	size_t mark = form_enter(f, "ladder", -1);
	form_keys(f, o, keys);
	l->volume = form_choice(f, o, "mode", modes, 0) == 1;
	l->share = (tariff_share)form_choice(f, o, "share", shares, 0);
	l->part = (tariff_part)form_choice(f, o, "part_year", parts, 0);
	l->flat_at_zero = form_bool(f, o, "flat_at_zero", false);
	period_read(f, o, l);
	groups_read(f, o, l);
	persons_read(f, o, l);
	l->blocks = arena_array(f->a, TARIFF_BLOCKS_MAX, sizeof *l->blocks);
	const json_t *blocks = form_array(f, o, "blocks", TARIFF_BLOCKS_MAX);
	if (!l->blocks)
		form_nomem(f);
	else if (!blocks || !json_array_size(blocks))
		form_refuse(f, "tariff.ladder.blocks", "blocks", "'blocks' is an array with at least one block");
	for (size_t i = 0; blocks && i < json_array_size(blocks) && f->st == HUB_OK; i++) {
		size_t at = form_enter(f, "blocks", (long)i);
		block_read(f, json_array_get(blocks, i), cal, periods, l, NULL);
		form_leave(f, at);
	}
	if (f->st == HUB_OK)
		ladder_order(f, l);
	form_leave(f, mark);
}
