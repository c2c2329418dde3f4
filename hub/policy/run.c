#include "policy/run.h"

#include "policy/like.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { STACK = 64 };

static const value *fail(run *r, const node *at, const char *fmt, ...)
	__attribute__((cold, noinline, format(printf, 3, 4)));

/* Records the error; the text is built only now, so that success costs nothing. */
static const value *fail(run *r, const node *at, const char *fmt, ...)
{
	const policy_source *s = &r->set->sources[r->policy->source];
	uint32_t start = at ? at->start : r->policy->start;
	unsigned line, column;
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	source_position(*s, start, &line, &column);
	r->error = arena_printf(r->a, "%.*s:%u:%u: %s", (int)s->name.len, s->name.p, line, column, text);
	r->nomem |= !r->error;
	return NULL;
}

static const value *nomem(run *r)
{
	r->nomem = true;
	return NULL;
}

static const value *boolean(bool b)
{
	return b ? &value_true : &value_false;
}

static const value *wrong_type(run *r, const node *at, const char *want, const value *seen)
	__attribute__((cold, noinline));

static const value *wrong_type(run *r, const node *at, const char *want, const value *seen)
{
	buf b = { 0 };
	value_print(seen, 60, &b);
	const value *none = fail(r, at, "expected %s, got %s %s", want, value_kind_name(seen->kind), buf_cstr(&b));
	buf_fini(&b);
	return none;
}

#define SHOWN(t) ((t).len > 80 ? 80 : (int)(t).len), (t).p

static const value *missing(run *r, const node *at, const uid *u, policy_text name, const char *what)
	__attribute__((cold, noinline));

static const value *missing(run *r, const node *at, const uid *u, policy_text name, const char *what)
{
	if (!u)
		return fail(r, at, "the record has no %s `%.*s`", what, SHOWN(name));
	const entity *e = entities_find(r->extra, u);
	if (!e && !entities_find(r->entities, u))
		return fail(r, at, "entity %.*s::\"%.*s\" does not exist", SHOWN(u->type), SHOWN(u->id));
	return fail(r, at, "entity %.*s::\"%.*s\" has no %s `%.*s`", SHOWN(u->type), SHOWN(u->id), what, SHOWN(name));
}

static inline const entity *find(const run *r, const uid *u)
{
	for (int i = 0; i < 3; i++)
		if (u == r->vars[i].entity)
			return r->found[i];
	const entity *e = r->extra ? entities_find(r->extra, u) : NULL;
	return e ? e : entities_find(r->entities, u);
}

static inline const value *get_attr(run *r, const node *at, const value *of, const key *k)
{
	const value *v = NULL;
	if (of->kind == POLICY_RECORD) {
		v = record_find(of, k->name, k->hash);
		return v ? v : missing(r, at, NULL, k->name, "attribute");
	}
	if (of->kind != POLICY_ENTITY)
		return wrong_type(r, at, "an entity or a record", of);
	const entity *e = find(r, of->entity);
	if (e)
		v = record_find(e->attrs, k->name, k->hash);
	return v ? v : missing(r, at, of->entity, k->name, "attribute");
}

static const value *has_attr(run *r, const node *at, const value *of, const key *k)
{
	if (of->kind == POLICY_RECORD)
		return boolean(record_find(of, k->name, k->hash));
	if (of->kind != POLICY_ENTITY)
		return wrong_type(r, at, "an entity or a record", of);
	const entity *e = find(r, of->entity);
	return boolean(e && record_find(e->attrs, k->name, k->hash));
}

static const value *tag(run *r, const node *at, const value *of, const value *name, bool get)
{
	if (of->kind != POLICY_ENTITY)
		return wrong_type(r, at, "an entity", of);
	if (name->kind != POLICY_STRING)
		return wrong_type(r, at, "a string", name);
	const entity *e = find(r, of->entity);
	const value *v = e ? record_find(e->tags, name->text, name->hash) : NULL;
	if (!get)
		return boolean(v);
	return v ? v : missing(r, at, of->entity, name->text, "tag");
}

static bool line_of(run *r, const uid *u, lineage *ret)
{
	for (int i = 0; i < 3; i++)
		if (u == r->vars[i].entity) {
			*ret = r->lines[i];
			return true;
		}
	return lineage_of(r->entities, r->extra, u, r->a, ret);
}

static const value *is_in(run *r, const node *at, const value *child, const value *of)
{
	if (child->kind != POLICY_ENTITY)
		return wrong_type(r, at, "an entity before `in`", child);
	if (of->kind != POLICY_ENTITY && of->kind != POLICY_SET)
		return wrong_type(r, at, "an entity or a set of entities after `in`", of);
	for (size_t i = 0; of->kind == POLICY_SET && i < of->set.count; i++)
		if (of->set.items[i]->kind != POLICY_ENTITY)
			return wrong_type(r, at, "a set of entities after `in`", of->set.items[i]);
	lineage line;
	if (!line_of(r, child->entity, &line))
		return nomem(r);
	if (of->kind == POLICY_ENTITY)
		return boolean(uid_is(child->entity, of->entity) || lineage_has(&line, of->entity));
	for (size_t i = 0; i < of->set.count; i++)
		if (uid_is(child->entity, of->set.items[i]->entity) || lineage_has(&line, of->set.items[i]->entity))
			return &value_true;
	return &value_false;
}

static const value *order(run *r, const node *at, op_code code, const value *a, const value *b)
{
	bool ordered = a->kind == POLICY_LONG || a->kind == POLICY_DATETIME || a->kind == POLICY_DURATION;
	if (!ordered)
		return wrong_type(r, at, "a long, a datetime or a duration", a);
	if (a->kind != b->kind)
		return wrong_type(r, at, value_kind_name(a->kind), b);
	return boolean(code == OP_LT ? a->number < b->number : code == OP_LE ? a->number <= b->number :
		       code == OP_GT ? a->number > b->number : a->number >= b->number);
}

static const value *arithmetic(run *r, const node *at, op_code code, const value *a, const value *b)
{
	int64_t v;
	if (a->kind != POLICY_LONG || b->kind != POLICY_LONG)
		return wrong_type(r, at, "a long", a->kind != POLICY_LONG ? a : b);
	bool over = code == OP_ADD ? __builtin_add_overflow(a->number, b->number, &v) :
		    code == OP_SUB ? __builtin_sub_overflow(a->number, b->number, &v) :
				     __builtin_mul_overflow(a->number, b->number, &v);
	if (over)
		return fail(r, at, "%" PRId64 " %s %" PRId64 " overflows a long", a->number,
			    code == OP_ADD ? "+" : code == OP_SUB ? "-" : "*", b->number);
	const value *n = value_number(r->a, POLICY_LONG, v);
	return n ? n : nomem(r);
}

static const value *negate(run *r, const node *at, const value *v)
{
	if (v->kind != POLICY_LONG)
		return wrong_type(r, at, "a long", v);
	if (v->number == INT64_MIN)
		return fail(r, at, "-(%" PRId64 ") overflows a long", v->number);
	const value *n = value_number(r->a, POLICY_LONG, -v->number);
	return n ? n : nomem(r);
}

static const value *contains(run *r, const node *at, op_code code, const value *set, const value *of)
{
	if (set->kind != POLICY_SET)
		return wrong_type(r, at, "a set", set);
	if (code == OP_CONTAINS)
		return boolean(set_has(set, of));
	if (of->kind != POLICY_SET)
		return wrong_type(r, at, "a set", of);
	bool all = code == OP_CONTAINS_ALL;
	for (size_t i = 0; i < of->set.count; i++)
		if (set_has(set, of->set.items[i]) != all)
			return boolean(!all);
	return boolean(all);
}

static const value *make_set(run *r, const value *const *items, size_t count)
{
	const value **copy = arena_array(r->a, count, sizeof *copy);
	if (copy && count)
		memcpy(copy, items, count * sizeof *copy);
	const value *v = copy ? value_set(r->a, copy, count) : NULL;
	return v ? v : nomem(r);
}

static const value *make_record(run *r, const node *n, const value *const *items)
{
	attr *attrs = arena_array(r->a, n->count, sizeof *attrs);
	bool unique;
	for (uint32_t i = 0; attrs && i < n->count; i++)
		attrs[i] = (attr){ text_hash(n->names[i]), n->names[i], items[i] };
	const value *v = attrs ? value_record(r->a, attrs, n->count, &unique) : NULL;
	return v ? v : nomem(r);
}

static const value *call(run *r, const node *at, const ext_function *f, const value *const *args, uint32_t count)
{
	if (count != f->argc)
		return fail(r, at, "`%s` takes %u argument(s), not %u", f->name, f->argc - f->method, count - f->method);
	for (unsigned i = 0; i < f->argc; i++)
		if (args[i]->kind != f->args[i])
			return wrong_type(r, at, value_kind_name(f->args[i]), args[i]);
	const char *why = NULL;
	const value *v = f->call(r->a, args, &why);
	if (v)
		return v;
	if (!why)
		return nomem(r);
	if (args[0]->kind == POLICY_STRING)
		return fail(r, at, "%s: \"%.*s\" %s", f->name, SHOWN(args[0]->text), why);
	return fail(r, at, "%s %s", f->name, why);
}

/* True: go on with *ret as the program's answer so far; false: it erred. */
static inline bool test(run *r, const node *at, const value *v, bool *ret)
{
	if (__builtin_expect(v->kind != POLICY_BOOL, 0)) {
		wrong_type(r, at, "a boolean", v);
		return false;
	}
	*ret = v->boolean;
	return true;
}

static const value *path_value(run *r, const node *at, const path *p)
{
	const value *v = r->paths[p->slot];
	if (__builtin_expect(!v, 0)) {
		v = get_attr(r, at, &r->vars[p->var], &p->key);
		r->paths[p->slot] = v;
	}
	return v;
}

static const value *unary(run *r, const node *at, const op *o, const value *v)
{
	bool b;
	switch ((op_code)o->code) {
	case OP_ATTR:
		return get_attr(r, at, v, o->p);
	case OP_HAS:
		return has_attr(r, at, v, o->p);
	case OP_BOOL:
		return test(r, at, v, &b) ? v : NULL;
	case OP_NOT:
		return test(r, at, v, &b) ? boolean(!b) : NULL;
	case OP_NEG:
		return negate(r, at, v);
	case OP_IS_EMPTY:
		return v->kind == POLICY_SET ? boolean(!v->set.count) : wrong_type(r, at, "a set", v);
	case OP_LIKE: {
		const node *n = o->p;
		return v->kind == POLICY_STRING ? boolean(like_match(v->text, n->name, n->stars)) :
						  wrong_type(r, at, "a string", v);
	}
	default: {
		const key *k = o->p;
		return v->kind != POLICY_ENTITY ? wrong_type(r, at, "an entity", v) :
		       boolean(v->entity->type_hash == k->hash && text_is(v->entity->type, k->name));
	}
	}
}

static inline const value *binary(run *r, const node *at, op_code code, const value *a, const value *b)
{
	switch (code) {
	case OP_EQ:
		return boolean(value_is(a, b));
	case OP_NE:
		return boolean(!value_is(a, b));
	case OP_LT:
	case OP_LE:
	case OP_GT:
	case OP_GE:
		return order(r, at, code, a, b);
	case OP_IN:
		return is_in(r, at, a, b);
	case OP_CONTAINS:
	case OP_CONTAINS_ALL:
	case OP_CONTAINS_ANY:
		return contains(r, at, code, a, b);
	case OP_HAS_TAG:
	case OP_GET_TAG:
		return tag(r, at, a, b, code == OP_GET_TAG);
	default:
		return arithmetic(r, at, code, a, b);
	}
}

static const value *run_on(run *r, uint32_t from, const value **stack)
{
	const program *g = r->code;
	const op *ops = g->ops, *o = ops + from;
	const value **top = stack - 1, *v;
	bool b;
	for (;; o++) {
		const node *at = g->origins[o - ops];
		switch ((op_code)o->code) {
		case OP_END:
			return *top;
		case OP_CONST:
			*++top = o->p;
			break;
		case OP_VAR:
			*++top = &r->vars[o->n];
			break;
		case OP_PATH:
			if (!(v = path_value(r, at, o->p)))
				return NULL;
			*++top = v;
			break;
		case OP_AND:
		case OP_OR:
			if (!test(r, at, *top, &b))
				return NULL;
			if (b == (o->code == OP_OR))
				o = ops + o->n - 1;
			else
				top--;
			break;
		case OP_IF:
			if (!test(r, at, *top--, &b))
				return NULL;
			if (!b)
				o = ops + o->n - 1;
			break;
		case OP_JUMP:
			o = ops + o->n - 1;
			break;
		case OP_ATTR:
		case OP_HAS:
		case OP_BOOL:
		case OP_NOT:
		case OP_NEG:
		case OP_IS_EMPTY:
		case OP_LIKE:
		case OP_IS:
			if (!(v = unary(r, at, o, *top)))
				return NULL;
			*top = v;
			break;
		case OP_SET:
		case OP_RECORD:
		case OP_CALL: {
			const value **args = top + 1 - o->n;
			v = o->code == OP_SET    ? make_set(r, args, o->n) :
			    o->code == OP_RECORD ? make_record(r, o->p, args) :
						   call(r, at, o->p, args, o->n);
			if (!v)
				return NULL;
			top = args;
			*top = v;
			break;
		}
		default:
			if (!(v = binary(r, at, (op_code)o->code, top[-1], top[0])))
				return NULL;
			*--top = v;
			break;
		}
	}
}

const value *run_ops(run *r, uint32_t from, uint32_t stack)
{
	const value *small[STACK], **big;
	if (stack <= STACK)
		return run_on(r, from, small);
	big = arena_array(r->a, stack, sizeof *big);
	return big ? run_on(r, from, big) : nomem(r);
}

run_result run_policy(run *r, const policy *p)
{
	r->policy = p;
	const value *v = run_ops(r, p->code, p->stack);
	return !v ? RUN_ERROR : v->boolean ? RUN_TRUE : RUN_FALSE;
}

hub_status run_start(run *r, const policy_set *set, const policy_entities *entities, const policy_entities *extra,
		     const policy_request *request, const uid uids[3], arena *a)
{
	static const value empty = { .kind = POLICY_RECORD };
	const value *context = &empty;
	if (request->context) {
		if (request->context->kind != POLICY_RECORD)
			return HUB_REJECT;
		hub_status st = value_import(a, request->context, &context, NULL);
		if (st != HUB_OK)
			return st;
	}
	*r = (run){ .set = set, .code = &set->code, .entities = entities, .extra = extra, .a = a };
	r->vars[VAR_CONTEXT] = *context;
	for (int i = 0; i < 3; i++) {
		const entity *own = extra ? entities_find(extra, &uids[i]) : NULL;
		r->found[i] = own ? own : entities_find(entities, &uids[i]);
		r->vars[i] = (value){ .kind = POLICY_ENTITY, .entity = &uids[i] };
		if (extra) {
			if (!lineage_of(entities, extra, &uids[i], a, &r->lines[i]))
				return HUB_NOMEM;
		} else if (r->found[i]) {
			r->lines[i] = r->found[i]->ancestors;
		}
	}
	r->paths = arena_array(a, set->code.path_count, sizeof *r->paths);
	return r->paths ? HUB_OK : HUB_NOMEM;
}
