#include "policy/schema_types.h"

#include <string.h>

enum { DEPTH = 64 }; /* common types that name one another */

const entity_type *schema_entity(const policy_schema *s, policy_text name)
{
	for (uint32_t i = 0; i < s->entities.count; i++) {
		const entity_type *e = s->entities.items[i];
		if (text_is(e->name, name))
			return e;
	}
	return NULL;
}

const action_type *schema_action(const policy_schema *s, const uid *u)
{
	for (uint32_t i = 0; i < s->actions.count; i++) {
		const action_type *a = s->actions.items[i];
		if (text_is(a->uid.id, u->id) && text_is(a->uid.type, u->type))
			return a;
	}
	return NULL;
}

const type_field *type_field_of(const type *record, policy_text name)
{
	for (uint32_t i = 0; i < record->field_count; i++)
		if (text_is(record->fields[i].name, name))
			return &record->fields[i];
	return NULL;
}

typedef struct resolver {
	policy_schema *s;
	parser *p;
} resolver;

static bool in_space(resolver *r, policy_text space, policy_text name, policy_text *ret)
{
	char *text = arena_printf(&r->s->a, "%.*s::%.*s", (int)space.len, space.p, (int)name.len, name.p);
	if (!text)
		lexer_nomem(&r->p->l);
	else
		*ret = policy_text_of(text);
	return text;
}

static const type *common(const policy_schema *s, policy_text name)
{
	for (uint32_t i = 0; i < s->commons.count; i++) {
		const common_type *c = s->commons.items[i];
		if (text_is(c->name, name))
			return c->type;
	}
	return NULL;
}

static bool builtin(policy_text name, type *ret)
{
	static const struct { const char *name; policy_kind kind; } kinds[] = {
		{ "Bool", POLICY_BOOL },         { "Long", POLICY_LONG },         { "String", POLICY_STRING },
		{ "decimal", POLICY_DECIMAL },   { "datetime", POLICY_DATETIME }, { "duration", POLICY_DURATION },
		{ "ipaddr", POLICY_IP },
	};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (text_is(name, policy_text_of(kinds[i].name))) {
			*ret = (type){ .kind = (uint8_t)kinds[i].kind };
			return true;
		}
	return false;
}

static bool resolve(resolver *r, type *t, unsigned depth);

/* A common type of this name, else an entity type. */
static bool find_named(resolver *r, type *t, policy_text name, unsigned depth, bool *ret_found)
{
	const type *c = common(r->s, name);
	*ret_found = true;
	if (c) {
		if (!resolve(r, (type *)c, depth + 1))
			return false;
		*t = *c;
		return true;
	}
	*ret_found = schema_entity(r->s, name);
	if (*ret_found)
		*t = (type){ .kind = POLICY_ENTITY, .name = name };
	return true;
}

static bool resolve_named(resolver *r, type *t, unsigned depth)
{
	type as_written = *t;
	policy_text whole;
	/* __cedar::T is the language's own, whatever the schema calls T. */
	bool found = false, own = text_is(as_written.space, policy_text_of("__cedar"));
	if (own && builtin(as_written.name, t))
		return true;
	if (as_written.space.len && (!in_space(r, as_written.space, as_written.name, &whole) ||
				     !find_named(r, t, whole, depth, &found)))
		return false;
	if (!found && !find_named(r, t, as_written.name, depth, &found))
		return false;
	if (found || builtin(as_written.name, t))
		return true;
	lexer_fail(&r->p->l, as_written.at, "there is no type %.*s", (int)as_written.name.len, as_written.name.p);
	return false;
}

static bool resolve(resolver *r, type *t, unsigned depth)
{
	if (depth > DEPTH) {
		lexer_fail(&r->p->l, t->at, "types that name themselves, or nest more than %d deep", DEPTH);
		return false;
	}
	if (t->done)
		return true;
	if (t->named && !resolve_named(r, t, depth))
		return false;
	if (t->kind == POLICY_SET && t->element && !resolve(r, (type *)t->element, depth + 1))
		return false;
	for (uint32_t i = 0; i < t->field_count; i++)
		if (!resolve(r, (type *)t->fields[i].type, depth + 1))
			return false;
	t->done = true;
	return true;
}

/* The names of entity types, made whole. */
static bool resolve_names(resolver *r, policy_text space, name_list *l, uint32_t at)
{
	for (uint32_t i = 0; i < l->count; i++) {
		policy_text whole;
		if (space.len && !in_space(r, space, l->names[i], &whole))
			return false;
		if (space.len && schema_entity(r->s, whole)) {
			l->names[i] = whole;
		} else if (!schema_entity(r->s, l->names[i])) {
			lexer_fail(&r->p->l, at, "there is no entity type %.*s", (int)l->names[i].len, l->names[i].p);
			return false;
		}
	}
	return true;
}

bool schema_resolve(policy_schema *s, parser *p)
{
	resolver r = { s, p };
	for (uint32_t i = 0; i < s->commons.count; i++)
		if (!resolve(&r, (type *)((const common_type *)s->commons.items[i])->type, 0))
			return false;
	for (uint32_t i = 0; i < s->entities.count; i++) {
		entity_type *e = (entity_type *)s->entities.items[i];
		if (!resolve_names(&r, e->space, &e->parents, e->at) || !resolve(&r, (type *)e->shape, 0) ||
		    (e->tags && !resolve(&r, (type *)e->tags, 0)))
			return false;
	}
	for (uint32_t i = 0; i < s->actions.count; i++) {
		action_type *a = (action_type *)s->actions.items[i];
		if (!resolve_names(&r, a->space, &a->principals, a->at) || !resolve_names(&r, a->space, &a->resources, a->at) ||
		    !resolve(&r, (type *)a->context, 0))
			return false;
		if (a->context->kind != POLICY_RECORD) {
			lexer_fail(&p->l, a->at, "a context is a record");
			return false;
		}
		for (uint32_t k = 0; k < a->parent_count; k++)
			if (!schema_action(s, a->parents[k])) {
				lexer_fail(&p->l, a->at, "there is no action %.*s", (int)a->parents[k]->id.len,
					   a->parents[k]->id.p);
				return false;
			}
	}
	return true;
}
