#include "api/access.h"

#include "policy/authzen.h"

#include <string.h>

static bool text_equals(policy_text a, const char *b)
{
	return a.len == strlen(b) && !memcmp(a.p, b, a.len);
}

static bool same_uid(const policy_uid *a, const policy_uid *b)
{
	return a->type.len == b->type.len && a->id.len == b->id.len && !memcmp(a->type.p, b->type.p, a->type.len) &&
	       !memcmp(a->id.p, b->id.p, a->id.len);
}

static bool is_operator(const request *r)
{
	for (size_t i = 0; i < r->caller.role_count; i++)
		if (!strcmp(r->caller.roles[i], "operator"))
			return true;
	return false;
}

/* A party asks about itself; operators about anybody. */
static bool may_ask(const request *r, const authzen_question *q)
{
	return is_operator(r) || (text_equals(q->subject.uid.type, "Hub::Party") && text_equals(q->subject.uid.id, r->caller.code));
}

/* Of what the registry knows, its word counts and no property of the question. HUB_MISSING: it knows no such party. */
static hub_status party_entity(request *r, const party *p, policy_entity *ret)
{
	policy_uid *roles = arena_array(r->arena, p->role_count, sizeof *roles);
	policy_attr *kind = arena_alloc(r->arena, sizeof *kind);
	policy_value *text = arena_alloc(r->arena, sizeof *text);
	if (!roles || !kind || !text)
		return HUB_NOMEM;
	for (size_t i = 0; i < p->role_count; i++)
		roles[i] = (policy_uid){ policy_text_of("Hub::Role"), policy_text_of(p->roles[i]) };
	*text = (policy_value){ .kind = POLICY_STRING, .text = policy_text_of(p->kind) };
	*kind = (policy_attr){ policy_text_of("kind"), text };
	*ret = (policy_entity){ .uid = { policy_text_of("Hub::Party"), policy_text_of(p->code) }, .parents = roles,
				.parent_count = p->role_count, .attrs = kind, .attr_count = 1 };
	return HUB_OK;
}

/* As the registry writes codes; no code holds a NUL. */
static hub_status code_of(request *r, policy_text id, const char **ret)
{
	if (memchr(id.p, 0, id.len))
		return HUB_MISSING;
	*ret = arena_strndup(r->arena, id.p, id.len);
	return *ret ? HUB_OK : HUB_NOMEM;
}

static hub_status decide_point(request *r, const authzen_question *q, const party *subject, bool *ret_allow)
{
	point found;
	rights *set;
	const char *code, *action;
	hub_status st = code_of(r, q->resource.uid.id, &code);
	if (st == HUB_OK)
		st = code_of(r, q->action.id, &action);
	if (st == HUB_OK)
		st = point_by_code(r->db, code, r->arena, &found);
	if (st != HUB_OK)
		return st;
	rights_case about = request_case(r, action);
	about.caller = subject;
	st = rights_new(&about, &set);
	if (st == HUB_OK)
		st = rights_load(set, &found.id, 1);
	const rights_point *p = st == HUB_OK ? rights_of(set, found.id) : NULL;
	rights_ruling ruling = { 0 };
	if (p)
		st = rights_on(set, p, true, &ruling);
	*ret_allow = ruling.allowed;
	return st;
}

static hub_status decide_described(request *r, const authzen_question *q, const policy_entity *subject, bool *ret_allow)
{
	const policy_entity list[] = { *subject, q->resource };
	policy_entities *entities = NULL;
	policy_decision d;
	hub_fault fault;
	/* One entity is described once, by the subject; parties by the registry alone. */
	bool subject_only = text_equals(q->resource.uid.type, "Hub::Party") || same_uid(&subject->uid, &q->resource.uid);
	const policy_request question = { subject->uid, q->action, q->resource.uid, q->context };
	hub_status st = policy_entities_new(list, subject_only ? 1 : 2, &entities, &fault);
	if (st == HUB_OK)
		st = policy_decide(r->rules->set, entities, NULL, &question, r->arena, &d);
	policy_entities_free(entities);
	/* A policy that erred lacked an attribute of the question: no answer can be built on that. */
	if (st == HUB_OK)
		*ret_allow = d.allow && d.error_count == 0;
	return st;
}

static hub_status decide(request *r, const authzen_question *q, bool *ret_allow)
{
	party subject;
	policy_entity entity = q->subject;
	bool is_party = text_equals(q->subject.uid.type, "Hub::Party");
	bool is_point = text_equals(q->resource.uid.type, "Hub::Point");
	const char *code;
	hub_status st = code_of(r, q->subject.uid.id, &code);
	*ret_allow = false;
	if (st == HUB_OK && is_party)
		st = party_by_code(r->db, code, r->arena, &subject);
	if (st == HUB_OK && is_party)
		st = party_entity(r, &subject, &entity);
	if (st == HUB_OK && r->rules && is_point && is_party)
		st = decide_point(r, q, &subject, ret_allow);
	else if (st == HUB_OK && r->rules && !is_point)
		st = decide_described(r, q, &entity, ret_allow);
	/* Whom or what nobody knows nothing is permitted. */
	return st == HUB_MISSING || st == HUB_REJECT ? HUB_OK : st;
}

static hub_status answer_all(request *r, const authzen_call *call)
{
	hub_status st = HUB_OK;
	if (call->many)
		buf_text(&r->body, "{\"evaluations\":[");
	for (size_t i = 0; i < call->count; i++) {
		bool allow;
		st = decide(r, &call->questions[i], &allow);
		if (st != HUB_OK)
			return st;
		buf_printf(&r->body, "%s{\"decision\":%s}", i ? "," : "", allow ? "true" : "false");
		if (call->many && call->semantic == (allow ? AUTHZEN_PERMIT_FIRST : AUTHZEN_DENY_FIRST))
			break;
	}
	buf_text(&r->body, call->many ? "]}\n" : "\n");
	return request_finish(r, 200, "");
}

/* The caller finds its answer by its own id. */
static hub_status echo_id(request *r)
{
	const char *id = request_header(r, "x-request-id");
	wire_field *field = id ? arena_alloc(r->arena, sizeof *field) : NULL;
	if (!id)
		return HUB_OK;
	if (!field)
		return HUB_NOMEM;
	*field = (wire_field){ "x-request-id", id };
	r->reply->headers = field;
	r->reply->header_count = 1;
	return HUB_OK;
}

static hub_status evaluate(request *r, bool many)
{
	authzen_call call;
	hub_fault fault = { 0 };
	hub_status st = authzen_parse((const char *)r->call->body, r->call->body_len, "Hub", r->arena, &call, &fault);
	if (st == HUB_REJECT)
		return request_problem(r, 400, &fault);
	if (st != HUB_OK)
		return st;
	if (call.many && !many)
		return request_refuse(r, 400, "access.evaluations", "evaluations", "several questions go to /access/v1/evaluations");
	for (size_t i = 0; i < call.count; i++)
		if (!may_ask(r, &call.questions[i]))
			return request_refuse(r, 403, "access.subject", "subject",
					      "you may ask about yourself, Party %s; operators about anybody", r->caller.code);
	st = answer_all(r, &call);
	return st == HUB_OK ? echo_id(r) : st;
}

hub_status access_evaluation_post(request *r)
{
	return evaluate(r, false);
}

hub_status access_evaluations_post(request *r)
{
	return evaluate(r, true);
}
