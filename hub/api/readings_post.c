#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "api/permit.h"
#include "api/readings.h"
#include "api/receipt.h"
#include "base/clock.h"
#include "base/decimal.h"
#include "model/batch.h"
#include "model/quantity.h"

static hub_status bad_member(hub_fault *fault, const char *field, const char *rule)
{
	return hub_fault_set(fault, "reading.json", field, "'%s' %s", field, rule);
}

static hub_status text_member(const json_t *o, const char *name, bool needed, arena *a, const char **ret, hub_fault *fault)
{
	const json_t *v = json_object_get(o, name);
	if (!v && !needed) {
		*ret = "";
		return HUB_OK;
	}
	if (!json_is_string(v))
		return bad_member(fault, name, "must be a string");
	*ret = arena_strdup(a, json_string_value(v));
	return *ret ? HUB_OK : HUB_NOMEM;
}

static hub_status time_member(const json_t *o, const char *name, hub_time *ret, hub_fault *fault)
{
	const json_t *v = json_object_get(o, name);
	*ret = 0;
	if (!v || json_is_null(v))
		return HUB_OK;
	if (!json_is_string(v) || !clock_parse(json_string_value(v), json_string_length(v), ret))
		return bad_member(fault, name, "must be a time such as 2026-11-20T00:00:00Z");
	return HUB_OK;
}

static hub_status flags_member(const json_t *o, uint32_t *ret, hub_fault *fault)
{
	const json_t *v = json_object_get(o, "flags"), *item;
	size_t i;
	*ret = 0;
	if (v && !json_is_array(v))
		return bad_member(fault, "flags", "must be an array of names");
	json_array_foreach(v, i, item) {
		unsigned bit = 0;
		const char *name = json_string_value(item);
		while (name && hub_flag_names[bit] && strcmp(hub_flag_names[bit], name))
			bit++;
		if (!name || !hub_flag_names[bit])
			return bad_member(fault, "flags", "has a name that is not in the list of flags");
		*ret |= 1u << bit;
	}
	return HUB_OK;
}

/* value is a decimal string: a JSON number would already have been rounded by somebody. */
static hub_status value_member(const json_t *o, hub_value *ret, hub_fault *fault)
{
	const json_t *v = json_object_get(o, "value");
	if (!json_is_string(v) || hub_value_parse(json_string_value(v), json_string_length(v), ret) != HUB_OK)
		return bad_member(fault, "value", "must be a decimal string of at most 18 digits after the point");
	return HUB_OK;
}

hub_status reading_parse(const json_t *o, arena *a, hub_reading *r, hub_fault *fault)
{
	const char *kind = NULL;
	hub_status st = json_is_object(o) ? HUB_OK : bad_member(fault, "reading", "must be an object");
	if (st == HUB_OK)
		st = text_member(o, "meter", true, a, &r->meter, fault);
	if (st == HUB_OK)
		st = text_member(o, "channel", false, a, &r->channel, fault);
	if (st == HUB_OK)
		st = text_member(o, "quantity", true, a, &r->quantity, fault);
	if (st == HUB_OK)
		st = text_member(o, "unit", true, a, &r->unit, fault);
	if (st == HUB_OK)
		st = text_member(o, "kind", true, a, &kind, fault);
	if (st == HUB_OK && !hub_kind_parse(kind, &r->kind))
		st = bad_member(fault, "kind", "must be register, interval, instant or state");
	if (st == HUB_OK)
		st = value_member(o, &r->value, fault);
	if (st == HUB_OK)
		st = time_member(o, "start", &r->start, fault);
	if (st == HUB_OK)
		st = time_member(o, "time", &r->time, fault);
	return st == HUB_OK ? flags_member(o, &r->flags, fault) : st;
}

/* A reading that cannot be understood is a refusal in its place, so its neighbours are stored. */
static hub_status record_of(request *r, const json_t *item, record *ret)
{
	hub_reading reading = { 0 };
	hub_fault fault = { 0 };
	char *raw = json_dumps(item, JSON_COMPACT | JSON_ENCODE_ANY);
	size_t len = raw ? strlen(raw) : 0;
	const uint8_t *kept = raw ? arena_memdup(r->arena, raw, len) : NULL;
	free(raw);
	if (!kept)
		return HUB_NOMEM;
	hub_status st = reading_parse(item, r->arena, &reading, &fault);
	if (st == HUB_NOMEM)
		return st;
	*ret = (record){ .peer = r->call->address, .received = r->now, .body = { .raw = kept, .raw_len = len } };
	if (st == HUB_OK) {
		ret->body.type = HUB_RECORD_READING;
		ret->body.reading = reading;
	} else {
		ret->body.type = HUB_RECORD_FAULT;
		ret->fault = fault;
	}
	return HUB_OK;
}

/* The key is the batch's identity: a repeat finds its first answer. */
static uint64_t epoch_of(const request *r)
{
	const char *key = request_header(r, "idempotency-key");
	uint8_t digest[SHA256_DIGEST_LENGTH];
	trace_id random = trace_new();
	if (key)
		SHA256((const uint8_t *)key, strlen(key), digest);
	else
		memcpy(digest, random.bytes, sizeof random.bytes);
	uint64_t epoch = 0;
	for (size_t i = 0; i < 8; i++)
		epoch = epoch << 8 | digest[i];
	return (epoch & INT64_MAX) | 1; /* 0 is the intake's own numbering */
}

static hub_status submit(request *r, const json_t *list)
{
	size_t count = json_array_size(list), i;
	json_t *item;
	batch b = { .id = { "api", epoch_of(r), 1 }, .trace = r->call->head.trace, .count = count };
	batch_answer answer;
	const intake_source source = { .party = r->caller.id, .numbered = true };
	b.records = arena_array(r->arena, count, sizeof *b.records);
	hub_status st = b.records ? HUB_OK : HUB_NOMEM;
	json_array_foreach(list, i, item) {
		if (st == HUB_OK)
			st = record_of(r, item, &b.records[i]);
	}
	SHA256(r->call->body, r->call->body_len, b.digest);
	/* The intake is the core's own work; what may be sent it decides itself. */
	if (st == HUB_OK)
		st = request_as_core(r);
	if (st == HUB_OK)
		st = intake_run(r->worker->intake, &source, &b, r->arena, &answer, NULL);
	hub_status back = request_behind_wall(r);
	if (back != HUB_OK)
		return back;
	if (st == HUB_CONFLICT)
		return request_refuse(r, 409, "call.idempotency", "idempotency-key",
				      "this idempotency-key came before with other content; use a new one");
	if (st != HUB_OK)
		return st;
	buf_u8(&r->body, '{');
	st = receipt_write(r, answer.receipt);
	buf_text(&r->body, "}\n");
	return st == HUB_OK ? request_finish(r, 202, "") : st;
}

hub_status readings_post(request *r)
{
	bool allowed = false;
	/* Who may have no receipt has no part in the exchange. */
	hub_status may = permit_item(r, "view", "receipt", r->caller.id, &allowed);
	if (may != HUB_OK || !allowed)
		return may != HUB_OK ? may : request_refuse(r, 403, "call.denied", "", "no policy lets you hand in readings");
	json_error_t error;
	json_t *body = json_loadb((const char *)r->call->body, r->call->body_len, 0, &error);
	const json_t *list = json_is_object(body) ? json_object_get(body, "readings") : body;
	size_t count = json_array_size(list);
	hub_status st;
	if (!body)
		st = request_refuse(r, 400, "call.json", "body", "line %d column %d: %.120s", error.line, error.column, error.text);
	else if (!json_is_array(list) || count == 0 || count > BATCH_RECORDS_MAX)
		st = request_refuse(r, 400, "readings.count", "readings", "send an array of 1 to %d readings", BATCH_RECORDS_MAX);
	else
		st = submit(r, list);
	json_decref(body);
	return st;
}
