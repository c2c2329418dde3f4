#include "mqtt_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "model/quantity.h"

enum { VALUES_MAX = 10000, DETAILS_MAX = 32 };

typedef struct shape {
	const char *name;           /* the member by which it is known */
	const char *const *members; /* all it may have; NULL ends */
	hub_status (*emit)(session *s, const json_t *object);
} shape;

static hub_status refuse(session *s, const char *code, const char *field, const char *rule)
{
	hub_fault fault;
	hub_fault_set(&fault, code, field, "%s", rule);
	return session_refuse(s, &fault);
}

/* A text member; `fallback` when it is absent. NULL: it is no text or is required and absent. */
static const char *text_of(const json_t *object, const char *name, const char *fallback)
{
	const json_t *v = json_object_get(object, name);
	return v ? json_string_value(v) : fallback;
}

/* An absent time is 0. */
static bool time_of(const json_t *object, const char *name, hub_time *ret)
{
	const json_t *v = json_object_get(object, name);
	*ret = 0;
	return !v || (json_is_string(v) && clock_parse(json_string_value(v), json_string_length(v), ret) && *ret);
}

static bool flags_of(const json_t *object, uint32_t *ret)
{
	const json_t *list = json_object_get(object, "flags"), *one;
	size_t i;
	*ret = 0;
	json_array_foreach (list, i, one) {
		const char *name = json_string_value(one);
		unsigned bit = 0;
		while (hub_flag_names[bit] && (!name || strcmp(name, hub_flag_names[bit]) != 0))
			bit++;
		if (!hub_flag_names[bit])
			return false;
		*ret |= 1u << bit;
	}
	return !list || json_is_array(list);
}

/* Said, or what the quantity allows: an interval if there is a start, else its other kind. */
static hub_kind kind_of(const json_t *object, const char *quantity_name, bool has_start)
{
	const json_t *v = json_object_get(object, "kind");
	hub_kind kind;
	if (v)
		return json_is_string(v) && hub_kind_parse(json_string_value(v), &kind) ? kind : 0;
	if (has_start)
		return HUB_INTERVAL;
	const quantity *q = quantity_find(quantity_name);
	static const hub_kind order[] = { HUB_REGISTER, HUB_INSTANT, HUB_STATE };
	for (size_t i = 0; q && i < sizeof order / sizeof *order; i++)
		if (q->kinds >> order[i] & 1)
			return order[i];
	return HUB_REGISTER;
}

/* What readings, blocks and states share. False: it was refused, with the answer in *ret_st. */
static bool common_of(session *s, const json_t *object, hub_reading *r, hub_status *ret_st)
{
	*r = (hub_reading){ .meter = text_of(object, "meter", NULL),
			    .channel = text_of(object, "channel", ""),
			    .quantity = text_of(object, "quantity", NULL),
			    .unit = text_of(object, "unit", "1") };
	const char *field = !r->meter ? "meter" : !r->channel ? "channel" : !r->quantity ? "quantity" : !r->unit ? "unit" : NULL;
	if (field) {
		*ret_st = refuse(s, "mqtt_json.text", field, "a JSON string is required here");
		return false;
	}
	if (!flags_of(object, &r->flags)) {
		*ret_st = refuse(s, "mqtt_json.flags", "flags", "a list of known flag names, such as \"estimated\"");
		return false;
	}
	field = !time_of(object, "start", &r->start) ? "start" : !time_of(object, "time", &r->time) ? "time" : NULL;
	if (field)
		*ret_st = refuse(s, "mqtt_json.time", field, "RFC 3339 with Z or an offset, such as 2026-01-31T08:15:00+08:00");
	return !field;
}

static hub_status reading_send(session *s, const hub_reading *reading)
{
	hub_record r = { .type = HUB_RECORD_READING, .reading = *reading };
	return session_emit(s, &r);
}

static hub_status reading_emit(session *s, const json_t *object)
{
	hub_reading r;
	hub_status st;
	hub_fault fault;
	if (!common_of(s, object, &r, &st))
		return st;
	r.kind = kind_of(object, r.quantity, r.start != 0);
	if (!r.kind)
		return refuse(s, "mqtt_json.kind", "kind", "register, interval, instant or state");
	if ((r.kind == HUB_INTERVAL) != (r.start != 0) || (r.start && r.time <= r.start))
		return refuse(s, "mqtt_json.interval", "start", "an interval has a start before its time; others have none");
	if (!json_object_get(object, "unit") && r.kind != HUB_STATE)
		return refuse(s, "mqtt_json.text", "unit", "a JSON string is required here");
	if (member_value(json_object_get(object, "value"), &r.value, &fault) != HUB_OK)
		return session_refuse(s, &fault);
	return reading_send(s, &r);
}

/* "PT15M", "PT1H", "PT30S", "P1D", or whole seconds. 0: neither. */
static int64_t step_of(const json_t *v)
{
	static const struct {
		const char *before;
		char unit;
		int seconds;
	} forms[] = { { "PT", 'S', 1 }, { "PT", 'M', 60 }, { "PT", 'H', 3600 }, { "P", 'D', 86400 } };
	const char *t = json_string_value(v);
	int64_t seconds = json_is_integer(v) ? json_integer_value(v) : 0;
	for (size_t i = 0; t && i < sizeof forms / sizeof *forms; i++) {
		size_t begin = strlen(forms[i].before), n = 0;
		if (strncmp(t, forms[i].before, begin) != 0)
			continue;
		n = strspn(t + begin, "0123456789");
		if (n && n <= 5 && t[begin + n] == forms[i].unit && !t[begin + n + 1])
			seconds = strtol(t + begin, NULL, 10) * forms[i].seconds;
	}
	return seconds > 0 && seconds <= 366 * 86400 ? seconds * 1000000 : 0;
}

static hub_status block_emit(session *s, const json_t *object)
{
	hub_reading r;
	hub_status st;
	hub_fault fault;
	if (!common_of(s, object, &r, &st))
		return st;
	int64_t step = step_of(json_object_get(object, "step"));
	const json_t *values = json_object_get(object, "values"), *v;
	hub_time first = r.start;
	size_t i;
	r.kind = kind_of(object, r.quantity, true);
	if (!first || !step)
		return refuse(s, "mqtt_json.step", first ? "step" : "start",
			      "a block has a start and a step: PT15M, PT1H, P1D or whole seconds");
	if (!r.kind || r.kind == HUB_STATE || !json_is_array(values) || json_array_size(values) > VALUES_MAX)
		return refuse(s, "mqtt_json.block", r.kind && r.kind != HUB_STATE ? "values" : "kind",
			      "register, interval or instant, with a list of at most 10,000 values");
	if (!json_object_get(object, "unit"))
		return refuse(s, "mqtt_json.text", "unit", "a JSON string is required here");
	json_array_foreach (values, i, v) {
		r.start = r.kind == HUB_INTERVAL ? first + (int64_t)i * step : 0;
		r.time = first + (int64_t)(r.kind == HUB_INTERVAL ? i + 1 : i) * step;
		if (json_is_null(v))
			continue; /* missing: the gap is the intake's to see */
		if (member_value(v, &r.value, &fault) == HUB_OK) {
			st = reading_send(s, &r);
		} else {
			char why[sizeof fault.message];
			snprintf(why, sizeof why, "value %zu of the block: %.200s", i, fault.message);
			st = refuse(s, fault.code, "values", why);
		}
		if (st != HUB_OK)
			return st;
	}
	return HUB_OK;
}

static hub_status state_emit(session *s, const json_t *object)
{
	hub_reading r;
	hub_status st;
	if (!common_of(s, object, &r, &st))
		return st;
	const json_t *state = json_object_get(object, "state");
	const char *name = json_string_value(state);
	const quantity *q = quantity_find(r.quantity);
	r.kind = HUB_STATE;
	for (size_t i = 0; q && i < q->state_count; i++)
		if (name ? !strcmp(q->states[i].name, name) : json_integer_value(state) == q->states[i].code) {
			r.value.digits = q->states[i].code;
			return json_is_integer(state) || name ? reading_send(s, &r)
							      : refuse(s, "mqtt_json.state", "state", "a name or a code");
		}
	return refuse(s, "mqtt_json.state", "state", "a state's name or code of the quantity, as schemas/quantities.json lists them");
}

/* An object of texts; false: it was refused. */
static bool details_of(session *s, const json_t *object, hub_setting *out, size_t *ret_count, hub_status *ret_st)
{
	const json_t *list = json_object_get(object, "details");
	const char *key;
	json_t *v;
	*ret_count = 0;
	bool good = (!list || json_is_object(list)) && json_object_size(list) <= DETAILS_MAX;
	json_object_foreach ((json_t *)(uintptr_t)(good ? list : NULL), key, v) {
		good &= json_is_string(v);
		out[(*ret_count)++] = (hub_setting){ key, json_string_value(v) };
	}
	if (!good)
		*ret_st = refuse(s, "mqtt_json.details", "details", "an object of at most 32 texts");
	return good;
}

/* What became of a command: it names itself as the hub did. */
static hub_status result_emit(session *s, const json_t *object)
{
	hub_setting details[DETAILS_MAX];
	hub_status st;
	hub_record r = { .type = HUB_RECORD_RESULT };
	r.result = (hub_result){ .command = text_of(object, "command", NULL), .state = text_of(object, "state", NULL),
				 .reason = text_of(object, "reason", ""), .details = details };
	if (!r.result.command || !r.result.state || !r.result.reason)
		return refuse(s, "mqtt_json.text", !r.result.command ? "command" : !r.result.state ? "state" : "reason",
			      "a JSON string is required here");
	if (strcmp(r.result.state, "confirmed") != 0 && strcmp(r.result.state, "refused") != 0)
		return refuse(s, "mqtt_json.result", "state", "confirmed or refused");
	if (!time_of(object, "time", &r.result.time))
		return refuse(s, "mqtt_json.time", "time", "RFC 3339 with Z or an offset, such as 2026-01-31T08:15:00+08:00");
	return details_of(s, object, details, &r.result.detail_count, &st) ? session_emit(s, &r) : st;
}

static hub_status event_emit(session *s, const json_t *object)
{
	hub_setting details[DETAILS_MAX];
	hub_status st;
	hub_record r = { .type = HUB_RECORD_EVENT };
	const json_t *cleared = json_object_get(object, "cleared");
	r.event = (hub_event){ .meter = text_of(object, "meter", NULL), .channel = text_of(object, "channel", ""),
			       .code = text_of(object, "event", NULL), .cleared = json_is_true(cleared), .details = details };
	if (!r.event.meter || !r.event.channel || !r.event.code)
		return refuse(s, "mqtt_json.text", !r.event.meter ? "meter" : !r.event.channel ? "channel" : "event",
			      "a JSON string is required here");
	if (cleared && !json_is_boolean(cleared))
		return refuse(s, "mqtt_json.cleared", "cleared", "true or false");
	if (!time_of(object, "time", &r.event.time))
		return refuse(s, "mqtt_json.time", "time", "RFC 3339 with Z or an offset, such as 2026-01-31T08:15:00+08:00");
	return details_of(s, object, details, &r.event.detail_count, &st) ? session_emit(s, &r) : st;
}

static const char *const reading_members[] = { "meter", "channel", "quantity", "kind", "value", "unit", "start", "time", "flags", NULL };
static const char *const block_members[] = { "meter", "channel", "quantity", "kind", "values", "unit", "start", "step", "flags", NULL };
static const char *const state_members[] = { "meter", "channel", "quantity", "state", "time", "flags", NULL };
static const char *const event_members[] = { "meter", "channel", "event", "time", "cleared", "details", NULL };

static const char *const result_members[] = { "command", "state", "reason", "time", "details", NULL };

static const shape shapes[] = {
	{ "command", result_members, result_emit },
	{ "values", block_members, block_emit },
	{ "value", reading_members, reading_emit },
	{ "state", state_members, state_emit },
	{ "event", event_members, event_emit },
};

static bool is_member(const shape *sh, const char *name)
{
	for (const char *const *m = sh->members; *m; m++)
		if (!strcmp(*m, name))
			return true;
	return false;
}

hub_status object_emit(session *s, const json_t *object)
{
	const char *key;
	json_t *v;
	for (size_t i = 0; json_is_object(object) && i < sizeof shapes / sizeof *shapes; i++) {
		if (!json_object_get(object, shapes[i].name))
			continue;
		json_object_foreach ((json_t *)(uintptr_t)object, key, v) {
			if (is_member(&shapes[i], key))
				continue;
			char why[128];
			snprintf(why, sizeof why, "a %s has no member '%.40s'; check the spelling", shapes[i].name, key);
			return refuse(s, "mqtt_json.member", "", why);
		}
		return shapes[i].emit(s, object);
	}
	return refuse(s, "mqtt_json.shape", "", "an object with 'value', 'values', 'state', 'event' or 'command', or a list of them");
}

hub_status member_value(const json_t *v, hub_value *ret, hub_fault *fault)
{
	char text[64];
	if (json_is_string(v)) {
		hub_status st = hub_value_parse(json_string_value(v), json_string_length(v), ret);
		if (st == HUB_RANGE)
			return hub_fault_set(fault, "mqtt_json.range", "value", "at most 18 digits in all; '%.40s' has more",
					     json_string_value(v));
		return st == HUB_OK ? HUB_OK : hub_fault_set(fault, "mqtt_json.value", "value",
							     "a plain decimal such as \"12.50\", not '%.40s'", json_string_value(v));
	}
	if (json_is_integer(v)) {
		*ret = (hub_value){ json_integer_value(v), 0 };
		return HUB_OK;
	}
	if (!json_is_real(v))
		return hub_fault_set(fault, "mqtt_json.value", "value", "a decimal as text (\"12.50\") or a number");
	/* Up to 15 digits a number is what was written; beyond, it may have been changed on the way here. */
	double d = json_real_value(v);
	for (int decimals = 0; decimals <= 15; decimals++) {
		int n = snprintf(text, sizeof text, "%.*f", decimals, d);
		size_t digits = strspn(text + (text[0] == '-'), "0.");
		char *end;
		if (n < (int)sizeof text && strtod(text, &end) == d)
			return (size_t)n - digits <= 16 ? hub_value_parse(text, (size_t)n, ret)
							: hub_fault_set(fault, "mqtt_json.precision", "value",
									"more digits than a JSON number keeps; send it as text");
	}
	return hub_fault_set(fault, "mqtt_json.precision", "value", "more digits than a JSON number keeps; send it as text");
}
