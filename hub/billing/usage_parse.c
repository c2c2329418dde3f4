#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "billing/form.h"
#include "billing/ocpi.h"
#include "billing/usage_state.h"

enum { SERIES_MAX = 64, VALUES_MAX = 600000, FACTS_MAX = 200, REGISTERS_MAX = 100000 };

/* Seconds as an integer, "15min", "1h", "PT30M", "P1D"; months ("P1M", "month") go to ret_months. */
static bool step_parse(const json_t *v, int64_t *ret, int *ret_months)
{
	static const struct {
		const char *name;
		int64_t seconds;
		int months;
	} names[] = {
		{ "hour", 3600, 0 },  { "1h", 3600, 0 },    { "PT1H", 3600, 0 },  { "PT60M", 3600, 0 },
		{ "60min", 3600, 0 }, { "30min", 1800, 0 }, { "PT30M", 1800, 0 }, { "15min", 900, 0 },
		{ "PT15M", 900, 0 },  { "10min", 600, 0 },  { "PT10M", 600, 0 },  { "5min", 300, 0 },
		{ "PT5M", 300, 0 },   { "1min", 60, 0 },    { "PT1M", 60, 0 },	  { "minute", 60, 0 },
		{ "day", 86400, 0 },  { "1d", 86400, 0 },   { "P1D", 86400, 0 },  { "month", 0, 1 },
		{ "P1M", 0, 1 },      { "P2M", 0, 2 },	    { "P3M", 0, 3 },	  { "quarter", 0, 3 },
		{ "P4M", 0, 4 },      { "year", 0, 12 },    { "P1Y", 0, 12 },	  { "P12M", 0, 12 },
	};
	*ret_months = 0;
	if (json_is_integer(v)) {
		*ret = json_integer_value(v) * 1000000;
		return json_integer_value(v) > 0 && json_integer_value(v) <= 366LL * 86400;
	}
	for (size_t i = 0; json_is_string(v) && i < sizeof names / sizeof *names; i++) {
		if (!strcmp(names[i].name, json_string_value(v))) {
			*ret = names[i].seconds * 1000000;
			*ret_months = names[i].months;
			return true;
		}
	}
	return false;
}

/* Numbers brought to one scale, the largest any has. */
static int64_t *numbers_read(form *f, const json_t *list, uint8_t *ret_scale)
{
	size_t n = json_array_size(list);
	decimal *d = fail_malloc((n ? n : 1) * sizeof *d);
	int64_t *out = arena_array(f->a, n, sizeof *out);
	uint8_t scale = 0;
	if (!d || !out) {
		form_nomem(f);
		free(d);
		return NULL;
	}
	for (size_t i = 0; i < n && f->st == HUB_OK; i++) {
		size_t mark = form_enter(f, "values", (long)i);
		const json_t *v = json_array_get(list, i);
		if (json_is_null(v))
			form_refuse(f, "usage.value.missing", "values",
				    "a value is missing; estimate it first and mark it under 'estimated'");
		else
			form_number(f, v, &d[i]);
		if (f->st == HUB_OK) {
			d[i] = decimal_trim(d[i]);
			scale = d[i].scale > scale ? d[i].scale : scale;
		}
		form_leave(f, mark);
	}
	for (size_t i = 0; i < n && f->st == HUB_OK; i++) {
		if (decimal_to_int64(d[i], scale, DECIMAL_DOWN, &out[i]) != HUB_OK)
			form_refuse(f, "usage.value.range", "values",
				    "value %zu does not fit beside the others' %u digits", i, scale);
	}
	free(d);
	*ret_scale = scale;
	return out;
}

static void estimated_read(form *f, const json_t *o, usage_series *s)
{
	const json_t *list = form_array(f, o, "estimated", VALUES_MAX);
	if (!list)
		return;
	uint8_t *marks = arena_alloc(f->a, s->count);
	if (!marks) {
		form_nomem(f);
		return;
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_int_t at = json_integer_value(json_array_get(list, i));
		if (!json_is_integer(json_array_get(list, i)) || at < 0 || (size_t)at >= s->count)
			form_refuse(f, "usage.estimated", "estimated", "'estimated' is an array of places in 'values'");
		else
			marks[at] = 1;
	}
	s->estimated = marks;
}

static void months_to_spans(form *f, usage_series *s, int months)
{
	usage_span *spans = arena_array(f->a, s->count, sizeof *spans);
	if (!spans) {
		form_nomem(f);
		return;
	}
	zone_civil c = f->zone ? zone_to_civil(f->zone, s->start) : (zone_civil) { 0 };
	hub_time at = s->start;
	for (size_t i = 0; i < s->count; i++) {
		c.month += months;
		hub_time next;
		zone_from_civil(f->zone, c, &next, NULL);
		spans[i] = (usage_span) { at, next, s->values[i], s->estimated && s->estimated[i] };
		at = next;
	}
	s->spans = spans;
}

static void values_read(form *f, const json_t *o, usage_series *s)
{
	const json_t *list = form_array(f, o, "values", VALUES_MAX);
	int months = 0;
	if (!form_time(f, o, "start", &s->start))
		form_refuse(f, "usage.series.start", "start", "'start' is required beside 'values'");
	if (!step_parse(json_object_get(o, "step"), &s->step, &months))
		form_refuse(f, "usage.series.step", "step",
			    "'step' is seconds as an integer, or 15min, 30min, 1h, 1d, P1M, …");
	if (f->st != HUB_OK || !list)
		return;
	s->count = json_array_size(list);
	s->values = numbers_read(f, list, &s->scale);
	estimated_read(f, o, s);
	if (f->st == HUB_OK && months) {
		months_to_spans(f, s, months);
		s->step = 0;
	}
}

typedef struct standing {
	hub_time time;
	decimal value;
	bool estimated;
} standing;

static void standing_read(form *f, const json_t *o, standing *ret)
{
	static const char *const keys[] = { "time", "value", "estimated", NULL };
	form_keys(f, o, keys);
	if (!form_time(f, o, "time", &ret->time))
		form_refuse(f, "usage.register.time", "time", "'time' is required");
	ret->value = form_need_decimal(f, o, "value");
	ret->estimated = form_bool(f, o, "estimated", false);
}

typedef struct span_draft {
	hub_time start, end;
	decimal amount;
	bool estimated;
} span_draft;

/* new − old, across the rollover of a register of so many digits, times the multiplier. */
static void difference(form *f, const standing *old, const standing *new, int64_t digits, decimal multiplier,
		       span_draft *ret)
{
	decimal d = { 0 };
	if (new->time <= old->time)
		form_refuse(f, "usage.register.order", "registers", "standings follow one another in time");
	if (f->st == HUB_OK && decimal_sub(new->value, old->value, &d) != HUB_OK)
		form_refuse(f, "usage.register.range", "registers", "the difference does not fit");
	if (f->st == HUB_OK && decimal_sign(d) < 0) {
		decimal modulus = decimal_of(1, 0), half = decimal_of(5, 1);
		for (int64_t i = 0; i < digits; i++)
			decimal_mul(modulus, decimal_of(10, 0), &modulus);
		decimal_mul(modulus, half, &half);
		if (digits)
			decimal_add(d, modulus, &d);
		if (!digits || decimal_sign(d) < 0 || decimal_cmp(d, half) > 0)
			form_refuse(f, "usage.register.decrease", "registers",
				    "a register fell and no rollover explains it: an exchanged meter is a new segment, "
				    "a rollover "
				    "needs 'digits'");
	}
	if (f->st == HUB_OK && decimal_mul(d, multiplier, &d) != HUB_OK)
		form_refuse(f, "usage.register.range", "registers", "the amount does not fit");
	*ret = (span_draft) { old->time, new->time, d, old->estimated || new->estimated };
}

/* What a segment does not say of its register, the series says for all. */
static size_t segment_read(form *f, const json_t *series, const json_t *o, span_draft *out, size_t room)
{
	decimal multiplier = decimal_of(1, 0);
	if (!form_decimal(f, o, "multiplier", &multiplier))
		form_decimal(f, series, "multiplier", &multiplier);
	int64_t digits = form_int(f, o, "digits", 1, 12, form_int(f, series, "digits", 1, 12, 0));
	const json_t *list = form_array(f, o, "registers", REGISTERS_MAX);
	size_t n = 0;
	standing last = { 0 };
	for (size_t i = 0; list && i < json_array_size(list) && f->st == HUB_OK; i++) {
		standing s = { 0 };
		size_t mark = form_enter(f, "registers", (long)i);
		standing_read(f, json_array_get(list, i), &s);
		if (i && f->st == HUB_OK && n < room)
			difference(f, &last, &s, digits, multiplier, &out[n++]);
		form_leave(f, mark);
		last = s;
	}
	return n;
}

static void drafts_to_spans(form *f, const span_draft *d, size_t n, usage_series *s)
{
	usage_span *spans = arena_array(f->a, n, sizeof *spans);
	if (!spans) {
		form_nomem(f);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		uint8_t scale = decimal_trim(d[i].amount).scale;
		s->scale = scale > s->scale ? scale : s->scale;
	}
	for (size_t i = 0; i < n && f->st == HUB_OK; i++) {
		spans[i] = (usage_span) { .start = d[i].start, .end = d[i].end, .estimated = d[i].estimated };
		if (decimal_to_int64(d[i].amount, s->scale, DECIMAL_DOWN, &spans[i].amount) != HUB_OK)
			form_refuse(f, "usage.register.range", "registers",
				    "an amount does not fit beside the others' digits");
		if (i && spans[i].start < spans[i - 1].end)
			form_refuse(f, "usage.segment.overlap", "segments",
				    "segments follow one another: one begins before the one before it ends");
	}
	s->spans = spans;
	s->count = n;
	s->registers = true;
}

static void registers_read(form *f, const json_t *o, usage_series *s)
{
	static const char *const keys[] = { "meter", "multiplier", "digits", "registers", NULL };
	const json_t *segments = form_array(f, o, "segments", 100);
	size_t room = json_array_size(json_object_get(o, "registers"));
	for (size_t i = 0; segments && i < json_array_size(segments); i++)
		room += json_array_size(json_object_get(json_array_get(segments, i), "registers"));
	span_draft *drafts = fail_calloc(room + 1, sizeof *drafts);
	if (!drafts) {
		form_nomem(f);
		return;
	}
	size_t n = segments ? 0 : segment_read(f, o, o, drafts, room);
	for (size_t i = 0; segments && i < json_array_size(segments) && f->st == HUB_OK; i++) {
		size_t mark = form_enter(f, "segments", (long)i);
		form_keys(f, json_array_get(segments, i), keys);
		n += segment_read(f, o, json_array_get(segments, i), drafts + n, room - n);
		form_leave(f, mark);
	}
	if (f->st == HUB_OK)
		drafts_to_spans(f, drafts, n, s);
	free(drafts);
}

static void series_read(form *f, const json_t *o, usage_series *s)
{
	static const char *const keys[] = { "quantity", "unit",	     "meter",	  "start",    "step",
					    "values",	"estimated", "registers", "segments", "multiplier",
					    "digits",	"instant",   NULL };
	form_keys(f, o, keys);
	s->quantity = form_need_text(f, o, "quantity");
	s->unit = form_need_text(f, o, "unit");
	s->meter = form_text(f, o, "meter", "");
	s->instant = form_bool(f, o, "instant", false);
	bool values = json_object_get(o, "values");
	bool registers = json_object_get(o, "registers") || json_object_get(o, "segments");
	if (values == registers)
		form_refuse(f, "usage.series.form", "series",
			    "a series has either 'values' or 'registers' (or 'segments')");
	else if (values)
		values_read(f, o, s);
	else
		registers_read(f, o, s);
}

static void fact_read(form *f, const char *name, const json_t *v, usage *u)
{
	usage_fact *fact = &u->facts[u->fact_count];
	const json_t *value = json_is_object(v) ? json_object_get(v, "value") : v;
	char number[32];
	const char *text = json_string_value(value);
	if (json_is_boolean(value)) {
		text = json_is_true(value) ? "true" : "false";
	} else if (json_is_number(value)) {
		fact->is_number = form_number(f, value, &fact->number);
		snprintf(number, sizeof number, "%.15g", json_number_value(value));
		text = number;
	}
	if (!text)
		return;
	fact->name = arena_strdup(f->a, name);
	fact->text = arena_strdup(f->a, text);
	fact->unit = json_is_object(v) ? form_text(f, v, "unit", "") : "";
	if (!fact->name || !fact->text) {
		form_nomem(f);
		return;
	}
	if (json_is_string(value))
		fact->is_number = decimal_parse(text, strlen(text), &fact->number) == HUB_OK;
	u->fact_count++;
}

static void facts_read(form *f, const json_t *o, usage *u)
{
	if (!o)
		return;
	size_t mark = form_enter(f, "facts", -1);
	if (json_object_size(o) > FACTS_MAX)
		form_refuse(f, "usage.facts", "facts", "at most %d facts", FACTS_MAX);
	u->facts = arena_array(f->a, json_object_size(o), sizeof *u->facts);
	if (!u->facts)
		form_nomem(f);
	const char *name;
	json_t *v;
	json_object_foreach ((json_t *)o, name, v) {
		if (f->st != HUB_OK)
			break;
		if (!strcmp(name, "prior_usage"))
			state_prior_read(f, v, &u->state);
		else if (!strcmp(name, "peaks"))
			state_peaks_read(f, v, &u->state);
		else if (!strcmp(name, "state"))
			state_read(f, v, &u->state);
		else if (!strcmp(name, "since"))
			form_moment(f, v, &u->since);
		else if (!strcmp(name, "as_of"))
			form_moment(f, v, &u->as_of);
		else
			fact_read(f, name, v, u);
	}
	form_leave(f, mark);
}

static void usage_read(form *f, const json_t *o, usage *u)
{
	static const char *const keys[] = { "zone", "start", "end", "series", "facts", "account", "text", NULL };
	form_keys(f, o, keys);
	const char *name = form_text(f, o, "zone", "UTC");
	u->owned = form_zone(f, name, "usage.zone");
	if (f->st != HUB_OK)
		return;
	u->zone = f->zone = u->owned;
	if (!form_time(f, o, "start", &u->start) || !form_time(f, o, "end", &u->end) || u->end <= u->start)
		form_refuse(f, "usage.period", "start", "'start' and a later 'end' are required");
	const json_t *list = form_array(f, o, "series", SERIES_MAX);
	u->series_count = list ? json_array_size(list) : 0;
	u->series = arena_array(f->a, u->series_count, sizeof *u->series);
	if (!u->series)
		form_nomem(f);
	for (size_t i = 0; i < u->series_count && f->st == HUB_OK; i++) {
		size_t mark = form_enter(f, "series", (long)i);
		series_read(f, json_array_get(list, i), &u->series[i]);
		form_leave(f, mark);
	}
	facts_read(f, form_object(f, o, "facts"), u);
}

hub_status usage_parse(const char *json, size_t len, arena *a, usage *ret, hub_fault *fault)
{
	json_error_t error;
	json_t *o = json_loadb(json, len, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(o)) {
		json_decref(o);
		return hub_fault_set(fault, "usage.json", "", "a usage document is a JSON object: %.120s",
				     o ? "" : error.text);
	}
	form f = { .a = a, .fault = fault, .st = HUB_OK };
	usage u = { 0 };
	if (json_object_get(o, "charging_periods"))
		ocpi_cdr_read(&f, o, &u);
	else
		usage_read(&f, o, &u);
	json_decref(o);
	if (f.st != HUB_OK) {
		usage_fini(&u);
		return f.st;
	}
	*ret = u;
	return HUB_OK;
}

hub_status usage_frame(const zone *z, hub_time start, hub_time end, const char *facts, const char *state, arena *a,
		       usage *ret, hub_fault *fault)
{
	form f = { .a = a, .fault = fault, .st = HUB_OK, .zone = z };
	json_t *own = json_loads(facts, JSON_REJECT_DUPLICATES, NULL),
	       *kept = *state ? json_loads(state, 0, NULL) : NULL;
	usage u = { .zone = z, .start = start, .end = end };
	if (!json_is_object(own) || (*state && !json_is_object(kept)))
		form_refuse(&f, "usage.json", "facts", "the facts of a contract are a JSON object");
	else
		facts_read(&f, own, &u);
	if (f.st == HUB_OK && kept) {
		size_t mark = form_enter(&f, "state", -1);
		state_read(&f, kept, &u.state);
		form_leave(&f, mark);
	}
	json_decref(own);
	json_decref(kept);
	if (f.st == HUB_OK)
		*ret = u;
	return f.st;
}

void usage_fini(usage *u)
{
	zone_free(u->owned);
	u->owned = NULL;
}
