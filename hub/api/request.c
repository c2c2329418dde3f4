#include "api/request.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/sha.h>

#include "api/credential.h"
#include "api/login.h"
#include "base/clock.h"
#include "wire/problem.h"

hub_status request_problem(request *r, int status, const hub_fault *fault)
{
	hub_status st = problem_reply(status, fault, &r->call->head.trace, r->arena, r->reply);
	return st == HUB_OK ? HUB_REJECT : st;
}

hub_status request_refuse(request *r, int status, const char *code, const char *field, const char *fmt, ...)
{
	hub_fault fault = { code, field, "" };
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(fault.message, sizeof fault.message, fmt, ap);
	va_end(ap);
	return request_problem(r, status, &fault);
}

/* RFC 6750, 3: says how to ask. */
static hub_status unauthorized(request *r, const hub_fault *fault)
{
	hub_status st = request_problem(r, 401, fault);
	if (st != HUB_REJECT)
		return st;
	st = request_add_header(r, "www-authenticate", "Bearer");
	return st == HUB_OK ? HUB_DENIED : st;
}

static hub_status unshown(request *r, const char *text)
{
	hub_fault fault = { 0 };
	hub_fault_set(&fault, "call.token", "authorization", "%s", text);
	return unauthorized(r, &fault);
}

/* The word stands in the list, parted by spaces. */
static bool lists(const char *scopes, const char *word)
{
	size_t n = strlen(word);
	for (const char *p = scopes; (p = strstr(p, word)); p += n)
		if ((p == scopes || p[-1] == ' ') && (!p[n] || p[n] == ' '))
			return true;
	return false;
}

/* Which kinds of caller an operation has stands in its description. */
static hub_status admit(request *r)
{
	const route *to = r->route;
	if (r->scope && (!to->scope || !lists(r->scope, to->scope)))
		return request_refuse(r, 403, "call.scope", "scope", "the person did not let this app do that");
	if (r->person ? !r->scope && !to->person : !to->party)
		return request_refuse(r, 403, "call.kind", "", r->person ? "systems of parties do this, not people"
									 : "people do this, not systems of parties");
	return HUB_OK;
}

/* Cookies go along by themselves, so the page that asks is looked at. */
static hub_status by_session(request *r)
{
	hub_fault fault = { 0 };
	if (strcmp(r->call->method, "GET")) {
		hub_status st = login_own_page(r);
		if (st != HUB_OK)
			return st;
	}
	hub_status st = credential_session(r, request_header(r, "session"), &fault);
	return st == HUB_DENIED ? unauthorized(r, &fault) : st;
}

static hub_status identify(request *r);

hub_status request_authenticate(request *r)
{
	bool by_cookie = !r->call->authorization[0] && !r->call->cert_len && request_header(r, "session") &&
		       !strcmp(r->call->door, "public");
	hub_status st = by_cookie ? by_session(r) : identify(r);
	return st == HUB_OK ? admit(r) : st;
}

static hub_status identify(request *r)
{
	static const char scheme[] = "Bearer ";
	const char *given = r->call->authorization;
	credential shown = { .thumbprint = "" };
	party by_token;
	hub_fault fault = { 0 };
	hub_status st = credential_certificate(r, &shown, &fault);
	if (st == HUB_DENIED)
		return unauthorized(r, &fault);
	if (st != HUB_OK && st != HUB_MISSING)
		return st;
	bool certified = st == HUB_OK;
	if (!given[0] && !certified)
		return unshown(r, "a token is required: Authorization: Bearer TOKEN, from hubctl party token or /oauth2/token");
	if (given[0] && strncasecmp(given, scheme, sizeof scheme - 1))
		return unshown(r, "the scheme is Bearer");
	if (given[0])
		st = credential_token(r, given + sizeof scheme - 1, &shown, &by_token, &fault);
	if (st == HUB_DENIED)
		return unauthorized(r, &fault);
	/* The street has no party tokens: parties come by their own port, with their certificate. */
	if (st == HUB_OK && !r->person && !strcmp(r->call->door, "public"))
		return request_refuse(r, 403, "call.door", "authorization", "this port is for people and their apps; parties have "
				      "their own");
	if (st == HUB_OK && given[0] && certified && by_token.id != shown.caller.id)
		return request_refuse(r, 403, "call.two_callers", "authorization", "token and certificate name two parties; show "
				      "what belongs to one");
	if (st == HUB_OK)
		r->caller = given[0] ? by_token : shown.caller;
	return st;
}

hub_status request_behind_wall(request *r)
{
	bool operator_of_hub = false;
	for (size_t i = 0; i < r->caller.role_count; i++)
		operator_of_hub |= !strcmp(r->caller.roles[i], "operator");
	return store_as(r->db, r->caller.id, operator_of_hub);
}

hub_status request_as_core(request *r)
{
	return store_as(r->db, 0, false);
}

const char *request_query(const request *r, const char *name)
{
	for (size_t i = 0; i < r->call->query_count; i++)
		if (!strcmp(r->call->query[i].name, name))
			return r->call->query[i].value;
	return NULL;
}

const char *request_header(const request *r, const char *name)
{
	for (size_t i = 0; i < r->call->header_count; i++)
		if (!strcmp(r->call->headers[i].name, name))
			return r->call->headers[i].value;
	return NULL;
}

rights_case request_case(const request *r, const char *action)
{
	return (rights_case){ .db = r->db, .rules = r->rules, .caller = &r->caller, .who = r->person, .action = action, .now = r->now,
			      .purpose = request_query(r, "purpose"), .arena = r->arena };
}

bool request_id(const char *text, uint64_t *ret)
{
	size_t n = strlen(text);
	if (n == 0 || n > 18 || strspn(text, "0123456789") != n)
		return false;
	*ret = strtoull(text, NULL, 10);
	return true;
}

hub_status request_number(request *r, const char *name, uint64_t fallback, uint64_t min, uint64_t max, uint64_t *ret)
{
	const char *text = request_query(r, name);
	uint64_t v = fallback;
	if (text && (!request_id(text, &v) || v < min || v > max))
		return request_refuse(r, 400, "call.number", name, "'%.32s' is not a whole number from %llu to %llu", text,
				      (unsigned long long)min, (unsigned long long)max);
	*ret = v;
	return HUB_OK;
}

hub_status request_truth(request *r, const char *name, bool *ret)
{
	const char *text = request_query(r, name);
	*ret = text && !strcmp(text, "true");
	if (text && !*ret && strcmp(text, "false"))
		return request_refuse(r, 400, "call.truth", name, "'%.32s' is neither true nor false", text);
	return HUB_OK;
}

hub_status request_page_of(request *r, request_page *ret)
{
	hub_status st = request_number(r, "limit", 100, 1, 1000, &ret->limit);
	const char *cursor = request_query(r, "cursor");
	ret->after = 0;
	if (st == HUB_OK && cursor && cursor[0] && !request_id(cursor, &ret->after))
		return request_refuse(r, 400, "call.cursor", "cursor", "this cursor is not ours");
	return st;
}

hub_status request_finish_page(request *r, uint64_t next)
{
	buf_text(&r->body, "],\"cursor\":\"");
	if (next)
		buf_printf(&r->body, "%llu", (unsigned long long)next);
	buf_text(&r->body, "\"}\n");
	return request_finish(r, 200, "");
}

hub_status request_time(request *r, const char *name, hub_time fallback, hub_time *ret)
{
	const char *text = request_query(r, name);
	hub_time t = fallback;
	if (text && !clock_parse(text, strlen(text), &t))
		return request_refuse(r, 400, "call.time", name, "'%.40s' is not a time such as 2026-11-20T00:00:00Z", text);
	*ret = t;
	return HUB_OK;
}

hub_status request_finish(request *r, int status, const char *continuation)
{
	uint8_t *body = r->body.bad ? NULL : arena_memdup(r->arena, r->body.bytes, r->body.len);
	if (!body)
		return HUB_NOMEM;
	*r->reply = (wire_reply){ .status = status, .content_type = "application/json", .body = body,
				  .body_len = r->body.len, .continuation = continuation };
	return HUB_OK;
}

hub_status request_add_header(request *r, const char *name, const char *value)
{
	wire_reply *w = r->reply;
	wire_field *fields = arena_array(r->arena, w->header_count + 1, sizeof *fields);
	if (!fields)
		return HUB_NOMEM;
	if (w->header_count)
		memcpy(fields, w->headers, w->header_count * sizeof *fields);
	fields[w->header_count++] = (wire_field){ name, value };
	w->headers = fields;
	return HUB_OK;
}

const char *request_tag(request *r, const void *bytes, size_t len)
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA256(bytes, len, digest);
	buf b = { 0 };
	buf_u8(&b, '"');
	for (size_t i = 0; i < 12; i++)
		buf_printf(&b, "%02x", digest[i]);
	buf_u8(&b, '"');
	const char *tag = b.bad ? NULL : arena_strdup(r->arena, buf_cstr(&b));
	buf_fini(&b);
	return tag;
}

/* RFC 9110, 8.8.3: a list of tags, weak or not, or "*". */
static bool tag_listed(const char *list, const char *tag)
{
	const char *found = strstr(list, tag);
	return !strcmp(list, "*") || (found && (found == list || strchr("/, ", found[-1])));
}

hub_status request_finish_tagged(request *r, int status)
{
	const char *tag = r->body.bad ? NULL : request_tag(r, r->body.bytes, r->body.len);
	const char *had = request_header(r, "if-none-match");
	hub_status st = tag ? request_finish(r, status, "") : HUB_NOMEM;
	if (st == HUB_OK && had && tag_listed(had, tag))
		*r->reply = (wire_reply){ .status = 304, .content_type = "", .continuation = "" };
	return st == HUB_OK ? request_add_header(r, "etag", tag) : st;
}

hub_status request_finish_empty(request *r)
{
	*r->reply = (wire_reply){ .status = 204, .content_type = "", .continuation = "" };
	return HUB_OK;
}

hub_status request_match(request *r, const char *tag)
{
	const char *wanted = request_header(r, "if-match");
	if (!wanted || tag_listed(wanted, tag))
		return HUB_OK;
	return request_refuse(r, 412, "call.changed", "if-match", "it was changed meanwhile; GET it again");
}

hub_status request_object(request *r, json_t **ret)
{
	json_error_t error;
	*ret = NULL;
	json_t *root = r->call->body_len == 0 && r->route->body_optional ? json_object() :
		json_loadb((const char *)r->call->body, r->call->body_len, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		return request_refuse(r, 400, "call.json", "body", "line %d column %d: %.120s", error.line, error.column, error.text);
	if (json_is_object(root)) {
		*ret = root;
		return HUB_OK;
	}
	json_decref(root);
	return request_refuse(r, 400, "call.json", "body", "the body is a JSON object");
}

hub_status request_run(request *r, hub_status (*run)(request *r, const json_t *object))
{
	json_t *root;
	hub_status st = request_object(r, &root);
	if (st == HUB_OK)
		st = run(r, root);
	json_decref(root);
	return st;
}
