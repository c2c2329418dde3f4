#include "policy/schema_types.h"

#include "base/fail.h"

#include <stdlib.h>
#include <string.h>

typedef struct loader {
	policy_schema *s;
	parser p;
	policy_text space; /* the namespace being read, or empty */
} loader;

static void *take(loader *l, size_t size)
{
	void *p = arena_alloc(&l->s->a, size);
	if (!p)
		lexer_nomem(&l->p.l);
	return p;
}

static bool whole_name(loader *l, policy_text name, policy_text *ret)
{
	*ret = name;
	if (!l->space.len)
		return true;
	char *text = arena_printf(&l->s->a, "%.*s::%.*s", (int)l->space.len, l->space.p, (int)name.len, name.p);
	if (!text)
		lexer_nomem(&l->p.l);
	else
		*ret = policy_text_of(text);
	return text;
}

static bool skip_annotations(loader *l)
{
	policy_text text;
	while (lexer_take(&l->p.l, "@")) {
		if (l->p.l.now.kind != TOKEN_NAME)
			return lexer_expect(&l->p.l, "an annotation's name");
		lexer_step(&l->p.l);
		if (lexer_take(&l->p.l, "(") && (!parse_string(&l->p, &text) || !lexer_expect(&l->p.l, ")")))
			return false;
	}
	return true;
}

/* A, or [A, B, …]. */
static bool names(loader *l, name_list *ret)
{
	bool many = lexer_take(&l->p.l, "[");
	uint32_t cap = 0;
	while (!many || !token_is(&l->p.l, "]")) {
		if (ret->count == cap) {
			cap = cap ? cap * 2 : 4;
			policy_text *grown = take(l, cap * sizeof *grown);
			if (!grown)
				return false;
			if (ret->count)
				memcpy(grown, ret->names, ret->count * sizeof *grown);
			ret->names = grown;
		}
		if (!parse_path(&l->p, &ret->names[ret->count++]))
			return false;
		if (!many || !lexer_take(&l->p.l, ","))
			break;
	}
	return !many || lexer_expect(&l->p.l, "]");
}

static const type *read_type(loader *l);

static bool field_name(loader *l, policy_text *ret)
{
	if (l->p.l.now.kind == TOKEN_STRING)
		return parse_string(&l->p, ret);
	if (l->p.l.now.kind != TOKEN_NAME)
		return lexer_expect(&l->p.l, "an attribute's name");
	*ret = l->p.l.now.text;
	lexer_step(&l->p.l);
	return true;
}

static const type *read_record(loader *l)
{
	list found = { 0 };
	type *t = take(l, sizeof *t);
	if (!t || !lexer_expect(&l->p.l, "{"))
		return NULL;
	while (!token_is(&l->p.l, "}")) {
		type_field *f = take(l, sizeof *f);
		if (!f || !skip_annotations(l) || !field_name(l, &f->name))
			return NULL;
		f->optional = lexer_take(&l->p.l, "?");
		if (!lexer_expect(&l->p.l, ":") || !(f->type = read_type(l)) || !list_add(&l->p, &found, f))
			return NULL;
		if (!lexer_take(&l->p.l, ","))
			break;
	}
	type_field *fields = take(l, found.count * sizeof *fields);
	if (!fields || !lexer_expect(&l->p.l, "}"))
		return NULL;
	for (uint32_t i = 0; i < found.count; i++)
		fields[i] = *(const type_field *)found.items[i];
	*t = (type){ .kind = POLICY_RECORD, .fields = fields, .field_count = found.count };
	return t;
}

static const type *read_type(loader *l)
{
	const type *ret = NULL;
	if (l->p.depth >= AST_DEPTH) {
		lexer_fail(&l->p.l, l->p.l.now.start, "types nest at most %d deep", AST_DEPTH);
		return NULL;
	}
	l->p.depth++;
	type *t = take(l, sizeof *t);
	if (t && token_is(&l->p.l, "{")) {
		ret = read_record(l);
	} else if (t && token_is(&l->p.l, "Set") && next_is(&l->p.l, "<")) {
		lexer_step(&l->p.l);
		lexer_step(&l->p.l);
		t->kind = POLICY_SET;
		t->element = read_type(l);
		ret = t->element && lexer_expect(&l->p.l, ">") ? t : NULL;
	} else if (t) {
		t->named = true;
		t->at = l->p.l.now.start;
		t->space = l->space;
		if (token_is(&l->p.l, "__cedar") && next_is(&l->p.l, "::")) {
			lexer_step(&l->p.l);
			lexer_step(&l->p.l);
			t->space = policy_text_of("__cedar");
		}
		ret = parse_path(&l->p, &t->name) ? t : NULL;
	}
	l->p.depth--;
	return ret;
}

/* ["x", "y"], the only ids there are. */
static bool read_values(loader *l, list *ret)
{
	if (!lexer_expect(&l->p.l, "["))
		return false;
	while (l->p.l.now.kind == TOKEN_STRING) {
		policy_text *id = take(l, sizeof *id);
		if (!id || !parse_string(&l->p, id) || !list_add(&l->p, ret, id))
			return false;
		if (!lexer_take(&l->p.l, ","))
			break;
	}
	return lexer_expect(&l->p.l, "]");
}

/* entity A, B in [C] = { … } tags T; or entity A enum ["x"]; */
static bool read_entity(loader *l)
{
	name_list own = { 0 };
	entity_type shared = { .space = l->space, .at = l->p.l.now.start };
	policy_text text;
	do {
		policy_text *grown = take(l, (own.count + 1) * sizeof *grown);
		if (!grown)
			return false;
		if (own.count)
			memcpy(grown, own.names, own.count * sizeof *grown);
		own.names = grown;
		if (!field_name(l, &text) || !whole_name(l, text, &own.names[own.count++]))
			return false;
	} while (lexer_take(&l->p.l, ","));
	static const type empty = { .kind = POLICY_RECORD, .done = true };
	shared.shape = &empty;
	if (lexer_take(&l->p.l, "enum")) {
		if (!read_values(l, &shared.values))
			return false;
	} else {
		if (lexer_take(&l->p.l, "in") && !names(l, &shared.parents))
			return false;
		if ((lexer_take(&l->p.l, "=") || token_is(&l->p.l, "{")) && !(shared.shape = read_record(l)))
			return false;
		if (lexer_take(&l->p.l, "tags") && !(shared.tags = read_type(l)))
			return false;
	}
	for (uint32_t i = 0; i < own.count; i++) {
		entity_type *e = take(l, sizeof *e);
		if (!e)
			return false;
		*e = shared;
		e->name = own.names[i];
		if (schema_entity(l->s, e->name)) {
			lexer_fail(&l->p.l, e->at, "the entity type %.*s is declared twice", (int)e->name.len, e->name.p);
			return false;
		}
		if (!list_add(&l->p, &l->s->entities, e))
			return false;
	}
	return lexer_expect(&l->p.l, ";");
}

static bool action_uid(loader *l, policy_uid *ret)
{
	return field_name(l, &ret->id) && whole_name(l, policy_text_of("Action"), &ret->type);
}

/* "name", name, or Space::Action::"name". */
static bool action_parent(loader *l, list *found)
{
	policy_uid u;
	bool plain = l->p.l.now.kind == TOKEN_STRING || !next_is(&l->p.l, "::");
	const uid *parent;
	if (plain) {
		if (!action_uid(l, &u))
			return false;
		parent = uid_copy(&l->s->a, u);
		if (!parent)
			lexer_nomem(&l->p.l);
	} else {
		parent = parse_uid(&l->p);
	}
	return parent && list_add(&l->p, found, parent);
}

static bool applies_to(loader *l, action_type *a)
{
	if (!lexer_expect(&l->p.l, "{"))
		return false;
	a->applies = true;
	while (!token_is(&l->p.l, "}")) {
		bool principal = token_is(&l->p.l, "principal"), resource = token_is(&l->p.l, "resource");
		if (!principal && !resource && !token_is(&l->p.l, "context"))
			return lexer_expect(&l->p.l, "principal, resource or context");
		lexer_step(&l->p.l);
		if (!lexer_expect(&l->p.l, ":"))
			return false;
		if (principal || resource) {
			if (!names(l, principal ? &a->principals : &a->resources))
				return false;
		} else if (!(a->context = read_type(l))) {
			return false;
		}
		if (!lexer_take(&l->p.l, ","))
			break;
	}
	return lexer_expect(&l->p.l, "}");
}

static bool read_action(loader *l)
{
	static const type empty = { .kind = POLICY_RECORD, .done = true };
	action_type shared = { .space = l->space, .context = &empty, .at = l->p.l.now.start };
	list uids = { 0 }, parents = { 0 };
	do {
		policy_uid *u = take(l, sizeof *u);
		if (!u || !action_uid(l, u) || !list_add(&l->p, &uids, u))
			return false;
	} while (lexer_take(&l->p.l, ","));
	if (lexer_take(&l->p.l, "in")) {
		bool many = lexer_take(&l->p.l, "[");
		while (!many || !token_is(&l->p.l, "]"))
			if (!action_parent(l, &parents))
				return false;
			else if (!many || !lexer_take(&l->p.l, ","))
				break;
		if (many && !lexer_expect(&l->p.l, "]"))
			return false;
	}
	shared.parents = (const uid **)parents.items;
	shared.parent_count = parents.count;
	if (lexer_take(&l->p.l, "appliesTo") && !applies_to(l, &shared))
		return false;
	for (uint32_t i = 0; i < uids.count; i++) {
		action_type *a = take(l, sizeof *a);
		if (!a)
			return false;
		*a = shared;
		a->uid = *(const policy_uid *)uids.items[i];
		if (!list_add(&l->p, &l->s->actions, a))
			return false;
	}
	return lexer_expect(&l->p.l, ";");
}

static bool read_common(loader *l)
{
	policy_text name;
	common_type *c = take(l, sizeof *c);
	return c && field_name(l, &name) && whole_name(l, name, &c->name) && lexer_expect(&l->p.l, "=") &&
	       (c->type = read_type(l)) && list_add(&l->p, &l->s->commons, c) && lexer_expect(&l->p.l, ";");
}

static bool read_declaration(loader *l)
{
	if (!skip_annotations(l))
		return false;
	if (lexer_take(&l->p.l, "entity"))
		return read_entity(l);
	if (lexer_take(&l->p.l, "action"))
		return read_action(l);
	if (lexer_take(&l->p.l, "type"))
		return read_common(l);
	if (l->space.len || !lexer_take(&l->p.l, "namespace"))
		return lexer_expect(&l->p.l, "entity, action or type");
	if (!parse_path(&l->p, &l->space) || !lexer_expect(&l->p.l, "{"))
		return false;
	while (!token_is(&l->p.l, "}"))
		if (!read_declaration(l))
			return false;
	l->space = (policy_text){ 0 };
	return lexer_expect(&l->p.l, "}");
}

hub_status policy_schema_parse(const policy_source *source, policy_schema **ret, hub_fault *fault)
{
	policy_schema *s = fail_calloc(1, sizeof *s);
	if (!s)
		return HUB_NOMEM;
	arena_init(&s->a, 0);
	s->source.name = (policy_text){ arena_strndup(&s->a, source->name.p, source->name.len), source->name.len };
	s->source.text = (policy_text){ arena_strndup(&s->a, source->text.p, source->text.len), source->text.len };
	loader l = { .s = s, .p = { .a = &s->a } };
	hub_status st = s->source.name.p && s->source.text.p ? HUB_OK : HUB_NOMEM;
	if (st == HUB_OK) {
		lexer_start(&l.p.l, s->source, fault);
		while (!l.p.l.bad && l.p.l.now.kind != TOKEN_END && read_declaration(&l))
			;
		if (!l.p.l.bad)
			schema_resolve(s, &l.p);
		st = l.p.l.bad ? l.p.l.status : HUB_OK;
	}
	if (st == HUB_OK)
		*ret = s;
	else
		policy_schema_free(s);
	return st;
}

void policy_schema_free(policy_schema *s)
{
	if (!s)
		return;
	arena_fini(&s->a);
	free(s);
}
