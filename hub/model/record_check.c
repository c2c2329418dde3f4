#include "base/clock.h"
#include "base/utf8.h"
#include "model/quantity.h"
#include "model/record.h"

#include <string.h>

enum {
	METER_MAX = 64,
	CHANNEL_MAX = 32,
	NAME_MAX_BYTES = 64,
	ID_MAX = 128,
	VALUE_MAX = 4096,
	DETAILS_MAX = 256,
	BODY_MAX = RECORD_MAX - 1024, /* leaves room for the head with its peer */
};

/* One text of a record and its rule. `free_text` may hold control characters. */
typedef struct text_rule {
	const char *field, *text;
	size_t min, max;
	bool free_text;
} text_rule;

static bool has_control(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return true;
	return false;
}

static hub_status text_check(const text_rule *t, size_t *total, hub_fault *fault)
{
	size_t len = t->text ? strnlen(t->text, t->max + 1) : 0;
	*total += len + 3;
	if (len < t->min)
		return hub_fault_set(fault, "record.empty", t->field, "%s is empty, at least %zu byte is required",
				     t->field, t->min);
	if (len > t->max)
		return hub_fault_set(fault, "record.length", t->field, "%s is longer than %zu bytes, shorten it",
				     t->field, t->max);
	if (!utf8_valid(t->text, len) || (!t->free_text && has_control(t->text, len)))
		return hub_fault_set(fault, "record.text", t->field, "%s must be UTF-8%s; decode it in the adapter",
				     t->field, t->free_text ? "" : " without control characters");
	return HUB_OK;
}

static hub_status texts_check(const text_rule *rules, size_t *total, hub_fault *fault)
{
	for (; rules->field; rules++) {
		hub_status st = text_check(rules, total, fault);
		if (st != HUB_OK)
			return st;
	}
	return HUB_OK;
}

static hub_status time_check(const char *field, hub_time t, hub_fault *fault)
{
	char text[CLOCK_TEXT];
	if (*clock_text(t, text))
		return HUB_OK;
	return hub_fault_set(fault, "record.time", field, "%s lies outside the years 0001 to 9999", field);
}

static hub_status details_check(const hub_setting *details, size_t count, size_t total, hub_fault *fault)
{
	if (count > DETAILS_MAX)
		return hub_fault_set(fault, "record.details", "details", "%zu details, at most %d are allowed", count,
				     DETAILS_MAX);
	for (size_t i = 0; i < count; i++) {
		const text_rule rules[] = { { "details.key", details[i].key, 1, ID_MAX },
					    { "details.value", details[i].value, 0, VALUE_MAX, true },
					    { NULL } };
		hub_status st = texts_check(rules, &total, fault);
		if (st != HUB_OK)
			return st;
	}
	if (total > BODY_MAX)
		return hub_fault_set(fault, "record.size", "details", "record of %zu bytes, at most %d are allowed",
				     total, BODY_MAX);
	return HUB_OK;
}

static hub_status one_of(const char *field, const char *text, const char *const *names, hub_fault *fault)
{
	for (size_t i = 0; names[i]; i++)
		if (text && strcmp(text, names[i]) == 0)
			return HUB_OK;
	return hub_fault_set(fault, "record.word", field, "%s is '%.40s', must be one of %s, %s, %s", field,
			     text ? text : "", names[0], names[1], names[2]);
}

static hub_status reading_check(const hub_reading *r, hub_fault *fault)
{
	const text_rule rules[] = { { "meter", r->meter, 1, METER_MAX },
				    { "channel", r->channel, 0, CHANNEL_MAX },
				    { "quantity", r->quantity, 1, NAME_MAX_BYTES },
				    { "unit", r->unit, 1, NAME_MAX_BYTES },
				    { NULL } };
	size_t total = 0;
	hub_status st = texts_check(rules, &total, fault);
	if (st != HUB_OK)
		return st;
	if (!hub_kind_name(r->kind))
		return hub_fault_set(fault, "record.kind", "kind", "kind %d is unknown, 1 to 4 are allowed",
				     (int)r->kind);
	if (r->value.scale > (r->kind == HUB_STATE ? 0 : HUB_VALUE_SCALE_MAX))
		return hub_fault_set(fault, "record.scale", "value", "scale %d, at most %d is allowed here",
				     r->value.scale, r->kind == HUB_STATE ? 0 : HUB_VALUE_SCALE_MAX);
	if (r->flags >= (uint32_t)HUB_REVERSED << 1)
		return hub_fault_set(fault, "record.flags", "flags", "flags 0x%x hold unknown bits", r->flags);
	st = time_check("time", r->time, fault);
	if (st != HUB_OK)
		return st;
	if (r->kind != HUB_INTERVAL)
		return r->start ? hub_fault_set(fault, "record.start", "start", "only an interval has a start")
				: HUB_OK;
	if (!r->start || !r->time || r->start >= r->time)
		return hub_fault_set(fault, "record.start", "start", "an interval needs start and time, start first");
	return time_check("start", r->start, fault);
}

static hub_status event_check(const hub_event *e, hub_fault *fault)
{
	const text_rule rules[] = { { "meter", e->meter, 1, METER_MAX },
				    { "channel", e->channel, 0, CHANNEL_MAX },
				    { "code", e->code, 1, ID_MAX },
				    { NULL } };
	size_t total = 0;
	hub_status st = texts_check(rules, &total, fault);
	st = st == HUB_OK ? time_check("time", e->time, fault) : st;
	return st == HUB_OK ? details_check(e->details, e->detail_count, total, fault) : st;
}

static hub_status transaction_check(const hub_transaction *t, hub_fault *fault)
{
	static const char *const phases[] = { "start", "update", "stop", NULL };
	const text_rule rules[] = { { "meter", t->meter, 1, METER_MAX },
				    { "channel", t->channel, 0, CHANNEL_MAX },
				    { "id", t->id, 1, ID_MAX },
				    { "tag", t->tag, 0, ID_MAX },
				    { NULL } };
	size_t total = 0;
	hub_status st = texts_check(rules, &total, fault);
	st = st == HUB_OK ? one_of("phase", t->phase, phases, fault) : st;
	st = st == HUB_OK ? time_check("time", t->time, fault) : st;
	return st == HUB_OK ? details_check(t->details, t->detail_count, total, fault) : st;
}

static hub_status result_check(const hub_result *r, hub_fault *fault)
{
	static const char *const states[] = { "sent", "confirmed", "refused", NULL };
	const text_rule rules[] = { { "command", r->command, 1, ID_MAX },
				    { "reason", r->reason, 0, VALUE_MAX, true },
				    { NULL } };
	size_t total = 0;
	hub_status st = texts_check(rules, &total, fault);
	st = st == HUB_OK ? one_of("state", r->state, states, fault) : st;
	st = st == HUB_OK ? time_check("time", r->time, fault) : st;
	return st == HUB_OK ? details_check(r->details, r->detail_count, total, fault) : st;
}

static hub_status archive_check(const hub_archive *r, hub_fault *fault)
{
	const text_rule rules[] = { { "meter", r->meter, 1, METER_MAX },
				    { "channel", r->channel, 0, CHANNEL_MAX },
				    { "kind", r->kind, 1, ID_MAX },
				    { NULL } };
	size_t total = 0;
	hub_status st = texts_check(rules, &total, fault);
	st = st == HUB_OK ? time_check("time", r->time, fault) : st;
	return st == HUB_OK ? details_check(r->details, r->detail_count, total, fault) : st;
}

hub_status record_check(const hub_record *r, hub_fault *fault)
{
	switch (r->type) {
	case HUB_RECORD_READING:
		return reading_check(&r->reading, fault);
	case HUB_RECORD_EVENT:
		return event_check(&r->event, fault);
	case HUB_RECORD_TRANSACTION:
		return transaction_check(&r->transaction, fault);
	case HUB_RECORD_RESULT:
		return result_check(&r->result, fault);
	case HUB_RECORD_ARCHIVE:
		return archive_check(&r->archive, fault);
	case HUB_RECORD_FAULT:
		return HUB_OK;
	}
	return hub_fault_set(fault, "record.type", "type", "record type %d is unknown, 1 to 6 are allowed",
			     (int)r->type);
}
