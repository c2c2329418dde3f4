#include "policy/schema_types.h"

#include "policy/set.h"

#include <string.h>

enum { GUARDS_MAX = 64 };

/* One kind of request that a policy may meet, and what is known on the way through its condition. */
typedef struct checker {
	const policy_schema *s;
	lexer l; /* for places and the first fault */
	arena a;
	const type *vars[4];
	const node *guards[GUARDS_MAX]; /* HAS nodes that hold here */
	uint32_t guard_count;
} checker;

#define SHOWN(t) ((t).len > 60 ? 60 : (int)(t).len), (t).p

static const type open_bool = { .kind = POLICY_BOOL }, yes = { .kind = POLICY_BOOL, .truth = TRUTH_YES },
		  no = { .kind = POLICY_BOOL, .truth = TRUTH_NO }, number = { .kind = POLICY_LONG }, anything = { .any = true };

static type *make(checker *c, type t)
{
	type *copy = arena_memdup(&c->a, &t, sizeof t);
	if (!copy)
		lexer_nomem(&c->l);
	return copy;
}

static const type *infer(checker *c, const node *n);

static const type *want(checker *c, const node *n, policy_kind kind)
{
	const type *t = infer(c, n);
	if (t && !t->any && t->kind != kind) {
		lexer_fail(&c->l, n->start, "expected %s, this is %s", value_kind_name((uint8_t)kind), value_kind_name(t->kind));
		return NULL;
	}
	return t;
}

/* An id that its type's list has, or any id where the type has no list. */
static bool known_value(checker *c, const entity_type *e, const uid *u, uint32_t at)
{
	bool found = e->values.count == 0;
	for (uint32_t i = 0; i < e->values.count && !found; i++)
		found = text_is(*(const policy_text *)e->values.items[i], u->id);
	if (!found)
		lexer_fail(&c->l, at, "the schema's %.*s has no \"%.*s\"", SHOWN(u->type), SHOWN(u->id));
	return found;
}

static bool known_uid(checker *c, const uid *u, uint32_t at)
{
	const entity_type *e = schema_entity(c->s, u->type);
	if (e)
		return known_value(c, e, u, at);
	if (schema_action(c->s, u))
		return true;
	lexer_fail(&c->l, at, "the schema has no entity type or action %.*s::\"%.*s\"", SHOWN(u->type), SHOWN(u->id));
	return false;
}

static const type *of_value(checker *c, const node *n, const value *v)
{
	if (v->kind == POLICY_BOOL)
		return v->boolean ? &yes : &no;
	if (v->kind == POLICY_ENTITY)
		return known_uid(c, v->entity, n->start) ?
			make(c, (type){ .kind = POLICY_ENTITY, .name = v->entity->type }) : NULL;
	return make(c, (type){ .kind = v->kind });
}

/* The same variable and attributes. */
static bool same_path(const node *a, const node *b)
{
	while (a->kind == NODE_ATTR && b->kind == NODE_ATTR && text_is(a->name, b->name)) {
		a = a->items[0];
		b = b->items[0];
	}
	return a->kind == NODE_VAR && b->kind == NODE_VAR && a->var == b->var;
}

static bool guarded(const checker *c, const node *n)
{
	for (uint32_t i = 0; i < c->guard_count; i++)
		if (text_is(c->guards[i]->name, n->name) && same_path(c->guards[i]->items[0], n->items[0]))
			return true;
	return false;
}

/* What a condition that held makes known. */
static void guard(checker *c, const node *n)
{
	if (n->kind == NODE_HAS && c->guard_count < GUARDS_MAX)
		c->guards[c->guard_count++] = n;
	for (uint32_t i = 0; n->kind == NODE_AND && i < n->count; i++)
		guard(c, n->items[i]);
}

/* *ret: the attribute, NULL if there is none; false: a fault is recorded. */
static bool find_field(checker *c, const node *n, const type *of, const type_field **ret)
{
	*ret = NULL;
	if (of->kind == POLICY_RECORD) {
		*ret = type_field_of(of, n->name);
	} else if (of->kind == POLICY_ENTITY) {
		const entity_type *e = schema_entity(c->s, of->name);
		*ret = e ? type_field_of(e->shape, n->name) : NULL;
	} else {
		lexer_fail(&c->l, n->start, "%s has no attributes", value_kind_name(of->kind));
		return false;
	}
	return true;
}

static const type *infer_attr(checker *c, const node *n)
{
	const type *of = infer(c, n->items[0]);
	const type_field *f;
	if (!of || of->any)
		return of;
	if (!find_field(c, n, of, &f))
		return NULL;
	if (!f) {
		lexer_fail(&c->l, n->start, "%.*s has no attribute `%.*s`", of->kind == POLICY_ENTITY ? (int)of->name.len : 10,
			   of->kind == POLICY_ENTITY ? of->name.p : "the record", SHOWN(n->name));
		return NULL;
	}
	if (f->optional && !guarded(c, n)) {
		lexer_fail(&c->l, n->start, "`%.*s` is optional; ask first with `has`", SHOWN(n->name));
		return NULL;
	}
	return f->type;
}

static const type *infer_has(checker *c, const node *n)
{
	const type *of = infer(c, n->items[0]);
	const type_field *f;
	if (!of || of->any)
		return of ? &open_bool : NULL;
	if (!find_field(c, n, of, &f))
		return NULL;
	/* An entity may be missing altogether, so what it must have may be missing too. */
	return !f ? &no : f->optional || of->kind == POLICY_ENTITY ? &open_bool : &yes;
}

static const type *infer_chain(checker *c, const node *n)
{
	bool all = n->kind == NODE_AND;
	uint32_t guards = c->guard_count;
	const type *ret = all ? &yes : &no;
	for (uint32_t i = 0; i < n->count; i++) {
		const type *t = want(c, n->items[i], POLICY_BOOL);
		if (!t)
			return NULL;
		/* What is never reached is never checked: `principal is A && principal.a` asks A alone. */
		if (t->truth == (all ? TRUTH_NO : TRUTH_YES)) {
			ret = t;
			break;
		}
		if (t->truth == TRUTH_OPEN)
			ret = &open_bool;
		if (all)
			guard(c, n->items[i]);
	}
	c->guard_count = guards;
	return ret;
}

static const type *infer_if(checker *c, const node *n)
{
	const type *test = want(c, n->items[0], POLICY_BOOL), *then = NULL, *otherwise = NULL;
	uint32_t guards = c->guard_count;
	if (!test)
		return NULL;
	if (test->truth != TRUTH_NO) {
		guard(c, n->items[0]);
		then = infer(c, n->items[1]);
		c->guard_count = guards;
		if (!then)
			return NULL;
	}
	if (test->truth != TRUTH_YES && !(otherwise = infer(c, n->items[2])))
		return NULL;
	if (!then || !otherwise)
		return then ? then : otherwise;
	if (!then->any && !otherwise->any && then->kind != otherwise->kind) {
		lexer_fail(&c->l, n->start, "one branch is %s, the other %s", value_kind_name(then->kind),
			   value_kind_name(otherwise->kind));
		return NULL;
	}
	return then->kind == POLICY_BOOL ? &open_bool : then->any ? otherwise : then;
}

/* Operands that may be compared: of one kind. */
static const type *infer_same(checker *c, const node *n, bool ordered)
{
	const type *a = infer(c, n->items[0]), *b = a ? infer(c, n->items[1]) : NULL;
	if (!a || !b)
		return NULL;
	if (ordered && !a->any && a->kind != POLICY_LONG && a->kind != POLICY_DATETIME && a->kind != POLICY_DURATION) {
		lexer_fail(&c->l, n->start, "%s has no order", value_kind_name(a->kind));
		return NULL;
	}
	if (!a->any && !b->any && a->kind != b->kind) {
		/* Literals of unlike types are known to differ; anything else is a mistake. */
		if (!ordered && n->items[0]->kind == NODE_CONST && n->items[1]->kind == NODE_CONST)
			return n->kind == NODE_EQ ? &no : &yes;
		lexer_fail(&c->l, n->start, "%s and %s never compare", value_kind_name(a->kind), value_kind_name(b->kind));
		return NULL;
	}
	return &open_bool;
}

static const type *infer_in(checker *c, const node *n)
{
	const type *b;
	if (!want(c, n->items[0], POLICY_ENTITY) || !(b = infer(c, n->items[1])))
		return NULL;
	if (b->kind == POLICY_SET && b->element)
		b = b->element;
	if (b->any || b->kind == POLICY_ENTITY)
		return &open_bool;
	lexer_fail(&c->l, n->start, "after `in` stands an entity or a set of them, this is %s", value_kind_name(b->kind));
	return NULL;
}

static const type *infer_tag(checker *c, const node *n)
{
	const type *of = want(c, n->items[0], POLICY_ENTITY);
	if (!of || !want(c, n->items[1], POLICY_STRING))
		return NULL;
	const entity_type *e = schema_entity(c->s, of->name);
	if (n->kind == NODE_HAS_TAG)
		return e && e->tags ? &open_bool : &no;
	if (e && e->tags)
		return e->tags;
	lexer_fail(&c->l, n->start, "%.*s has no tags", SHOWN(of->name));
	return NULL;
}

static const type *infer_items(checker *c, const node *n)
{
	type_field *fields = n->kind == NODE_RECORD ? arena_array(&c->a, n->count, sizeof *fields) : NULL;
	const type *element = &anything;
	if (n->kind == NODE_RECORD && !fields) {
		lexer_nomem(&c->l);
		return NULL;
	}
	for (uint32_t i = 0; i < n->count; i++) {
		const type *t = infer(c, n->items[i]);
		if (!t)
			return NULL;
		if (fields) {
			fields[i] = (type_field){ n->names[i], t, false };
		} else if (!element->any && !t->any && element->kind != t->kind) {
			lexer_fail(&c->l, n->items[i]->start, "a set holds one type; this is %s beside %s",
				   value_kind_name(t->kind), value_kind_name(element->kind));
			return NULL;
		} else {
			element = t;
		}
	}
	return fields ? make(c, (type){ .kind = POLICY_RECORD, .fields = fields, .field_count = n->count }) :
			make(c, (type){ .kind = POLICY_SET, .element = element });
}

static const type *infer_call(checker *c, const node *n)
{
	if (n->count != n->function->argc) {
		lexer_fail(&c->l, n->start, "`%s` takes %u argument(s), not %u", n->function->name,
			   n->function->argc - n->function->method, n->count - n->function->method);
		return NULL;
	}
	for (uint32_t i = 0; i < n->count; i++)
		if (!want(c, n->items[i], (policy_kind)n->function->args[i]))
			return NULL;
	return n->function->result == POLICY_BOOL ? &open_bool : make(c, (type){ .kind = n->function->result });
}

static const type *infer_is(checker *c, const node *n)
{
	const type *of = want(c, n->items[0], POLICY_ENTITY);
	if (!of)
		return NULL;
	if (!schema_entity(c->s, n->name)) {
		lexer_fail(&c->l, n->start, "the schema has no entity type %.*s", SHOWN(n->name));
		return NULL;
	}
	return of->any ? &open_bool : text_is(of->name, n->name) ? &yes : &no;
}

static const type *infer_sets(checker *c, const node *n)
{
	if (!want(c, n->items[0], POLICY_SET))
		return NULL;
	if (n->kind == NODE_CONTAINS)
		return infer(c, n->items[1]) ? &open_bool : NULL;
	return n->kind == NODE_IS_EMPTY || want(c, n->items[1], POLICY_SET) ? &open_bool : NULL;
}

static const type *infer_arithmetic(checker *c, const node *n)
{
	for (uint32_t i = 0; i < n->count; i++)
		if (!want(c, n->items[i], POLICY_LONG))
			return NULL;
	return &number;
}

static const type *infer(checker *c, const node *n)
{
	const type *t;
	switch ((node_kind)n->kind) {
	case NODE_CONST:
		return of_value(c, n, n->constant);
	case NODE_VAR:
		return c->vars[n->var];
	case NODE_IF:
		return infer_if(c, n);
	case NODE_AND:
	case NODE_OR:
		return infer_chain(c, n);
	case NODE_NOT:
		t = want(c, n->items[0], POLICY_BOOL);
		return !t ? NULL : t->truth == TRUTH_OPEN ? &open_bool : t->truth == TRUTH_YES ? &no : &yes;
	case NODE_EQ:
	case NODE_NE:
		return infer_same(c, n, false);
	case NODE_LT:
	case NODE_LE:
	case NODE_GT:
	case NODE_GE:
		return infer_same(c, n, true);
	case NODE_NEG:
	case NODE_ADD:
	case NODE_SUB:
	case NODE_MUL:
		return infer_arithmetic(c, n);
	case NODE_IN:
		return infer_in(c, n);
	case NODE_CONTAINS:
	case NODE_CONTAINS_ALL:
	case NODE_CONTAINS_ANY:
	case NODE_IS_EMPTY:
		return infer_sets(c, n);
	case NODE_HAS_TAG:
	case NODE_GET_TAG:
		return infer_tag(c, n);
	case NODE_ATTR:
		return infer_attr(c, n);
	case NODE_HAS:
		return infer_has(c, n);
	case NODE_LIKE:
		return want(c, n->items[0], POLICY_STRING) ? &open_bool : NULL;
	case NODE_IS:
		return infer_is(c, n);
	case NODE_SET:
	case NODE_RECORD:
		return infer_items(c, n);
	case NODE_CALL:
		return infer_call(c, n);
	}
	return NULL;
}

/* Whether an entity of type `child` may have `of` among its ancestors, or be it. */
static bool may_be_in(const policy_schema *s, policy_text child, policy_text of, unsigned depth)
{
	if (text_is(child, of))
		return true;
	const entity_type *e = depth < 32 ? schema_entity(s, child) : NULL;
	for (uint32_t i = 0; e && i < e->parents.count; i++)
		if (!text_is(e->parents.names[i], child) && may_be_in(s, e->parents.names[i], of, depth + 1))
			return true;
	return false;
}

static bool scope_admits(const policy_schema *s, const scope *own, policy_text name)
{
	if ((own->kind == SCOPE_IS || own->kind == SCOPE_IS_IN) && !text_is(own->type, name))
		return false;
	if (own->slot || own->kind == SCOPE_ANY || own->kind == SCOPE_IS)
		return true;
	return own->kind == SCOPE_EQ ? text_is(own->uids[0]->type, name) : may_be_in(s, name, own->uids[0]->type, 0);
}

static bool action_under(const policy_schema *s, const action_type *a, const uid *u, unsigned depth)
{
	if (text_is(a->uid.id, u->id) && text_is(a->uid.type, u->type))
		return true;
	for (uint32_t i = 0; depth < 32 && i < a->parent_count; i++) {
		const action_type *parent = schema_action(s, a->parents[i]);
		if (parent && action_under(s, parent, u, depth + 1))
			return true;
	}
	return false;
}

static bool scope_admits_action(const policy_schema *s, const scope *own, const action_type *a)
{
	bool met = own->kind == SCOPE_ANY;
	for (uint32_t i = 0; i < own->count && !met; i++)
		met = action_under(s, a, own->uids[i], own->kind == SCOPE_EQ ? 32 : 0);
	return met;
}

static bool check_scope_names(checker *c, const scope *own, bool action)
{
	for (uint32_t i = 0; !own->slot && i < own->count; i++) {
		const uid *u = own->uids[i];
		const entity_type *e = action ? NULL : schema_entity(c->s, u->type);
		if (e && !known_value(c, e, u, own->start))
			return false;
		if (e || (action && schema_action(c->s, u)))
			continue;
		lexer_fail(&c->l, own->start, "the schema has no %s %.*s::\"%.*s\"", action ? "action" : "entity type of",
			   SHOWN(u->type), SHOWN(u->id));
		return false;
	}
	if ((own->kind == SCOPE_IS || own->kind == SCOPE_IS_IN) && !schema_entity(c->s, own->type)) {
		lexer_fail(&c->l, own->start, "the schema has no entity type %.*s", SHOWN(own->type));
		return false;
	}
	return true;
}

static bool check_request(checker *c, const policy *p, const action_type *a, policy_text principal, policy_text resource)
{
	type vars[3] = { { .kind = POLICY_ENTITY, .name = principal },
			 { .kind = POLICY_ENTITY, .name = a->uid.type },
			 { .kind = POLICY_ENTITY, .name = resource } };
	for (int i = 0; i < 3; i++)
		c->vars[i] = &vars[i];
	c->vars[VAR_CONTEXT] = a->context;
	c->guard_count = 0;
	for (uint32_t i = 0; i < p->clause_count; i++) {
		const clause *k = &p->clauses[i];
		const type *t = want(c, k->body, POLICY_BOOL);
		if (!t)
			return false;
		if (t->truth == (k->unless ? TRUTH_YES : TRUTH_NO))
			return true;
		if (!k->unless)
			guard(c, k->body);
	}
	return true;
}

static bool check_policy(checker *c, const policy *p)
{
	size_t requests = 0;
	if (!check_scope_names(c, &p->principal, false) || !check_scope_names(c, &p->action, true) ||
	    !check_scope_names(c, &p->resource, false))
		return false;
	for (uint32_t i = 0; i < c->s->actions.count; i++) {
		const action_type *a = c->s->actions.items[i];
		if (!scope_admits_action(c->s, &p->action, a))
			continue;
		for (uint32_t k = 0; k < a->principals.count; k++)
			for (uint32_t m = 0; m < a->resources.count; m++) {
				if (!scope_admits(c->s, &p->principal, a->principals.names[k]) ||
				    !scope_admits(c->s, &p->resource, a->resources.names[m]))
					continue;
				requests++;
				if (!check_request(c, p, a, a->principals.names[k], a->resources.names[m]))
					return false;
			}
	}
	if (!requests)
		lexer_fail(&c->l, p->start, "by the schema this policy can never apply: no action fits its principal and resource");
	return requests;
}

hub_status policy_schema_check(const policy_schema *s, const policy_set *set, hub_fault *fault)
{
	hub_status st = HUB_OK;
	for (size_t i = 0; st == HUB_OK && i < set->count + set->template_count; i++) {
		const policy *p = i < set->count ? set->policies[i] : set->templates[i - set->count];
		checker c = { .s = s, .l = { .source = set->sources[p->source], .fault = fault } };
		arena_init(&c.a, 0);
		if (!check_policy(&c, p))
			st = c.l.status;
		arena_fini(&c.a);
	}
	if (st == HUB_REJECT && fault)
		fault->code = "policy.schema";
	return st;
}
