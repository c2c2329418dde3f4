#include "policy/authzen.h"

#include "policy/import.h"
#include "policy/value.h"

#include <string.h>

/* The members of one question, its own or the defaults'. */
typedef struct parts {
	const tree *subject, *action, *resource, *context;
} parts;

typedef struct reader {
	importer i;
	const char *space;
} reader;

static bool text_member(reader *r, const tree *j, const char *of, const char *name, policy_text *ret)
{
	const tree *m = tree_get(j, name);
	if (!m || m->kind != TREE_STRING || m->text.len == 0)
		return import_refuse(&r->i, m ? m : j, "%s has no text `%s`", of, name);
	*ret = m->text;
	return true;
}

/* "Party" in the space; what has a space already stays. */
static bool whole_type(reader *r, policy_text type, policy_text *ret)
{
	if (!r->space[0] || memmem(type.p, type.len, "::", 2)) {
		*ret = type;
		return true;
	}
	size_t space = strlen(r->space);
	char *text = import_take(&r->i, space + 2 + type.len, 1);
	if (!text)
		return false;
	memcpy(text, r->space, space);
	memcpy(text + space, "::", 2);
	memcpy(text + space + 2, type.p, type.len);
	*ret = (policy_text){ text, space + 2 + type.len };
	return true;
}

static bool read_entity(reader *r, const tree *j, const char *of, policy_entity *ret)
{
	policy_text type;
	if (!text_member(r, j, of, "type", &type) || !text_member(r, j, of, "id", &ret->uid.id))
		return false;
	const tree *properties = tree_get(j, "properties");
	if (properties && properties->kind != TREE_OBJECT)
		return import_refuse(&r->i, properties, "properties are an object");
	return whole_type(r, type, &ret->uid.type) &&
	       (!properties || import_record(&r->i, properties, &ret->attrs, &ret->attr_count));
}

static bool read_question(reader *r, const tree *at, const parts *p, authzen_question *ret)
{
	if (!p->subject || !p->action || !p->resource)
		return import_refuse(&r->i, at, "a question has subject, action and resource; %s is missing",
				     !p->subject ? "subject" : !p->action ? "action" : "resource");
	if (p->context && p->context->kind != TREE_OBJECT)
		return import_refuse(&r->i, p->context, "a context is an object");
	return read_entity(r, p->subject, "a subject", &ret->subject) &&
	       read_entity(r, p->resource, "a resource", &ret->resource) &&
	       text_member(r, p->action, "an action", "name", &ret->action.id) &&
	       whole_type(r, policy_text_of("Action"), &ret->action.type) &&
	       (!p->context || import_value(&r->i, p->context, &ret->context));
}

static bool read_semantic(reader *r, const tree *j, authzen_semantic *ret)
{
	static const char *const names[] = { "execute_all", "deny_on_first_deny", "permit_on_first_permit" };
	const tree *m = tree_get(tree_get(j, "options"), "evaluations_semantic");
	if (!m)
		return true;
	for (size_t i = 0; m->kind == TREE_STRING && i < sizeof names / sizeof *names; i++)
		if (text_is(m->text, policy_text_of(names[i]))) {
			*ret = (authzen_semantic)i;
			return true;
		}
	return import_refuse(&r->i, m, "evaluations_semantic is execute_all, deny_on_first_deny or permit_on_first_permit");
}

static parts parts_of(const tree *j, const parts *defaults)
{
	const tree *s = tree_get(j, "subject"), *a = tree_get(j, "action"), *o = tree_get(j, "resource"),
		   *c = tree_get(j, "context");
	return (parts){ s ? s : defaults->subject, a ? a : defaults->action, o ? o : defaults->resource,
			c ? c : defaults->context };
}

static bool read_call(reader *r, const tree *j, authzen_call *ret)
{
	const parts none = { 0 }, whole = parts_of(j, &none);
	const tree *many = tree_get(j, "evaluations");
	if (many && many->kind != TREE_ARRAY)
		return import_refuse(&r->i, many, "evaluations are an array");
	if (many && many->count > AUTHZEN_EVALUATIONS_MAX)
		return import_refuse(&r->i, many, "at most %d evaluations at once", AUTHZEN_EVALUATIONS_MAX);
	/* Without any it is one question, says clause 7.1. */
	ret->many = many && many->count > 0;
	ret->questions = import_take(&r->i, ret->many ? many->count : 1, sizeof *ret->questions);
	if (!ret->questions || !read_semantic(r, j, &ret->semantic))
		return false;
	if (!ret->many)
		return read_question(r, j, &whole, &ret->questions[ret->count++]);
	for (const tree *m = many->first; m; m = m->next) {
		const parts own = parts_of(m, &whole);
		if (!read_question(r, m, &own, &ret->questions[ret->count++]))
			return false;
	}
	return true;
}

hub_status authzen_parse(const char *json, size_t len, const char *space, arena *a, authzen_call *ret, hub_fault *fault)
{
	const tree *j;
	authzen_call call = { 0 };
	hub_status st = tree_read(json, len, a, &j, fault);
	if (st != HUB_OK)
		return st;
	reader r = { .i = { .text = json, .a = a, .fault = fault }, .space = space };
	if (!read_call(&r, j, &call))
		return r.i.status;
	*ret = call;
	return HUB_OK;
}
