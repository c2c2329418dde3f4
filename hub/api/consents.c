#include "api/consents.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "consent/grant.h"
#include "consent/text.h"

static hub_status unknown(request *r)
{
	return request_refuse(r, 404, "consent.unknown", "id", "there is no consent '%.32s' that you gave or were given", r->values[0]);
}

static hub_status finish(request *r, int status, const consent *c)
{
	consent_write(&r->body, c, r->now);
	buf_u8(&r->body, '\n');
	return request_finish_tagged(r, status);
}

/* Its number, if the caller is a side of it. HUB_MISSING: as if it were not there. */
static hub_status find(request *r, consent *ret)
{
	uint64_t id = 0;
	hub_status st = request_id(r->values[0], &id) ? consent_by_id(r->db, id, r->arena, ret) : HUB_MISSING;
	if (st == HUB_OK && ret->grantor != r->caller.id && ret->grantee != r->caller.id)
		st = HUB_MISSING;
	return st;
}

hub_status consent_get(request *r)
{
	consent c;
	hub_status st = find(r, &c);
	if (st == HUB_MISSING)
		return unknown(r);
	return st == HUB_OK ? finish(r, 200, &c) : st;
}

static hub_status read_filter(request *r, consent_filter *f)
{
	static const char *const roles[] = { "grantor", "grantee" };
	const char *role = request_query(r, "role"), *code = request_query(r, "point"), *active = request_query(r, "active");
	point p;
	if (!role)
		f->party = r->caller.id;
	else if (!strcmp(role, roles[0]))
		f->grantor = r->caller.id;
	else if (!strcmp(role, roles[1]))
		f->grantee = r->caller.id;
	else
		return request_refuse(r, 400, "call.word", "role", "role is grantor or grantee; both if absent");
	if (active && strcmp(active, "true") && strcmp(active, "false"))
		return request_refuse(r, 400, "call.word", "active", "active is true or false");
	f->active = active && !strcmp(active, "true");
	hub_status st = code ? point_by_code(r->db, code, r->arena, &p) : HUB_MISSING;
	f->point = st == HUB_OK ? p.id : code ? -1 : 0;
	return st == HUB_MISSING ? HUB_OK : st;
}

hub_status consents_get(request *r)
{
	consent_filter f = { 0 };
	consent *list;
	size_t count;
	uint64_t limit = 100, before = 0;
	const char *cursor = request_query(r, "cursor");
	hub_status st = read_filter(r, &f);
	if (st == HUB_OK)
		st = request_number(r, "limit", 100, 1, 1000, &limit);
	if (st == HUB_OK && cursor && cursor[0] && !request_id(cursor, &before))
		return request_refuse(r, 400, "consents.cursor", "cursor", "this cursor is not ours; begin without one");
	if (st == HUB_OK)
		st = consent_list(r->db, &f, before, limit, r->arena, &list, &count);
	if (st != HUB_OK)
		return st;
	buf_text(&r->body, "{\"consents\":[");
	for (size_t i = 0; i < count; i++) {
		buf_text(&r->body, i ? ",\n" : "\n");
		consent_write(&r->body, &list[i], r->now);
	}
	buf_text(&r->body, "],\"cursor\":\"");
	if (count == limit)
		buf_printf(&r->body, "%llu", (unsigned long long)list[count - 1].id);
	buf_text(&r->body, "\"}\n");
	return request_finish_tagged(r, 200);
}

/* What the policies say of the caller and its own point. HUB_REJECT after a problem. */
static hub_status may_consent(request *r, const char *code, int64_t *ret_point)
{
	const rights_case about = request_case(r, "consent");
	rights *set;
	point found;
	rights_ruling ruling = { 0 };
	hub_status st = point_by_code(r->db, code, r->arena, &found);
	if (st == HUB_OK)
		st = rights_new(&about, &set);
	if (st == HUB_OK)
		st = rights_load(set, &found.id, 1);
	const rights_point *p = st == HUB_OK ? rights_of(set, found.id) : NULL;
	if (p)
		st = rights_on(set, p, false, &ruling);
	if (st != HUB_OK && st != HUB_MISSING)
		return st;
	if (!ruling.allowed)
		return request_refuse(r, 403, "consent.grantor", "point", "you are no occupant of a point '%.64s', nor its owner while it stands "
				      "empty; only they decide on it", code);
	*ret_point = found.id;
	return HUB_OK;
}

/* A body's member as text, "" if absent; NULL: it is something else. */
static const char *text_of(const json_t *body, const char *name)
{
	const json_t *v = json_object_get(body, name);
	return !v || json_is_null(v) ? "" : json_string_value(v);
}

static bool time_of(const json_t *body, const char *name, hub_time *ret)
{
	const char *text = text_of(body, name);
	*ret = 0;
	return text && (!text[0] || clock_parse(text, strlen(text), ret));
}

static hub_status read_wish(request *r, const json_t *body, grant_wish *w)
{
	static const char *const texts[] = { "point", "grantee", "purpose", "granularity", "commodity" };
	static const char *const times[] = { "valid_from", "valid_to", "data_from", "data_to" };
	const char *given[5];
	hub_time *const at[] = { &w->valid_from, &w->valid_to, &w->data_from, &w->data_to };
	for (size_t i = 0; i < 5; i++) {
		given[i] = text_of(body, texts[i]);
		if (!given[i] || (i < 4 && !given[i][0]))
			return request_refuse(r, 400, "consent.member", texts[i], "'%s' is a text%s", texts[i],
					      i < 4 ? " and may not be left out" : "");
	}
	for (size_t i = 0; i < 4; i++)
		if (!time_of(body, times[i], at[i]))
			return request_refuse(r, 400, "call.time", times[i], "'%s' is a time such as 2026-11-20T00:00:00Z", times[i]);
	if (!consent_grain_parse(given[3], &w->grain))
		return request_refuse(r, 400, "consent.granularity", "granularity", "granularity is raw, 15min, hour, day or month");
	w->grantee = given[1];
	w->purpose = given[2];
	w->commodity = given[4];
	return may_consent(r, given[0], &w->point);
}

static hub_status grant(request *r, const json_t *body)
{
	consent c;
	bool repeated;
	hub_fault fault = { 0 };
	grant_wish w = { .grantor = r->caller.code, .by = r->caller.code, .key = request_header(r, "idempotency-key"),
			 .body = r->call->body, .body_len = r->call->body_len };
	hub_status st = read_wish(r, body, &w);
	if (st != HUB_OK)
		return st;
	st = grant_make(r->db, &w, r->now, r->arena, &c, &repeated, &fault);
	if (st == HUB_MISSING || st == HUB_CONFLICT || st == HUB_REJECT)
		return request_problem(r, st == HUB_MISSING ? 404 : st == HUB_CONFLICT ? 409 : 400, &fault);
	return st == HUB_OK ? finish(r, 201, &c) : st;
}

hub_status consents_post(request *r)
{
	return request_run(r, grant);
}

/* Only as it was seen, if the caller says so. */
static bool is_as_seen(request *r, const consent *c)
{
	const char *wanted = request_header(r, "if-match");
	buf b = { 0 };
	consent_write(&b, c, r->now);
	buf_u8(&b, '\n');
	const char *tag = b.bad ? NULL : request_tag(r, b.bytes, b.len);
	buf_fini(&b);
	return !wanted || !strcmp(wanted, "*") || (tag && strstr(wanted, tag));
}

/* The grantor takes back; the grantee may give up what it was given. */
hub_status consent_withdraw_post(request *r)
{
	consent c;
	hub_status st = find(r, &c);
	if (st == HUB_MISSING)
		return unknown(r);
	if (st == HUB_OK && !is_as_seen(r, &c))
		return request_refuse(r, 412, "call.changed", "if-match", "it changed meanwhile; look at it again");
	if (st == HUB_OK)
		st = grant_withdraw(r->db, c.id, r->caller.code, r->arena, &c);
	r->now = clock_now();
	return st == HUB_OK ? finish(r, 200, &c) : st;
}

static hub_status choose(request *r, const json_t *body)
{
	const char *code = text_of(body, "point");
	const json_t *out = json_object_get(body, "out");
	int64_t id;
	if (!code || !code[0] || !json_is_boolean(out))
		return request_refuse(r, 400, "consent.member", "out", "the body is {\"point\": CODE, \"out\": true or false}");
	hub_status st = may_consent(r, code, &id);
	if (st == HUB_OK)
		st = comparison_choose(r->db, id, r->caller.id, json_is_true(out));
	if (st != HUB_OK)
		return st;
	buf_text(&r->body, "{\"point\":");
	json_write_text(&r->body, code);
	buf_printf(&r->body, ",\"out\":%s}\n", json_is_true(out) ? "true" : "false");
	return request_finish(r, 200, "");
}

hub_status comparison_post(request *r)
{
	return request_run(r, choose);
}
