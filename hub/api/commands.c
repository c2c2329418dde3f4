#include "api/commands.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

enum { VALID_FOR = 300 /* s */, ARGUMENTS_MAX = 16 };

static commands_caller caller_of(const request *r)
{
	return (commands_caller) { &r->caller, r->rules, r->person };
}

static hub_status refused(request *r, hub_status st, const hub_fault *fault)
{
	static const int codes[] = {
		[HUB_REJECT] = 400, [HUB_DENIED] = 403, [HUB_MISSING] = 404, [HUB_CONFLICT] = 409
	};
	bool problem = st == HUB_REJECT || st == HUB_DENIED || st == HUB_MISSING || st == HUB_CONFLICT;
	return problem && fault->code ? request_problem(r, codes[st], fault) : st;
}

static hub_status write(request *r, const command *c, bool with_steps)
{
	point *p;
	size_t count, step_count = 0;
	command_step *steps = NULL;
	hub_status st = point_by_ids(r->db, &c->point, 1, r->arena, &p, &count);
	if (st == HUB_OK && with_steps)
		st = command_steps(r->db, c->point, c->id, r->arena, &steps, &step_count);
	if (st == HUB_OK)
		commands_write(&r->body, c, count ? p->code : "", steps, step_count);
	return st;
}

static hub_status finish_one(request *r, int status, const command *c, bool with_steps)
{
	hub_status st = write(r, c, with_steps);
	buf_u8(&r->body, '\n');
	return st == HUB_OK ? request_finish(r, status, "") : st;
}

/* Of its party's commands a person sees those that it asked for or may order. */
static hub_status person_sees(request *r, const command *c, bool *ret)
{
	const commands_caller who = caller_of(r);
	hub_fault fault = { 0 };
	command same;
	hub_status st = commands_see(r->db, &who, c->id, r->arena, &same, &fault);
	*ret = st == HUB_OK;
	return st == HUB_MISSING ? HUB_OK : st;
}

static hub_status write_list(request *r, int status, const command *list, size_t count)
{
	hub_status st = HUB_OK;
	size_t shown = 0;
	buf_text(&r->body, "{\"commands\":[");
	for (size_t i = 0; st == HUB_OK && i < count; i++) {
		bool seen = true;
		st = r->person ? person_sees(r, &list[i], &seen) : HUB_OK;
		if (st != HUB_OK || !seen)
			continue;
		buf_text(&r->body, shown++ ? ",\n" : "\n");
		st = write(r, &list[i], false);
	}
	buf_text(&r->body, "]}\n");
	return st == HUB_OK ? request_finish(r, status, "") : st;
}

hub_status commands_answer(request *r, hub_status st, const hub_fault *fault, const command *list, size_t count)
{
	return st == HUB_OK ? write_list(r, 202, list, count) : refused(r, st, fault);
}

static const char *text_of(const json_t *body, const char *name)
{
	const char *text = json_string_value(json_object_get(body, name));
	return text ? text : "";
}

/* Who acts: the person that signed in, else whom the party's system names. */
static const char *person_of(const request *r, const json_t *body)
{
	return r->person ? r->person->login : text_of(body, "by");
}

/* "point": one, or "points": several; "arguments": texts. */
static hub_status read_wish(request *r, const json_t *body, commands_wish *w)
{
	const json_t *points = json_object_get(body, "points"), *arguments = json_object_get(body, "arguments");
	size_t count = json_is_array(points) ? json_array_size(points) : 1;
	const char **codes = arena_array(r->arena, count, sizeof *codes);
	hub_setting *pairs = arena_array(r->arena, ARGUMENTS_MAX, sizeof *pairs);
	const char *key, *expires = text_of(body, "expires");
	const json_t *value;
	if (!codes || !pairs)
		return HUB_NOMEM;
	for (size_t i = 0; i < count; i++)
		codes[i] =
		    json_is_array(points) ? json_string_value(json_array_get(points, i)) : text_of(body, "point");
	for (size_t i = 0; i < count; i++)
		if (!codes[i])
			return request_refuse(r, 400, "command.points", "points", "points is a list of texts");
	json_object_foreach ((json_t *)arguments, key, value) {
		if (!json_is_string(value) || w->argument_count == ARGUMENTS_MAX)
			return request_refuse(r, 400, "command.argument", "arguments", "arguments are at most %d texts",
					      ARGUMENTS_MAX);
		pairs[w->argument_count++] = (hub_setting) { key, json_string_value(value) };
	}
	w->expires = r->now + VALID_FOR * INT64_C(1000000);
	if (*expires && !clock_parse(expires, strlen(expires), &w->expires))
		return request_refuse(r, 400, "call.time", "expires",
				      "'expires' is a time such as 2026-11-20T00:00:00Z");
	w->points = codes;
	w->point_count = count;
	w->arguments = pairs;
	w->kind = text_of(body, "kind");
	w->channel = text_of(body, "channel");
	w->reason = text_of(body, "reason");
	w->by = person_of(r, body);
	w->key = request_header(r, "idempotency-key");
	return HUB_OK;
}

static hub_status ask(request *r, const json_t *body)
{
	const commands_caller who = caller_of(r);
	commands_wish w = { 0 };
	hub_fault fault = { 0 };
	command *list = NULL;
	size_t count = 0;
	hub_status st = read_wish(r, body, &w);
	if (st != HUB_OK)
		return st;
	st = commands_ask(r->db, &who, &w, r->arena, &list, &count, &fault);
	return commands_answer(r, st, &fault, list, count);
}

hub_status commands_post(request *r)
{
	return request_run(r, ask);
}

static int64_t number(const request *r)
{
	uint64_t id = 0;
	return request_id(r->values[0], &id) ? (int64_t)id : 0;
}

hub_status command_get(request *r)
{
	const commands_caller who = caller_of(r);
	hub_fault fault = { 0 };
	command c;
	hub_status st = commands_see(r->db, &who, number(r), r->arena, &c, &fault);
	return st == HUB_OK ? finish_one(r, 200, &c, true) : refused(r, st, &fault);
}

static hub_status approve(request *r, const json_t *body)
{
	const commands_caller who = caller_of(r);
	hub_fault fault = { 0 };
	command c;
	hub_status st = commands_approve(r->db, &who, number(r), person_of(r, body), r->arena, &c, &fault);
	return st == HUB_OK ? finish_one(r, 200, &c, false) : refused(r, st, &fault);
}

static hub_status cancel(request *r, const json_t *body)
{
	const commands_caller who = caller_of(r);
	hub_fault fault = { 0 };
	command c;
	hub_status st = commands_cancel(r->db, &who, number(r), person_of(r, body), r->arena, &c, &fault);
	return st == HUB_OK ? finish_one(r, 200, &c, false) : refused(r, st, &fault);
}

hub_status command_approve_post(request *r)
{
	return request_run(r, approve);
}

hub_status command_cancel_post(request *r)
{
	return request_run(r, cancel);
}

/* Those the caller asked for; of a point it may command, everybody's. */
hub_status commands_get(request *r)
{
	const commands_caller who = caller_of(r);
	const char *code = request_query(r, "point"), *cursor = request_query(r, "cursor");
	command_filter f = { .requester = r->caller.id, .state = request_query(r, "state") };
	command *list;
	size_t count;
	point p;
	bool may = false;
	uint64_t limit, before = 0;
	hub_status st = request_number(r, "limit", 100, 1, 1000, &limit);
	if (st == HUB_OK && cursor && *cursor && !request_id(cursor, &before))
		return request_refuse(r, 400, "command.cursor", "cursor", "this cursor is not ours; begin without one");
	if (st == HUB_OK && code) {
		st = point_by_code(r->db, code, r->arena, &p);
		f.point = st == HUB_OK ? p.id : -1;
		if (st == HUB_OK)
			st = commands_may(r->db, &who, p.id, r->arena, &may);
		if (st == HUB_MISSING)
			st = HUB_OK;
	}
	f.requester = may ? 0 : f.requester;
	f.before = (int64_t)before;
	if (st == HUB_OK)
		st = command_list(r->db, &f, limit, r->arena, &list, &count);
	return st == HUB_OK ? write_list(r, 200, list, count) : st;
}
