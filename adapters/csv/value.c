#include "csv.h"

#include <string.h>

#include "base/utf8.h"
#include "number.h"

enum { METER_MAX = 64, CHANNEL_MAX = 32, NAME_MAX_LEN = 64 };

static const char *translated(const pair *pairs, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(pairs[i].from, text))
			return pairs[i].to;
	return text;
}

static hub_status text_check(const char *text, const char *field, size_t min, size_t max, size_t number, hub_fault *fault)
{
	size_t len = strlen(text);
	bool ok = len >= min && len <= max && utf8_valid(text, len);
	for (size_t i = 0; i < len && ok; i++)
		ok = (unsigned char)text[i] >= 0x20 && text[i] != 0x7f;
	if (ok)
		return HUB_OK;
	return hub_fault_set(fault, len ? "csv.text" : "csv.empty", field,
			     "row %zu: %s is UTF-8 text of %zu to %zu bytes: got '%.*s'; mend the row, or save the file as UTF-8",
			     number, field, min, max, utf8_valid(text, len) && len < 80 ? (int)len : 0, text);
}

static hub_status time_read(const config *c, const char *text, const char *field, size_t number, stamp *ret,
			    hub_fault *fault)
{
	if (!*text)
		return hub_fault_set(fault, "csv.empty", field, "row %zu: %s has no time; fill it in", number, field);
	if (!stamp_parse(text, c->format, ret))
		return hub_fault_set(fault, "csv.time", field,
				     "row %zu: %s is a date and time of the calendar in the format '%.40s': got '%.60s'", number,
				     field, c->format, utf8_valid(text, strlen(text)) ? text : "?");
	return HUB_OK;
}

hub_status row_head_read(const config *c, const columns *k, const row *r, size_t number, char text[][JOINED_MAX],
			 row_head *ret, hub_fault *fault)
{
	*ret = (row_head){ 0 };
	if (r->count < k->needed)
		return hub_fault_set(fault, "csv.columns", "row", "row %zu: the mapped columns reach to %zu: it has %zu fields",
				     number, k->needed, r->count);
	ret->meter = k->meter.part[0] >= 0 ? place_text(r, &k->meter, text[0]) : c->meter;
	ret->channel = k->channel.part[0] >= 0 ? place_text(r, &k->channel, text[1]) : NULL;
	ret->quantity = k->quantity.part[0] >= 0 ?
				translated(c->quantities, c->quantity_count, place_text(r, &k->quantity, text[2])) : NULL;
	ret->unit = k->unit.part[0] >= 0 ? translated(c->units, c->unit_count, place_text(r, &k->unit, text[3])) : NULL;
	hub_status st = text_check(ret->meter, "meter", 1, METER_MAX, number, fault);
	if (st == HUB_OK && ret->channel)
		st = text_check(ret->channel, "channel", 0, CHANNEL_MAX, number, fault);
	if (st == HUB_OK && ret->quantity)
		st = text_check(ret->quantity, "quantity", 1, NAME_MAX_LEN, number, fault);
	if (st == HUB_OK && ret->unit)
		st = text_check(ret->unit, "unit", 1, NAME_MAX_LEN, number, fault);
	const place *end = k->end.part[0] >= 0 ? &k->end : &k->time;
	if (st == HUB_OK)
		st = time_read(c, place_text(r, end, text[4]), k->end.part[0] >= 0 ? "end" : "time", number, &ret->end, fault);
	ret->has_start = k->start.part[0] >= 0;
	if (st == HUB_OK && ret->has_start)
		st = time_read(c, place_text(r, &k->start, text[5]), "start", number, &ret->start, fault);
	return st;
}

static hub_status skipped(const config *c, const char *field, size_t number, hub_fault *fault)
{
	return hub_fault_set(fault, "csv.time", field,
			     "row %zu: %s names a local time that the change of clocks in %s left out; correct it", number, field,
			     zone_name(c->zone));
}

/* The row's times in UTC; local ones that come twice by the order of rows. */
static hub_status times_resolve(const config *c, const row_head *head, hub_kind kind, size_t number, outcome *o)
{
	const series *s = o->series;
	stamp_order order = c->descending ? STAMP_BEFORE : s->any ? STAMP_AFTER : STAMP_FIRST;
	hub_time edge = s->any ? s->end : INT64_MAX;
	if (kind != HUB_INTERVAL || !head->has_start) {
		if (stamp_resolve(&head->end, c->zone, order, edge, &o->end) == ZONE_SKIPPED)
			return skipped(c, "time", number, &o->fault);
		bool from_interval = kind == HUB_INTERVAL && c->interval;
		if (from_interval && c->stamp_is_start)
			o->end += c->interval;
		o->start = from_interval ? o->end - c->interval : 0;
		return HUB_OK;
	}
	if (c->descending) {
		hub_time before = s->any && s->start ? s->start + 1 : INT64_MAX;
		if (stamp_resolve(&head->end, c->zone, STAMP_BEFORE, before, &o->end) == ZONE_SKIPPED)
			return skipped(c, "end", number, &o->fault);
		if (stamp_resolve(&head->start, c->zone, STAMP_BEFORE, o->end, &o->start) == ZONE_SKIPPED)
			return skipped(c, "start", number, &o->fault);
		return HUB_OK;
	}
	if (stamp_resolve(&head->start, c->zone, order, s->any ? s->end - 1 : 0, &o->start) == ZONE_SKIPPED)
		return skipped(c, "start", number, &o->fault);
	if (stamp_resolve(&head->end, c->zone, STAMP_AFTER, o->start, &o->end) == ZONE_SKIPPED)
		return skipped(c, "end", number, &o->fault);
	return HUB_OK;
}

static bool may_reset(const config *c, hub_time start)
{
	zone_civil at = zone_to_civil(c->zone, start);
	int minute = at.hour * 60 + at.minute;
	if (!c->resets)
		return false;
	if (c->reset_from <= c->reset_to)
		return minute >= c->reset_from && minute <= c->reset_to;
	return minute >= c->reset_from || minute <= c->reset_to;
}

/* An interval from two rows: `a` is the earlier one, `b` the one it belongs to. */
static hub_status chain(const config *c, size_t number, const outcome *a, const outcome *b, outcome *o)
{
	hub_reading *r = &o->reading;
	r->start = b->start ? b->start : a->end;
	r->time = b->end;
	r->value = b->value;
	o->becomes_base = false;
	if (b->end <= a->end)
		return hub_fault_set(&o->fault, "csv.order", "time",
				     "row %zu: rows of a meter are in %s order of time: this one is not; sort the file", number,
				     c->descending ? "decreasing" : "increasing");
	o->becomes_base = true;
	if (b->start && b->start < a->end)
		return hub_fault_set(&o->fault, "csv.overlap", "start",
				     "row %zu: an interval begins where the one before ends or later; correct its start", number);
	if (!c->cumulative)
		return HUB_OK;
	if (number_minus(b->value, a->value, &r->value) != HUB_OK)
		return hub_fault_set(&o->fault, "csv.range", "value", "row %zu: the difference of two standings does not fit",
				     number);
	if (r->value.digits >= 0)
		return HUB_OK;
	if (!may_reset(c, r->start))
		return hub_fault_set(&o->fault, "csv.decrease", "value",
				     "row %zu: a standing does not fall outside the reset times '%s': it did; check the meter",
				     number, c->resets ? "given" : "none");
	r->value = b->value;
	return HUB_OK;
}

static bool is_missing(const config *c, const char *text)
{
	for (size_t i = 0; i < c->missing_count; i++)
		if (!strcmp(c->missing[i], text))
			return true;
	return !*text;
}

static hub_status number_read(const config *c, const value_spec *v, const char *text, size_t number, outcome *o)
{
	hub_status st = number_parse(text, c->decimal, c->thousands, &o->value);
	if (st == HUB_OK && v->has_factor)
		st = number_times(o->value, v->factor, &o->value);
	if (st == HUB_REJECT)
		return hub_fault_set(&o->fault, "csv.number", "value",
				     "row %zu column '%.40s': a number has digits and '%c' as decimal mark: got '%.40s'", number,
				     v->column.name[0], c->decimal, utf8_valid(text, strlen(text)) ? text : "?");
	if (st == HUB_RANGE)
		return hub_fault_set(&o->fault, "csv.range", "value",
				     "row %zu column '%.40s': a value has at most 18 digits: '%.40s' has more", number,
				     v->column.name[0], text);
	return st;
}

/* Fills o->reading, or says why not. HUB_MISSING: the row gives none, and that is right. */
static hub_status reading_make(const config *c, const value_spec *v, const row_head *head, size_t number, outcome *o)
{
	const series *s = o->series;
	hub_status st = times_resolve(c, head, v->kind, number, o);
	if (st != HUB_OK)
		return st;
	if (v->kind != HUB_INTERVAL) {
		o->reading.time = o->end;
		o->becomes_base = true;
		return HUB_OK;
	}
	if (o->start && o->start >= o->end)
		return hub_fault_set(&o->fault, "csv.interval", "end", "row %zu: an interval ends after its start; correct it",
				     number);
	bool same_time = s->any && o->start == s->start && o->end == s->end;
	if (same_time && s->value.digits == o->value.digits && s->value.scale == o->value.scale)
		return HUB_MISSING;
	if (o->start && !c->cumulative) {
		o->reading.start = o->start;
		o->reading.time = o->end;
		o->becomes_base = true;
		return HUB_OK;
	}
	o->becomes_base = true;
	if (!s->any)
		return HUB_MISSING;
	outcome before = { .start = s->start, .end = s->end, .value = s->value };
	return c->descending ? chain(c, number, o, &before, o) : chain(c, number, &before, o, o);
}

hub_status value_read(const config *c, const columns *k, const row *r, size_t number, const row_head *head, size_t i,
		      series_map *map, outcome *ret)
{
	const value_spec *v = &c->values[i];
	char text[JOINED_MAX];
	*ret = (outcome){ .what = OUTCOME_NOTHING };
	ret->reading = (hub_reading){ .meter = head->meter,
				      .channel = head->channel ? head->channel : v->channel,
				      .quantity = head->quantity ? head->quantity : v->quantity,
				      .unit = head->unit ? head->unit : v->unit,
				      .kind = v->kind };
	place_text(r, &k->values[i], text);
	if (is_missing(c, text)) {
		if (c->refuse_missing)
			ret->what = OUTCOME_REFUSED;
		hub_fault_set(&ret->fault, "csv.empty", "value",
			      "row %zu column '%.40s': a value is required: fill it in, or set missing=skip", number,
			      v->column.name[0]);
		return HUB_OK;
	}
	ret->series = series_at(map, ret->reading.meter, ret->reading.channel, ret->reading.quantity);
	if (!ret->series)
		return HUB_NOMEM;
	hub_status st = number_read(c, v, text, number, ret);
	ret->reading.value = ret->value;
	if (st == HUB_OK)
		st = reading_make(c, v, head, number, ret);
	ret->what = st == HUB_OK ? OUTCOME_READING : st == HUB_MISSING ? OUTCOME_NOTHING : OUTCOME_REFUSED;
	return HUB_OK;
}
