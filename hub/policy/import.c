#include "policy/import.h"

#include "policy/ext.h"
#include "policy/parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool import_refuse(importer *i, const tree *at, const char *fmt, ...)
{
	char why[160];
	va_list ap;
	if (i->status != HUB_OK)
		return false;
	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	i->status = tree_fault(i->text, at->at, i->fault, "policy.json", "%s", why);
	return false;
}

void *import_take(importer *i, size_t count, size_t size)
{
	void *p = arena_array(i->a, count, size);
	if (!p && i->status == HUB_OK)
		i->status = HUB_NOMEM;
	return p;
}

/* {"type": "A::B", "id": "x"} and nothing else. */
static bool import_uid_object(importer *i, const tree *j, policy_uid *ret)
{
	const tree *type = tree_get(j, "type"), *id = tree_get(j, "id");
	if (j->kind != TREE_OBJECT || !type || !id || type->kind != TREE_STRING || id->kind != TREE_STRING || j->count != 2)
		return import_refuse(i, j, "an entity is {\"type\": \"…\", \"id\": \"…\"} or \"Type::\\\"id\\\"\"");
	/* The type must be a path of names; the parser knows which. */
	char *quoted = import_take(i, type->text.len + 5, 1);
	if (!quoted)
		return false;
	memcpy(quoted, type->text.p, type->text.len);
	memcpy(quoted + type->text.len, "::\"\"", 4);
	policy_uid checked;
	hub_status st = parse_uid_text((policy_text){ quoted, type->text.len + 4 }, i->a, &checked, NULL);
	if (st == HUB_NOMEM) {
		i->status = st;
		return false;
	}
	if (st != HUB_OK || !text_is(checked.type, type->text))
		return import_refuse(i, type, "`%.*s` is no name of a type",
				     type->text.len > 60 ? 60 : (int)type->text.len, type->text.p);
	*ret = (policy_uid){ type->text, id->text };
	return true;
}

bool import_uid(importer *i, const tree *j, policy_uid *ret)
{
	const tree *inner = tree_get(j, "__entity");
	if (inner && j->count == 1)
		return import_uid(i, inner, ret);
	if (j->kind != TREE_STRING)
		return import_uid_object(i, j, ret);
	hub_status st = parse_uid_text(j->text, i->a, ret, NULL);
	if (st == HUB_NOMEM)
		i->status = st;
	return st == HUB_OK || import_refuse(i, j, "an entity is {\"type\": \"…\", \"id\": \"…\"} or \"Type::\\\"id\\\"\"");
}

static bool import_items(importer *i, const tree *j, const policy_value ***ret)
{
	const policy_value **items = import_take(i, j->count, sizeof *items);
	size_t n = 0;
	if (!items)
		return false;
	for (const tree *m = j->first; m; m = m->next)
		if (!import_value(i, m, &items[n++]))
			return false;
	*ret = items;
	return true;
}

/* An argument of an extension function as the program's values. */
static const value *argument(importer *i, const tree *j);

static const value *call_extension(importer *i, const tree *j)
{
	const tree *fn = tree_get(j, "fn"), *one = tree_get(j, "arg"), *many = tree_get(j, "args");
	const value *args[2];
	size_t n = 0;
	if (!fn || fn->kind != TREE_STRING || j->count != 2 || (!one && (!many || many->kind != TREE_ARRAY))) {
		import_refuse(i, j, "an extension value is {\"fn\": \"…\", \"arg\": …} or {\"fn\": \"…\", \"args\": […]}");
		return NULL;
	}
	const ext_function *f = ext_find(fn->text);
	if (!f || (one ? 1 : many->count) != f->argc) {
		import_refuse(i, fn, "no extension function `%.*s` takes so many arguments",
			      fn->text.len > 60 ? 60 : (int)fn->text.len, fn->text.p);
		return NULL;
	}
	for (const tree *m = one ? one : many->first; m && n < f->argc; m = one ? NULL : m->next, n++) {
		if (!(args[n] = argument(i, m)))
			return NULL;
		if (args[n]->kind != f->args[n]) {
			import_refuse(i, m, "%s takes a %s", f->name, value_kind_name(f->args[n]));
			return NULL;
		}
	}
	const char *why = NULL;
	const value *v = f->call(i->a, args, &why);
	if (!v && why)
		import_refuse(i, j, "%s: the argument %s", f->name, why);
	else if (!v && i->status == HUB_OK)
		i->status = HUB_NOMEM;
	return v;
}

static const value *argument(importer *i, const tree *j)
{
	const tree *inner = tree_get(j, "__extn");
	if (inner && j->count == 1)
		return call_extension(i, inner);
	const value *v = NULL;
	if (j->kind == TREE_STRING)
		v = value_text(i->a, j->text);
	else if (j->kind == TREE_INT)
		v = value_number(i->a, POLICY_LONG, j->number);
	else {
		import_refuse(i, j, "arguments of extension functions are strings, longs or extension values");
		return NULL;
	}
	if (!v && i->status == HUB_OK)
		i->status = HUB_NOMEM;
	return v;
}

static bool import_extension(importer *i, const tree *j, policy_value *to)
{
	const value *v = call_extension(i, j);
	if (!v)
		return false;
	to->kind = (policy_kind)v->kind;
	if (v->kind == POLICY_IP) {
		memcpy(to->ip.bytes, v->ip, sizeof to->ip.bytes);
		to->ip.prefix = v->prefix;
		to->ip.v6 = v->v6;
	} else if (v->kind == POLICY_BOOL) {
		to->boolean = v->boolean;
	} else {
		to->number = v->number;
	}
	return true;
}

static bool import_object(importer *i, const tree *j, policy_value *to)
{
	const tree *entity = tree_get(j, "__entity"), *extension = tree_get(j, "__extn");
	if (tree_get(j, "__expr"))
		return import_refuse(i, j, "__expr is no longer part of the format; use __entity or __extn");
	if (entity && j->count == 1) {
		to->kind = POLICY_ENTITY;
		return import_uid(i, entity, &to->entity);
	}
	if (extension && j->count == 1)
		return import_extension(i, extension, to);
	to->kind = POLICY_RECORD;
	return import_record(i, j, &to->record.attrs, &to->record.count);
}

bool import_record(importer *i, const tree *j, const policy_attr **ret, size_t *ret_count)
{
	if (j->kind != TREE_OBJECT)
		return import_refuse(i, j, "expected an object");
	policy_attr *attrs = import_take(i, j->count, sizeof *attrs);
	size_t n = 0;
	if (!attrs)
		return false;
	for (const tree *m = j->first; m; m = m->next, n++) {
		attrs[n].name = m->name;
		if (!import_value(i, m, &attrs[n].value))
			return false;
	}
	*ret = attrs;
	*ret_count = n;
	return true;
}

/* Recursion is bounded by the reader's depth. */
bool import_value(importer *i, const tree *j, const policy_value **ret)
{
	policy_value *v = import_take(i, 1, sizeof *v);
	if (!v)
		return false;
	*ret = v;
	switch (j->kind) {
	case TREE_NULL:
		return import_refuse(i, j, "null is no value; leave the attribute out");
	case TREE_BOOL:
		v->kind = POLICY_BOOL;
		v->boolean = j->yes;
		return true;
	case TREE_INT:
		v->kind = POLICY_LONG;
		v->number = j->number;
		return true;
	case TREE_STRING:
		v->kind = POLICY_STRING;
		v->text = j->text;
		return true;
	case TREE_ARRAY: {
		const policy_value **items;
		v->kind = POLICY_SET;
		v->set.count = j->count;
		if (!import_items(i, j, &items))
			return false;
		v->set.items = items;
		return true;
	}
	case TREE_OBJECT:
		break;
	}
	return import_object(i, j, v);
}
