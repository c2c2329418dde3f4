/*
 * The RPC frames of OCPP-J 1.6, chapter 4: [2, id, action, payload], [3, id, payload],
 * [4, id, code, text, details]. A CALL of a station is answered once, and a CALL that comes again
 * (same id, same words) with the same answer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "ocpp16.h"

enum { CALL = 2, RESULT = 3, ERROR = 4, TEXT_MAX = 255 };

/* Once everything the message at hand said is kept; at once if it said nothing that is kept. */
static hub_status deliver(session *s, const char *text)
{
	const hub_host_api *api = s->in->api;
	hub_status st = s->index ? api->reply_after_store(s->link, s->mark + 1, (const uint8_t *)text, strlen(text))
				 : api->send(s->link, (const uint8_t *)text, strlen(text));
	s->mark += st == HUB_OK && s->index;
	return st;
}

/* Takes the message. */
static char *dump(json_t *message)
{
	char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
	json_decref(message);
	return text;
}

static hub_status refuse(session *s, const char *id, const violation *why)
{
	hub_fault fault;
	char text[TEXT_MAX + 1];
	snprintf(text, sizeof text, "%s%s%s", why->field, *why->field ? " " : "", why->rule);
	hub_fault_set(&fault, ocpp_error_code(why->error), "payload", "%s: %.200s; see the station's firmware",
		      ocpp_error_name(why->error), text);
	hub_status st = session_refuse(s, &fault);
	if (st != HUB_OK || !id)
		return st;
	char *out = dump(json_pack("[i s s s {}]", ERROR, id, ocpp_error_name(why->error), text));
	st = out ? deliver(s, out) : HUB_NOMEM;
	free(out);
	return st;
}

/* Stations repeat what they had no answer for, also over a new connection. */
static bool repeated(session *s, const char *id, uint64_t hash)
{
	return s->live && s->st->last_answer && s->st->last_hash == hash && !strcmp(s->st->last_id, id);
}

static hub_status remember(session *s, const char *id, uint64_t hash, char *answer)
{
	free(s->st->last_answer);
	s->st->last_answer = answer;
	s->st->last_hash = hash;
	snprintf(s->st->last_id, sizeof s->st->last_id, "%s", id);
	return HUB_OK;
}

static hub_status answer(session *s, const char *id, uint64_t hash, json_t *payload)
{
	char *text = dump(json_pack("[i s o]", RESULT, id, payload));
	if (!text)
		return HUB_NOMEM;
	hub_status st = deliver(s, text);
	if (st == HUB_OK && s->live && s->index)
		return remember(s, id, hash, text);
	free(text);
	return st;
}

static hub_status call(session *s, const json_t *frame)
{
	const char *id = json_string_value(json_array_get(frame, 1)),
		   *name = json_string_value(json_array_get(frame, 2));
	const json_t *payload = json_array_get(frame, 3);
	uint64_t hash = hash_text(0, s->raw, s->raw_len);
	violation why = { OCPP_FINE, "", "" };
	if (json_array_size(frame) != 4 || !name || !payload)
		return refuse(s, id, &(violation) { OCPP_FORMATION, "", "a CALL is [2, id, action, payload]" });
	if (repeated(s, id, hash))
		return s->in->api->send(s->link, (uint8_t *)s->st->last_answer, strlen(s->st->last_answer));
	const action *a = action_find(name);
	if (!a)
		return refuse(s, id, &(violation) { OCPP_NOT_IMPLEMENTED, "", "OCPP 1.6 has no such action" });
	if (!(a->sender & FROM_STATION))
		return refuse(s, id, &(violation) { OCPP_NOT_SUPPORTED, "", "is the central system's to ask" });
	if (!schema_check(payload, a->request, session_lenient(s), &why))
		return refuse(s, id, &why);
	json_t *ret = NULL;
	hub_status st = call_answer(s, a, payload, &ret, &why);
	if (st != HUB_OK)
		return st;
	return why.error == OCPP_FINE ? answer(s, id, hash, ret) : refuse(s, id, &why);
}

static hub_status take(session *s, const json_t *frame)
{
	const json_t *type = json_array_get(frame, 0);
	const char *id = json_string_value(json_array_get(frame, 1));
	if (!json_is_array(frame) || !json_is_integer(type))
		return refuse(
		    s, "-1", &(violation) { OCPP_FORMATION, "", "a message is a JSON list that begins with its type" });
	/* 4.1.3: what has another type is ignored. */
	json_int_t which = json_integer_value(type);
	if (which != CALL && which != RESULT && which != ERROR)
		return refuse(s, NULL, &(violation) { OCPP_FORMATION, "", "message types are 2, 3 and 4" });
	if (!id || !*id || json_string_length(json_array_get(frame, 1)) != strlen(id) || strlen(id) >= CALL_ID)
		return refuse(s,
			      which != CALL		      ? NULL
			      : id && *id && strlen(id) < 256 ? id
							      : "-1",
			      &(violation) { OCPP_FORMATION, "", "a message has an id of 1 to 36 characters" });
	if (which == CALL)
		return call(s, frame);
	if (which == RESULT && json_array_size(frame) == 3)
		return orders_answered(s, id, json_array_get(frame, 2));
	const char *code = json_string_value(json_array_get(frame, 2)),
		   *text = json_string_value(json_array_get(frame, 3));
	if (which == ERROR && code && json_array_size(frame) >= 3 && json_array_size(frame) <= 5)
		return orders_failed(s, id, code, text ? text : "");
	return refuse(s, NULL,
		      &(violation) { OCPP_FORMATION, "",
				     "a CALLRESULT is [3, id, payload], a CALLERROR "
				     "[4, id, code, text, details]" });
}

hub_status frame_take(session *s)
{
	json_error_t error;
	char rule[120];
	json_t *frame = json_loadb((const char *)s->raw, s->raw_len, JSON_REJECT_DUPLICATES, &error);
	if (!frame) {
		snprintf(rule, sizeof rule, "not JSON at column %d: %.60s", error.column, error.text);
		return refuse(s, "-1", &(violation) { OCPP_FORMATION, "", rule });
	}
	hub_status st = take(s, frame);
	json_decref(frame);
	return st;
}
