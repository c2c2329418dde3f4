#include "policy/operate.h"

#include <inttypes.h>

const value *run_get_attr(run *r, const op *at, const value *of, const key *k)
{
	const value *v = NULL;
	if (of->kind == POLICY_RECORD) {
		v = record_find(of, k->name, k->hash);
		return v ? v : run_missing(r, at, NULL, k->name, "attribute");
	}
	if (of->kind != POLICY_ENTITY)
		return run_wrong_type(r, at, "an entity or a record", of);
	const entity *e = run_find(r, of->entity);
	if (e)
		v = record_find(e->attrs, k->name, k->hash);
	return v ? v : run_missing(r, at, of->entity, k->name, "attribute");
}

static const value *get_tag(run *r, const op *at, const value *of, const value *name)
{
	if (of->kind != POLICY_ENTITY)
		return run_wrong_type(r, at, "an entity", of);
	if (name->kind != POLICY_STRING)
		return run_wrong_type(r, at, "a string", name);
	const entity *e = run_find(r, of->entity);
	const value *v = e ? record_find(e->tags, name->text, name->hash) : NULL;
	return v ? v : run_missing(r, at, of->entity, name->text, "tag");
}

static const value *arithmetic(run *r, const op *at, const value *a, const value *b)
{
	op_code code = (op_code)at->code;
	int64_t v;
	if (a->kind != POLICY_LONG || b->kind != POLICY_LONG)
		return run_wrong_type(r, at, "a long", a->kind != POLICY_LONG ? a : b);
	bool over = code == OP_ADD ? __builtin_add_overflow(a->number, b->number, &v) :
		    code == OP_SUB ? __builtin_sub_overflow(a->number, b->number, &v) :
				     __builtin_mul_overflow(a->number, b->number, &v);
	if (over)
		return run_fail(r, at, "%" PRId64 " %s %" PRId64 " overflows a long", a->number,
			    code == OP_ADD ? "+" : code == OP_SUB ? "-" : "*", b->number);
	const value *n = value_number(r->a, POLICY_LONG, v);
	return n ? n : run_nomem(r);
}

static const value *negate(run *r, const op *at, const value *v)
{
	if (v->kind != POLICY_LONG)
		return run_wrong_type(r, at, "a long", v);
	if (v->number == INT64_MIN)
		return run_fail(r, at, "-(%" PRId64 ") overflows a long", v->number);
	const value *n = value_number(r->a, POLICY_LONG, -v->number);
	return n ? n : run_nomem(r);
}

const value *run_value(run *r, const op *at, const value *a, const value *b)
{
	switch ((op_code)at->code) {
	case OP_COPY:
		return b;
	case OP_ATTR:
		return run_get_attr(r, at, a, at->p);
	case OP_NEG:
		return negate(r, at, a);
	case OP_GET_TAG:
		return get_tag(r, at, a, b);
	default:
		return arithmetic(r, at, a, b);
	}
}

static const value *call(run *r, const op *at, const node *n, const value **args)
{
	const ext_function *f = n->function;
	if (n->count != f->argc)
		return run_fail(r, at, "`%s` takes %u argument(s), not %u", f->name, f->argc - f->method, n->count - f->method);
	for (unsigned i = 0; i < f->argc; i++)
		if (args[i]->kind != f->args[i])
			return run_wrong_type(r, at, value_kind_name(f->args[i]), args[i]);
	const char *why = NULL;
	const value *v = f->call(r->a, args, &why);
	if (v)
		return v;
	if (!why)
		return run_nomem(r);
	if (args[0]->kind == POLICY_STRING)
		return run_fail(r, at, "%s: \"%.*s\" %s", f->name, RUN_SHOWN(args[0]->text), why);
	return run_fail(r, at, "%s %s", f->name, why);
}

static const value *make_record(run *r, const node *n, const value **items)
{
	attr *attrs = arena_array(r->a, n->count, sizeof *attrs);
	bool unique;
	for (uint32_t i = 0; attrs && i < n->count; i++)
		attrs[i] = (attr){ text_hash(n->names[i]), n->names[i], items[i] };
	return attrs ? value_record(r->a, attrs, n->count, &unique) : NULL;
}

const value *run_many(run *r, const op *at, const value **items)
{
	const many *m = at->p;
	if (at->code == OP_CALL)
		return call(r, at, m->node, items);
	const value *v = at->code == OP_SET ? value_set(r->a, items, m->count) : make_record(r, m->node, items);
	return v ? v : run_nomem(r);
}
