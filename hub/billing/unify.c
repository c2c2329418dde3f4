#include "billing/unify.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

#define HOUR INT64_C(3600000000)

bool unify_cycle_parse(const char *text, int32_t *ret)
{
	int v = 0;
	for (int i = 0; i < 7; i++) {
		if (i == 4 ? text[i] != '-' : text[i] < '0' || text[i] > '9')
			return false;
		if (i != 4)
			v = 10 * v + text[i] - '0';
	}
	if (text[7] || v % 100 < 1 || v % 100 > 12 || v < 100)
		return false;
	*ret = v;
	return true;
}

hub_status unify_cycle(int32_t cycle, const zone *z, int days, hub_time *ret_start, hub_time *ret_end, hub_time *ret_due)
{
	int year = cycle / 100, month = cycle % 100;
	if (year < 1 || year > 9998 || month < 1 || month > 12)
		return HUB_REJECT;
	zone_from_civil(z, (zone_civil){ .year = year, .month = month, .day = 1 }, ret_start, NULL);
	*ret_end = zone_next(z, *ret_start, ZONE_MONTH);
	zone_civil due = zone_to_civil(z, *ret_end);
	due.day += days;
	zone_from_civil(z, due, ret_due, NULL);
	return HUB_OK;
}

static bool times_below(decimal a, int64_t times, decimal b)
{
	decimal product;
	return decimal_mul(a, decimal_of(times, 0), &product) == HUB_OK && decimal_cmp(product, b) < 0;
}

void unify_judge(unify_part *p, const unify_part *last, int64_t covered)
{
	if (covered < 1000000)
		p->flags |= UNIFY_MISSING;
	if (decimal_sign(p->estimated) > 0 && !times_below(p->estimated, 5, p->quantity))
		p->flags |= UNIFY_ESTIMATED;
	if (!last || strcmp(last->unit, p->unit) || decimal_sign(last->quantity) <= 0)
		return;
	/* By the hour: a cut cycle is no jump. */
	decimal now, was;
	if (decimal_mul(p->quantity, decimal_of((last->end - last->start) / HOUR, 0), &now) == HUB_OK &&
	    decimal_mul(last->quantity, decimal_of((p->end - p->start) / HOUR, 0), &was) == HUB_OK &&
	    (times_below(now, 3, was) || times_below(was, 3, now)))
		p->flags |= UNIFY_JUMP;
}

hub_status unify_total(const unify_bill *b, int64_t *ret)
{
	int64_t sum = 0;
	for (size_t i = 0; i < b->count; i++)
		if (__builtin_add_overflow(sum, b->parts[i].amount, &sum))
			return HUB_RANGE;
	*ret = sum;
	return HUB_OK;
}

unsigned unify_flags(const unify_bill *b)
{
	unsigned flags = 0;
	for (size_t i = 0; i < b->count; i++)
		flags |= b->parts[i].flags;
	return flags;
}

static void write_part(const unify_part *p, buf *out)
{
	char text[DECIMAL_TEXT];
	buf_printf(out, "{\"p\":%lld,\"u\":%lld,\"t\":%lld,\"s\":%lld,\"e\":%lld,\"a\":%lld,\"q\":\"%s\",", (long long)p->point,
		   (long long)p->party, (long long)p->tariff, (long long)(p->start / 1000000), (long long)(p->end / 1000000),
		   (long long)p->amount, decimal_text(decimal_trim(p->quantity), text));
	if (decimal_sign(p->estimated))
		buf_printf(out, "\"x\":\"%s\",", decimal_text(decimal_trim(p->estimated), text));
	if (p->reference && *p->reference) {
		buf_text(out, "\"r\":");
		json_write_text(out, p->reference);
		buf_text(out, ",");
	}
	if (p->state && *p->state)
		buf_printf(out, "\"k\":%s,", p->state);
	buf_printf(out, "\"f\":%u,\"n\":", p->flags);
	json_write_text(out, p->unit);
	buf_text(out, "}");
}

void unify_write(const unify_bill *b, buf *out)
{
	buf_text(out, "[");
	for (size_t i = 0; i < b->count; i++) {
		buf_text(out, i ? "," : "");
		write_part(&b->parts[i], out);
	}
	buf_text(out, "]");
}

static const char *copy_text(const json_t *o, const char *key, arena *a)
{
	const char *text = json_string_value(json_object_get(o, key));
	return arena_strdup(a, text);
}

static bool copy_decimal(const json_t *o, const char *key, decimal *ret)
{
	const char *text = json_string_value(json_object_get(o, key));
	return !text || decimal_parse(text, strlen(text), ret) == HUB_OK;
}

static hub_status read_part(const json_t *o, arena *a, unify_part *p)
{
	*p = (unify_part){
		.point = json_integer_value(json_object_get(o, "p")), .party = json_integer_value(json_object_get(o, "u")),
		.tariff = json_integer_value(json_object_get(o, "t")),
		.start = json_integer_value(json_object_get(o, "s")) * 1000000,
		.end = json_integer_value(json_object_get(o, "e")) * 1000000,
		.amount = json_integer_value(json_object_get(o, "a")),
		.flags = (unsigned)json_integer_value(json_object_get(o, "f")),
		.unit = copy_text(o, "n", a), .reference = copy_text(o, "r", a), .state = "", .why = "",
	};
	const json_t *state = json_object_get(o, "k");
	char *text = state ? json_dumps(state, JSON_COMPACT) : NULL;
	if (state)
		p->state = text ? arena_strdup(a, text) : NULL;
	free(text);
	if (!p->unit || !p->reference || !p->state)
		return HUB_NOMEM;
	return copy_decimal(o, "q", &p->quantity) && copy_decimal(o, "x", &p->estimated) && p->start < p->end ? HUB_OK
													       : HUB_REJECT;
}

hub_status unify_read(const char *text, arena *a, unify_bill *ret)
{
	json_t *list = json_loads(text, 0, NULL);
	hub_status st = json_is_array(list) && json_array_size(list) <= UNIFY_PARTS_MAX ? HUB_OK : HUB_REJECT;
	size_t count = st == HUB_OK ? json_array_size(list) : 0;
	for (size_t i = 0; st == HUB_OK && i < count; i++)
		st = read_part(json_array_get(list, i), a, &ret->parts[i]);
	if (st == HUB_OK)
		ret->count = count;
	json_decref(list);
	return st;
}

const unify_part *unify_find(const unify_bill *b, int64_t point, int64_t party)
{
	const unify_part *found = NULL;
	for (size_t i = 0; i < b->count; i++)
		if (b->parts[i].point == point && b->parts[i].party == party && (!found || b->parts[i].end > found->end))
			found = &b->parts[i];
	return found;
}

static const unify_part *same(const unify_bill *b, const unify_part *p)
{
	for (size_t i = 0; i < b->count; i++)
		if (b->parts[i].point == p->point && b->parts[i].party == p->party && b->parts[i].start == p->start)
			return &b->parts[i];
	return NULL;
}

size_t unify_changes(const unify_bill *was, const unify_bill *is, unify_change ret[2 * UNIFY_PARTS_MAX])
{
	size_t n = 0;
	for (size_t i = 0; i < was->count; i++) {
		const unify_part *p = same(is, &was->parts[i]);
		ret[n++] = (unify_change){ &was->parts[i], p, (p ? p->amount : 0) - was->parts[i].amount };
	}
	for (size_t i = 0; i < is->count; i++)
		if (!same(was, &is->parts[i]))
			ret[n++] = (unify_change){ NULL, &is->parts[i], is->parts[i].amount };
	return n;
}
